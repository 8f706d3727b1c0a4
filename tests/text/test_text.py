"""Search keys, Markdown, and numbers and dates in French."""

import datetime
import doctest

import pytest
from django.utils import timezone

from jobboard.text import keys
from jobboard.text.dates import ago, long_date
from jobboard.text.keys import search_key
from jobboard.text.markdown import render
from jobboard.text.numbers import euros, thousands


def test_doctests_of_search_key_pass():
    assert doctest.testmod(keys).failed == 0


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("  Œuvre   d’ÉTÉ ", "oeuvre d ete"),
        ("C#", "c#"),
        ("ASP.NET Core", "asp.net core"),
        ("R&D", "r d"),
        ("Développeur·se Vue.js.", "developpeur se vue.js"),
        ("snake_case", "snake case"),
        ("…", ""),
        ("", ""),
        ("Østergård Łukasz Đorđe Þór Straße Ísak Yıldız", "ostergard lukasz dorde thor strasse isak yildiz"),
        ("Sté\u00adpha\u200bnie", "stephanie"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ],
)
def test_search_key_is_normalized_and_idempotent(typed, key):
    assert search_key(typed) == key
    assert search_key(search_key(typed)) == key


def test_markdown_headings_start_at_level_three():
    assert render("# Un\n\n## Deux\n\n###### Six") == "<h3>Un</h3>\n<h4>Deux</h4>\n<h5>Six</h5>\n"
    assert render("## Deux\n\n# Un") == "<h3>Deux</h3>\n<h3>Un</h3>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "![x](https://example.org/suivi.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<https://example.org/\"onmouseover='x'>",
        '<a href="https://example.org" style="position:fixed">x</a>',
    ],
)
def test_markdown_contains_no_script_image_or_unsafe_link(text):
    html = render(text)
    assert not any(part in html.lower() for part in ("<script", "<img", 'href="javascript', 'href="data', "<a style"))
    assert ' onmouseover="' not in html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Voir [la page](javascript:alert(1)) ou [le site](https://a.fr).",
         'Voir la page ou <a href="https://a.fr" rel="nofollow noopener">le site</a>.'),
        ("[**gras**](data:text/html;x)", "<strong>gras</strong>"),
        ("[fichier](C:/Users/x.pdf)", "fichier"),
        ("Voici ![Notre équipe](https://a.fr/photo.png).", "Voici Notre équipe."),
        ('![5 < 6 "&"](x.png "titre")', "5 &lt; 6 \"&amp;\""),
        ("[![Logo](x.png)](https://a.fr)", '<a href="https://a.fr" rel="nofollow noopener">Logo</a>'),
        ("![](x.png)", ""),
        ("![**gras** et [lien](https://a.fr)](x.png)", "gras et lien"),
    ],
)  # fmt: skip
def test_refused_link_and_image_are_their_text(markdown, html):
    assert render(markdown) == f"<p>{html}</p>\n"


def test_markdown_escapes_html():
    assert render("a < b, <b>gras</b> & <i>") == "<p>a &lt; b, &lt;b&gt;gras&lt;/b&gt; &amp; &lt;i&gt;</p>\n"
    assert render("`<b>` et \\<b>") == "<p><code>&lt;b&gt;</code> et &lt;b&gt;</p>\n"
    assert render("```\n<div>\n```") == "<pre><code>&lt;div&gt;\n</code></pre>\n"
    assert "&lt;strong&gt;" in render("\\\\<strong>")
    # E-mail addresses between angle brackets are links.
    assert 'href="mailto:a@example.org"' in render("<a@example.org>")
    # Not an address although it contains “@”: as HTML, this comment would hide the following text.
    assert render("<!--a@b> suite") == "<p>&lt;!--a@b&gt; suite</p>\n"
    assert 'href="https://example.org/%3Cid%3E"' in render("[x](https://example.org/<id>)")
    assert render("~~sans~~ ~avec~") == "<p><del>sans</del> ~avec~</p>\n"


def test_markdown_links_are_nofollow_and_line_breaks_are_kept():
    assert render("[site](https://example.org)").count('rel="nofollow noopener"') == 1
    assert "<br>" in render("une ligne\nune autre")
    assert "<table>" in render("| a | b |\n|---|---|\n| 1 | 2 |")
    assert "style" not in render("| a |\n|:-:|\n| 1 |")


@pytest.mark.parametrize("link", ['[x](https://a.fr "titre")', "[x]\n\n[x]: https://a.fr 'titre'"])
def test_markdown_links_have_no_title(link):
    assert render(link) == '<p><a href="https://a.fr" rel="nofollow noopener">x</a></p>\n'


def test_numbers_have_french_separators():
    assert thousands(1234567) == "1\u202f234\u202f567"
    assert euros(45000) == "45\u202f000\u00a0€"
    assert thousands(None) == euros(None) == ""
    assert euros(0) == "0\u00a0€"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, "aujourd’hui"),
        (0, "aujourd’hui"),
        (1, "hier"),
        (2, "il y a 2\u00a0jours"),
        (30, "il y a 30\u00a0jours"),
        (31, "il y a 1\u00a0mois"),
        (200, "il y a 6\u00a0mois"),
        (364, "il y a 11\u00a0mois"),
    ],
)
def test_ago_of_days(days, expected):
    assert ago(timezone.localdate() - datetime.timedelta(days=days)) == expected


def test_dates_are_in_french_and_in_local_time():
    assert ago(datetime.date(2020, 1, 1)) == "le 1er\u00a0janvier 2020"
    assert long_date(datetime.date(2026, 11, 24)) == "24\u00a0novembre 2026"
    # Midnight UTC is already the next day in Paris.
    assert long_date(datetime.datetime(2026, 7, 31, 23, 0, tzinfo=datetime.UTC)) == "1er\u00a0août 2026"
    assert long_date(None) == ago(None) == ""
