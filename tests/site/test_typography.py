"""French typography of all user-facing text: templates, verbose names, help texts and messages."""

import ast
import re
from pathlib import Path

from django.conf import settings

from careers import files

PACKAGES = ("jobboard", "careers", "offers")
# Typographical errors. A plain space before high punctuation allows a line break before it.
MARKS = {
    "plain space before punctuation": re.compile(r" (?:[;?!»]|:(?![\w/]))"),
    "plain space after an opening quotation mark": re.compile("« "),
    "quotation mark without its space": re.compile(r"«[\w“]|\w»"),
    "straight apostrophe": re.compile(r"\b(?:[ldnsjmtc]|qu|jusqu|lorsqu|aujourd)'(?=[a-zà-ÿ])", re.IGNORECASE),
    "plain space before a percent sign or a currency": re.compile(r"\d (?:%|€|K€)"),
}


def find_marks(text: str) -> list[str]:
    return [name for name, pattern in MARKS.items() if pattern.search(text)]


def iterate_strings(path: Path):
    """Yield (line, text) of each string of a module, except docstrings and raw strings."""
    source = path.read_text()
    tree, lines = ast.parse(source), source.splitlines()
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            docstrings.add(id(body[0].value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            # col_offset counts bytes.
            start = lines[node.lineno - 1].encode()[node.col_offset :]
            if not start.startswith((b"r'", b'r"')):
                yield node.lineno, node.value


def iterate_template_text(template: str):
    """Yield the lines of text of a template, and the quoted arguments of its tags."""
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template, flags=re.DOTALL)
    tags = re.findall(r"\{[%{].*?[%}]\}", text)
    yield from re.sub(r"\{[%{].*?[%}]\}", "x", text).splitlines()
    for tag in tags:
        yield from (quoted for quoted in re.findall(r'"([^"]*)"', tag) if len(quoted) > 1)


def test_marks_match_errors_and_no_correct_text():
    assert find_marks("Vous recrutez ?")
    assert find_marks("Le titre « CTO\u00a0»")
    assert find_marks("L'offre")
    assert find_marks("100 % télétravail")
    assert not find_marks("Vous recrutez\u00a0? L’offre «\u00a0CTO\u00a0»\u00a0: https://exemple.fr/a:b")


def test_strings_in_python_have_no_marks():
    errors = []
    for package in PACKAGES:
        # Migrations repeat the strings of the models.
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                errors += [
                    f"{path}:{line}: {mark}: {text}"
                    for line, text in iterate_strings(path)
                    for mark in find_marks(text)
                ]
    assert not errors, "\n".join(errors)


def test_templates_have_no_marks():
    errors = []
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.*")):
        for text in iterate_template_text(path.read_text()):
            errors += [f"{path}: {mark}: {text.strip()[:120]}" for mark in find_marks(text)]
    assert not errors, "\n".join(errors)


def test_shipped_role_profiles_have_no_marks():
    errors = []
    for path in sorted(files.CONTENT.glob("*.toml")):
        for line_number, line in enumerate(path.read_text().splitlines(), 1):
            errors += [f"{path}:{line_number}: {mark}: {line[:120]}" for mark in find_marks(line)]
    assert not errors, "\n".join(errors)


def test_dates_in_words_come_from_one_function():
    """Django's format writes “1 décembre”, `long_date` “1er décembre”."""
    paths = [path for package in PACKAGES for path in (settings.BASE_DIR / package).rglob("*.py")]
    paths += (settings.BASE_DIR / "templates").rglob("*.*")
    assert [str(path) for path in paths if re.search(r"date[:(].*[\"']j F", path.read_text())] == []
