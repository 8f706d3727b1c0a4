"""Text pasted from Word, a PDF or a mail, rendered as Markdown."""

import random
import re
import time

import pytest

from jobboard.text.markdown import render
from jobboard.text.pasted import without_bullet


def shown(html: str) -> str:
    """Return the lines that a browser shows, with the signs of lists and bold text between “*”."""
    html = html.replace("<strong>", "*").replace("</strong>", "*").replace("<hr>", "---\n")
    numbers = iter(())
    lines = []
    for line in html.split("\n"):
        if start := re.match(r'<ol(?: start="(\d+)")?>', line):
            numbers = iter(range(int(start[1] or 1), 9999))
        elif line.startswith("<ul>"):
            numbers = iter(())
        if line.startswith("<li>"):
            line = f"{next(numbers, '-')}{'.' if 'ol' in html else ''} {line}".replace("-.", "-")
        if text := re.sub(r"<[^>]+>", "", line).strip():
            lines.append(text)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("pasted", "looks"),
    [
        ("2024. Création de l’équipe", "2024. Création de l’équipe"),
        ("2022. Première levée\n2024. Création", "2022. Première levée\n2024. Création"),
        ("1. Entretien\n2. Test\n3. Offre", "1. Entretien\n2. Test\n3. Offre"),
        (
            "1. Entretien\n\nUne heure.\n\n2. Test\n\nChez vous.\n\n3. Offre",
            "1. Entretien\nUne heure.\n2. Test\nChez vous.\n3. Offre",
        ),
        ("1) Entretien\n2) Test", "1) Entretien\n2) Test"),
        ("1. a\n\n1. b", "1. a\n1. b"),
        ("+ de 10 ans d’expérience\n+ un véhicule", "+ de 10 ans d’expérience\n+ un véhicule"),
        ("> 5 ans d’expérience", "&gt; 5 ans d’expérience"),
        ("Salaire : 45 à 55 k€ …\n-----\nLyon", "Salaire : 45 à 55 k€ …\n---\nLyon"),
        ("Le poste\n=====\nLyon", "Le poste\n---\nLyon"),
        ("Le poste\n--\nLyon", "Le poste\n--\nLyon"),
        ("~~~~~\nLyon", "---\nLyon"),
        ("**Python :**Django", "*Python :*Django"),
        ("**Vos missions : **", "*Vos missions :*"),
        ("mot**« x »**mot", "mot*« x »*mot"),
        ("__Vos missions : __", "*Vos missions :*"),
        ("2 ** 3 ** 4 et 5*8*2", "2 ** 3 ** 4 et 5*8*2"),
        ("__init__.py et snake_case_name", "__init__.py et snake_case_name"),
        (r"C:\Users\_dev\*.py", r"C:\Users\_dev\*.py"),
        (r"\\serveur\partage\_x", r"\\serveur\partage\_x"),
        ("• Java\n• Kotlin", "- Java\n- Kotlin"),
        ("•\tJava\n\to\tSpring\n•\tKotlin", "- Java\n- Spring\n- Kotlin"),
        ("– Java\n– Kotlin", "- Java\n- Kotlin"),
        ("·Java\n· Kotlin", "- Java\n- Kotlin"),
        ("\uf0b7\u00a0Java", "- Java"),
        ("-\u00a0Java\n-\u00a0Kotlin", "- Java\n- Kotlin"),
        ("Une ligne\nune autre\u2028une troisième\x0bla dernière", "Une ligne\nune autre\nune troisième\nla dernière"),
        ("     Aligné au milieu\n\tet plus loin", "Aligné au milieu\net plus loin"),
        ("[Site]: https://exemple.fr", "[Site]: https://exemple.fr"),
        ("```\nouvert", "```\nouvert"),
        ("~~~ Nos missions ~~~\nCoder", "~~~ Nos missions ~~~\nCoder"),
        ("- ~~~ Java\n- ```Kotlin\n\nFin", "- ~~~ Java\n- ```Kotlin\nFin"),
        (r"C:\outils\`make`", r"C:\outils\`make`"),
        (r"C:\outils\bin`make`", r"C:\outils\binmake"),
        (r"**\\serveur\<https://exemple.fr>**", r"*\\serveur\https://exemple.fr*"),
        ("١. Java", "١. Java"),
        ("- 1) Java\n- 2) Kotlin", "- 1) Java\n- 2) Kotlin"),
        ("- 2024. Création\n- 1. Java", "- 2024. Création\n- 1. Java"),
        ("- + de 10 ans\n- > 5 ans", "- + de 10 ans\n- &gt; 5 ans"),
        ("1. + de 10 ans", "1. + de 10 ans"),
        ("- Java\n1) Kotlin\n2) Go", "- Java\n1) Kotlin\n2) Go"),
        ("-Java\n-Kotlin", "- Java\n- Kotlin"),
        ("–Équipe\n—Projet", "- Équipe\n- Projet"),
        ("- Java\n-Kotlin", "- Java\n- Kotlin"),
        ("-Xmx512m", "-Xmx512m"),
        ("-5 °C\n-10 %", "-5 °C\n-10 %"),
        ("--verbose\n--help", "--verbose\n--help"),
        ("o\u00a0Java\no\u00a0\u00a0 Kotlin", "- Java\n- Kotlin"),
        ("o   Java\n§\u00a0\u00a0Kotlin", "- Java\n- Kotlin"),
        ("§\u00a03 du contrat", "§&nbsp;3 du contrat"),
        ("o Java", "o Java"),
    ],
)
def test_pasted_text_looks_as_it_did(pasted, looks):
    assert shown(render(pasted)) == looks


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("*italique* et _italique_", "<p><em>italique</em> et <em>italique</em></p>\n"),
        (r"\*pas gras\* et snake\_case", "<p>*pas gras* et snake_case</p>\n"),
        ("`__init__` et ``a_b``", "<p><code>__init__</code> et <code>a_b</code></p>\n"),
        ("```\n**a :**b\n1. x\n```", "<pre><code>**a :**b\n1. x\n</code></pre>\n"),
        ("1. a\n   - b\n2. c", "<ol>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ol>\n"),
        ("- a\n\n  suite", "<ul>\n<li>\n<p>a</p>\n<p>suite</p>\n</li>\n</ul>\n"),
        ("> citation", "<blockquote>\n<p>citation</p>\n</blockquote>\n"),
        (
            "Un [lien][1].\n\n[1]: https://exemple.fr",
            '<p>Un <a href="https://exemple.fr" rel="nofollow noopener">lien</a>.</p>\n',
        ),
        (
            "[a](https://exemple.fr/_b_**c:**d)",
            '<p><a href="https://exemple.fr/_b_**c:**d" rel="nofollow noopener">a</a></p>\n',
        ),
    ],
)
def test_markdown_is_still_markdown(markdown, html):
    assert render(markdown).replace("<br>\n", "<br>") == html


