"""Lines of templates and style sheets: their length, and comments that Django would print."""

from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LENGTH = 160


def test_no_line_is_longer_than_160_characters():
    files = chain((ROOT / "templates").rglob("*.*"), (ROOT / "static").rglob("*.css"))
    errors = [
        f"{path.relative_to(ROOT)}:{index}: {len(line)} characters"
        for path in files
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > MAX_LENGTH
    ]
    assert not errors, "\n".join(errors)


def test_comments_of_django_templates_end_on_their_line():
    """Django prints `{# … #}` with a line break inside; Jinja2 does not."""
    errors = [
        f"{path.relative_to(ROOT)}:{index}"
        for path in (ROOT / "templates").rglob("*.*")
        if "jinja2" not in path.parts
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.count("{#") != line.count("#}")
    ]
    assert not errors, "\n".join(errors)
