"""Templates and style sheets have lines of at most 160 characters, so that diffs are readable."""

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
