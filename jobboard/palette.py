"""The colours of static/css/tokens.css, for mails and charts of the documentation, which cannot load a style sheet."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

TOKENS = Path(__file__).resolve().parents[1] / "static/css/tokens.css"
_TOKEN = re.compile(r"^ +--([\w-]+): (.+);$", re.MULTILINE)
_PAIR = re.compile(r"light-dark\((.+?), (.+)\)")
_REFERENCE = re.compile(r"var\(--([\w-]+)\)")


@cache
def palette(scheme: Literal["light", "dark"]) -> dict[str, str]:
    """Return the CSS value of each token by its name without the leading dashes: `palette("dark")["accent"]`.

    Values contain no functions. Raise KeyError for a reference to an undefined token.
    """
    tokens = {}
    for name, value in _TOKEN.findall(TOKENS.read_text(encoding="utf-8")):
        if pair := _PAIR.fullmatch(value):
            value = pair[1 if scheme == "light" else 2]
        tokens[name] = value
    return {name: _REFERENCE.sub(lambda match: tokens[match[1]], value) for name, value in tokens.items()}
