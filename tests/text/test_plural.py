"""The French plural begins at 2, and is defined once."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import reverse

from jobboard.text.numbers import counted, plural
from tests.admin.staff import make_superuser
from tests.factories import make_report

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("count", "ending"), [(0, ""), (1, ""), (1.5, ""), (2, "s"), (1_000, "s"), (-1, ""), (-2, "s")]
)
def test_plural_begins_at_two(count, ending):
    assert plural(count) == ending


@pytest.mark.parametrize(
    ("endings", "singular", "several"), [("x", "", "x"), ("al,aux", "al", "aux"), (",nt", "", "nt")]
)
def test_endings(endings, singular, several):
    assert (plural(0, endings), plural(2, endings)) == (singular, several)
    template = Template("{% load text %}{{ count|plural:endings }}")
    assert template.render(Context({"count": 2, "endings": endings})) == several


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0\u00a0ligne effacée"), (1, "1\u00a0ligne effacée"), (1_200, "1\u202f200\u00a0lignes effacées")],
)
def test_count_with_a_noun(count, text):
    assert counted(count, "ligne effacée") == text


def test_admin_counts_no_row_in_the_singular(client, db):
    client.force_login(make_superuser())
    url = reverse("admin:moderation_report_changelist")
    for rows, text in ((0, "0 signalement"), (1, "1 signalement"), (2, "2 signalements")):
        page = client.get(url).content.decode().partition('class="paginator"')[2].partition("</p>")[0]
        assert page.split(">")[-1].split("<")[0].strip() == text, rows
        make_report(decision="", offer=None)


def test_no_other_definition():
    """Django’s `pluralize` writes “0 offres”."""
    pattern = re.compile(r"""\|pluralize|["']e?s["'] if \w+|> 1 %\}s\{%""")
    files = [*(ROOT / "templates").rglob("*.*")]
    files += [path for folder in ("offers", "jobboard", "careers") for path in (ROOT / folder).rglob("*.py")]
    found = [str(path) for path in files if pattern.search(path.read_text(encoding="utf-8"))]
    assert not found