def test_number_after_a_list_is_a_paragraph_of_its_own():
    assert render("- Java\n1) Kotlin") == "<ul>\n<li>Java</li>\n</ul>\n<p>1) Kotlin</p>\n"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- Java", "Java"),
        ("•\u00a0Java", "Java"),
        ("-Java", "Java"),
        ("o\tJava", "Java"),
        ("o\u00a0Java", "Java"),
        ("Java - Kotlin", "Java - Kotlin"),
        ("-10 % de réunions", "-10 % de réunions"),
        ("1. Java", "1. Java"),
        ("", ""),
    ],
)
def test_bullet_is_removed_from_a_line(line, text):
    assert without_bullet(line) == text


def test_random_markup_raises_nothing_and_leaves_no_placeholder():
    rng = random.Random(2026)
    parts = [
        "**",
        "*",
        "_",
        "__",
        "`",
        "```",
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "a",
        "é",
        "1. ",
        "2. ",
        "- ",
        "• ",
        "> ",
    ]
    parts += [
        "#",
        "-----",
        "=",
        "|",
        "\\",
        "[x](",
        "https://a",
        ")",
        ":",
        "<",
        ">",
        "\ue000",
        "\ue001",
        "\u1680",
        "\u2028",
    ]
    for _ in range(1_000):
        html = render("".join(rng.choices(parts, k=rng.randint(1, 40))))
        assert not set(html) & set("\ue000\ue001\ue002\u1680")


@pytest.mark.parametrize(
    "text",
    [
        "_a" + " " * 20_000,
        "**a" + " " * 20_000,
        "_a " * 6_000,
        "".join("`" * count + " " for count in range(200)),
        "](" * 10_000,
        "\\a" * 10_000,
        "[a]:\n" * 4_000,
        "1. a\n" * 4_000,
    ],
)
def test_repeated_markup_takes_no_quadratic_time(text):
    start = time.process_time()
    render(text)
    assert time.process_time() - start < 3
