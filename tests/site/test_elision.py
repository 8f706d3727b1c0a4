"""Sentences need no elision (“d’Institut”) and no contraction (“du Mans”) before a name that the site does not know."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# In quotes a name needs no elision.
NAMES = r"(?:\w+\.)*(?:name|title|label|company|place|user|newcomer)"
# Before a name without quotes. Addresses are no names: “à anne@example.org” is right.
TEMPLATE = re.compile(rf"\b(?:de|que|à|si|jusque)(?:\s|&nbsp;|<[^>]*>)+{{{{ ?{NAMES}\b(?!\.)", re.IGNORECASE)
PYTHON = re.compile(rf"\b(?:de|que|à|si|jusque) {{{NAMES}}}", re.IGNORECASE)


@pytest.mark.parametrize("folder", ["templates", "offers", "jobboard", "careers"])
def test_no_name_follows_a_word_that_would_be_elided(folder):
    found = []
    for path in sorted((ROOT / folder).rglob("*")):
        # elision.py defines what a name after “de” is.
        if path.suffix in {".html", ".txt", ".py"} and not {"migrations", "elision.py"} & {*path.parts}:
            pattern = PYTHON if path.suffix == ".py" else TEMPLATE
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {match[0]!r}" for match in pattern.finditer(text)]
    assert not found, "\n".join(found)
