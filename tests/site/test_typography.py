"""French as a careful editor prints it, in everything that the code says: templates, names, helps, messages."""

import ast
import re
from pathlib import Path

from django.conf import settings

from careers import files

ROOMS = ("jobboard", "careers", "offers")
# What a printer would mark. A plain space before high punctuation lets it fall to the start of the next line.
MARKS = {
    "plain space before punctuation": re.compile(r" (?:[;?!»]|:(?![\w/]))"),
    "plain space after an opening quotation mark": re.compile("« "),
    "quotation mark without its space": re.compile(r"«[\w“]|\w»"),
    "straight apostrophe": re.compile(r"\b(?:[ldnsjmtc]|qu|jusqu|lorsqu|aujourd)'(?=[a-zà-ÿ])", re.IGNORECASE),
    "plain space before a percent sign or a currency": re.compile(r"\d (?:%|€|K€)"),
}


def marks(text: str) -> list[str]:
    return [name for name, pattern in MARKS.items() if pattern.search(text)]


def spoken(path: Path):
    """(line, text) of each string of a module that is no docstring and no pattern."""
    source = path.read_text()
    tree, lines = ast.parse(source), source.splitlines()
    silent = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            silent.add(id(body[0].value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            # Columns count bytes.
            start = lines[node.lineno - 1].encode()[node.col_offset :]
            if not start.startswith((b"r'", b'r"')):
                yield node.lineno, node.value


def printed(template: str):
    """What a template says: its text, and the words handed to others in quotation marks."""
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template, flags=re.DOTALL)
    tags = re.findall(r"\{[%{].*?[%}]\}", text)
    yield from re.sub(r"\{[%{].*?[%}]\}", "x", text).splitlines()
    for tag in tags:
        yield from (quoted for quoted in re.findall(r'"([^"]*)"', tag) if len(quoted) > 1)


def test_the_marks_find_what_they_are_for():
    assert marks("Vous recrutez ?")
    assert marks("Le titre « CTO\u00a0»")
    assert marks("L'offre")
    assert marks("100 % télétravail")
    assert not marks("Vous recrutez\u00a0? L’offre «\u00a0CTO\u00a0»\u00a0: https://exemple.fr/a:b")


def test_strings_of_the_code():
    found = []
    for room in ROOMS:
        # Migrations repeat what the models say, which a test of theirs holds.
        for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
            if "migrations" not in path.parts:
                found += [f"{path}:{line}: {mark}: {text}" for line, text in spoken(path) for mark in marks(text)]
    assert not found, "\n".join(found)


def test_templates():
    found = []
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.*")):
        for text in printed(path.read_text()):
            found += [f"{path}: {mark}: {text.strip()[:120]}" for mark in marks(text)]
    assert not found, "\n".join(found)


def test_profiles_that_come_with_the_site():
    found = []
    for path in sorted(files.CONTENT.glob("*.toml")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found += [f"{path}:{number}: {mark}: {line[:120]}" for mark in marks(line)]
    assert not found, "\n".join(found)
