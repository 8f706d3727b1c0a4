"""Templates and style sheets can be read and compared line by line."""

from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 160


def test_no_line_is_longer_than_160_characters():
    files = chain((ROOT / "templates").rglob("*.*"), (ROOT / "static").rglob("*.css"))
    long = [
        f"{path.relative_to(ROOT)}:{index}: {len(line)} characters"
        for path in files
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert not long, "\n".join(long)
