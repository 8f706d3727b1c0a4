"""Questions that an employer may not ask candidates (Code du travail, L1221-6 and L1132-1).

`rules` and the terms judge statements such as “moins de 35 ans”; the patterns of `data/questions.toml` judge what is
asked of the reader.
"""

import re
import tomllib
from pathlib import Path

from offers.moderation.wording.phrases import FoldedText
from offers.moderation.wording.rules import Problem

DATA = Path(__file__).resolve().parent.parent / "data" / "questions.toml"


def _load() -> list[tuple[dict, re.Pattern]]:
    """Return the tables of the file, each with its compiled alternatives."""
    data = tomllib.loads(DATA.read_text("utf-8"))
    compiled = []
    for question in data["questions"]:
        source = "|".join(question["alternatives"])
        for name, slot in data["slots"].items():
            source = source.replace(f"{{{name}}}", slot)
        compiled.append((question, re.compile(rf"(?<!\w)(?:{source})(?!\w)")))
    return compiled


_QUESTIONS = _load()


def find_problems(field: str, folded: FoldedText) -> list[Problem]:
    """Return a problem for the first match of each kind of question in `folded`, the text of `field`."""
    return [
        Problem(each["severity"], each["category"], field, each["message"], *folded.span(*match.span()))
        for each, expression in _QUESTIONS
        if (match := expression.search(folded.text))
    ]
