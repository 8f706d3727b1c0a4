"""Markdown of recruiters: depth and size of its HTML are bounded, and random input gives only allowed markup."""

import random
import re
from html.parser import HTMLParser

import pytest

from jobboard.text import markdown
from jobboard.text.markdown import MAX_LENGTH, render

SEED = 20_261_201
RUNS = 600
VOID = {"br", "hr"}
# Depth by indentation: a list in the list of the line above takes two more spaces each time.
MAX_DEPTH = 2 * 150 + 2 * markdown.MAX_NESTING + 5
# Markup of the densest text: an item of a list, or a heading, for two characters.
MAX_SIZE = 16
ALLOWED_ATTRIBUTES = {"a": {"href", "rel"}}


class Outline(HTMLParser):
    """The depth, the tags and the attributes of some HTML. Fails on markup that is not allowed or not closed."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.open, self.depth = [], 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in markdown._TAGS
        assert {name for name, _ in attrs} <= ALLOWED_ATTRIBUTES.get(tag, set())
        for _, value in attrs:
            scheme = re.match(r"\s*([a-z][\w+.-]*):", value, re.IGNORECASE)
            assert not scheme or scheme[1].lower() in {"https", "http", "mailto"}
        if tag not in VOID:
            self.open.append(tag)
            self.depth = max(self.depth, len(self.open))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_bounded(text: str):
    html = render(text)
    assert Outline(html).depth <= MAX_DEPTH
    assert len(html) <= MAX_SIZE * min(len(text), MAX_LENGTH) + 200
    assert markdown._PLACEHOLDER not in html


@pytest.mark.parametrize(
    "text",
    [
        # Each of the first three took between ten and forty seconds.
        ">" * MAX_LENGTH,
        "- " * (MAX_LENGTH // 2),
        "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|b\n" * 9_000,
        "1. > " * 4_000,
        "> - \t> 1) " * 2_000,
        "> |a" * 9 + "\n> " + "|-" * 300 + "\n" + "> |b\n" * 3_800,
        "".join("  " * level + "- a\n" for level in range(140)),
        *("[" * MAX_LENGTH, "<" * MAX_LENGTH, "`" * MAX_LENGTH, "*_" * 10_000 + "a", "~~*" * 6_000, "\\" * MAX_LENGTH),
        *("-" * MAX_LENGTH, " " * MAX_LENGTH, "- " + " " * MAX_LENGTH, "-:|" * 6_000, "# a\n" * 5_000, "-\n" * 10_000),
        "[a](b" * 4_000,
        'name="csrfmiddlewaretoken" value="' * 850,
    ],
    ids=lambda text: text[:12],
)
def test_html_of_pathological_text_is_bounded(text):
    assert_bounded(text)


def test_text_beyond_the_longest_field_is_cut():
    assert "z" not in render("a" * MAX_LENGTH + "z")


def test_usual_nesting_and_tables_are_kept():
    assert render("> > - un\n> >   - deux").count("<blockquote>") == 2
    assert render("----------------").strip() == "<hr>"
    assert render("* * * * * * * * * * * * * * * *").strip() == "<hr>"
    row = "| a | b | c | d | e |\n"
    assert render(row + "|---|:--|--:|---|---|\n" + row * 400).count("<tr>") == 401
    assert render("1.2.3.4.5.6.7.8.9.10.11.12.13") == "<p>1.2.3.4.5.6.7.8.9.10.11.12.13</p>\n"


PIECES = [
    *(
        "# ",
        "- ",
        "* ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "  \n",
        "```",
        "`",
        "**",
        "_",
        "~~",
        "|",
        "|-|-|",
        "---",
    ),
    *(
        "[a](",
        ")",
        "![",
        "]",
        "[x]: ",
        "<",
        ">",
        "<a@b.fr>",
        "<https://a.fr>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?",
        "&lt;",
    ),
    *(
        "&#0;",
        "&#x202e;",
        "&colon;",
        "javascript:",
        "data:",
        "https://a.fr/",
        "\\",
        '"',
        "'",
        "(",
        "été",
        "👩‍💻",
        "\u202e",
    ),
    *("\ue000", "\x00", "\ufffd", "\ud7ff", "\u2028", "<script>", "</p>", '" onclick="x', " title='x'", "a", "mot "),
]


def test_random_and_mutated_text_gives_allowed_markup_only():
    rng = random.Random(SEED)
    corpus = ["# Titre\n\nUn **poste** :\n\n- un\n- [deux](https://a.fr)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"]
    for _ in range(RUNS):
        text = "".join(rng.choices(PIECES, k=rng.randrange(1, 60)))
        assert_bounded(text)
        mutated = list(rng.choice(corpus))
        for _ in range(rng.randrange(1, 12)):
            place = rng.randrange(len(mutated) + 1)
            mutated[place : place + rng.randrange(3)] = rng.choice(PIECES)
        assert_bounded("".join(mutated))
        corpus = [*corpus[-50:], "".join(mutated)[:2_000]]
