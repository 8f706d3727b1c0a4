"""Markdown of recruiters: depth and size of its HTML are bounded, and random input gives only allowed markup."""

import random

import pytest

from jobboard.text.markdown import MAX_LENGTH, render
from tests.fuzz.invariants import check_markdown
from tests.fuzz.pieces import PIECES

SEED = 20_261_201
RUNS = 600


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
        "[a]: /" + "&" * 1_000 + "\n\n" + "[a]" * 300,
        "[a]:\n/" + "é" * 1_000 + "\n\n" + "[a][]" * 3_000,
        "".join(f"[{i}]: /{'&' * 90}\n\n" for i in range(99)) + "".join(f"[{i % 99}] " for i in range(2_000)),
    ],
    ids=lambda text: text[:12],
)
def test_html_of_pathological_text_is_bounded(text):
    check_markdown(text)


def test_text_beyond_the_longest_field_is_cut():
    assert "z" not in render("a" * MAX_LENGTH + "z")


def test_url_that_is_repeated_too_often_is_shown_as_text():
    text = "[a]: https://exemple.fr/" + "b" * 1_000
    assert render(f"{text}\n\n[a][a]\n\n`x[0]: y`\n").count("<a ") == 1
    html = render(f"{text}\n\n" + "[a]\n" * 5 + "\n`x[0]: y`")
    assert "<a " not in html
    assert html.startswith("<p>" + text)
    assert "<code>x[0]: y</code>" in html


def test_usual_nesting_and_tables_are_kept():
    assert render("> > - un\n> >   - deux").count("<blockquote>") == 2
    assert render("----------------").strip() == "<hr>"
    assert render("* * * * * * * * * * * * * * * *").strip() == "<hr>"
    row = "| a | b | c | d | e |\n"
    assert render(row + "|---|:--|--:|---|---|\n" + row * 400).count("<tr>") == 401
    references = "".join(f"[{i}]: https://exemple.fr/emploi/{i}\n" for i in range(20))
    assert render("".join(f"[page][{i}]\n" for i in range(20)) + "\n" + references).count("<a ") == 20
    assert render("1.2.3.4.5.6.7.8.9.10.11.12.13") == "<p>1.2.3.4.5.6.7.8.9.10.11.12.13</p>\n"


def test_random_and_mutated_text_gives_allowed_markup_only():
    rng = random.Random(SEED)
    corpus = ["# Titre\n\nUn **poste** :\n\n- un\n- [deux](https://a.fr)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"]
    for _ in range(RUNS):
        text = "".join(rng.choices(PIECES, k=rng.randrange(1, 60)))
        check_markdown(text)
        mutated = list(rng.choice(corpus))
        for _ in range(rng.randrange(1, 12)):
            place = rng.randrange(len(mutated) + 1)
            mutated[place : place + rng.randrange(3)] = rng.choice(PIECES)
        check_markdown("".join(mutated))
        corpus = [*corpus[-50:], "".join(mutated)[:2_000]]
