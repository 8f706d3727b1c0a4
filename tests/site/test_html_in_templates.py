"""HTML is written in templates: no string of the code contains a tag."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from jobboard.jinja2 import render_macro

# The opening or closing tag of an element, even if the rest of it is in another string; but not a named group of a
# regular expression, a path converter or an e-mail address in angle brackets.
TAG = re.compile(r"(?<!\?P)<(?:[a-z][a-z0-9]*(?:[\s/>]|$)|/)")


def docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the nodes that are docstrings or other expression statements."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def html_strings(source: str):
    """Yield (line, text) of each string that contains a tag."""
    tree = ast.parse(source)
    ignored = docstrings(tree)
    for node in ast.walk(tree):
        is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_string and id(node) not in ignored and TAG.search(node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize(
    "source",
    [
        'x = "<p>"',
        "x = f'<a href=\"{url}\">'",
        'x = f"<li>{item}</li>"',
        'x = f"{item}</li>"',
        'x = "<br/>"',
        'x = f"<option {state}>"',
        'x = "<svg"',
    ],
)
def test_string_with_a_tag_is_reported(source):
    assert list(html_strings(source))


@pytest.mark.parametrize(
    "source",
    [
        '"""Between <del> and <ins>."""',
        'path("<int:pk>-<slug:slug>/")',
        're.compile("(?P<name>a)(?<!b)")',
        'x = f"<{event}-{pk}@{host}>"',
        'x = "Jobboard <site@example.org>"',
        'x = "a < b"',
    ],
)
def test_string_without_a_tag_is_not_reported(source):
    assert not list(html_strings(source))


def test_python_code_contains_no_html():
    matches = []
    for package in ("jobboard", "careers", "offers"):
        for path in sorted(Path(settings.BASE_DIR, package).rglob("*.py")):
            # Migrations repeat old help texts.
            if "migrations" not in path.parts:
                matches += [f"{path}:{line}: {text}" for line, text in html_strings(path.read_text())]
    assert not matches, "\n".join(matches)


def test_macros_escape_their_arguments():
    html = render_macro("admin/columns.html", "link", "/?a=1&b=2", "<b>")
    assert html == '<a href="/?a=1&amp;b=2">&lt;b&gt;</a>'
