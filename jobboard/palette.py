"""The colours of static/css/tokens.css, for what cannot load a style sheet: mails, and charts of the documentation."""

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
    """Return every token by its name without dashes, as in `palette("dark")["accent"]`: a CSS value without functions.

    Raise KeyError for a reference to a token that the file does not define.
    """
    tokens = {}
    for name, value in _TOKEN.findall(TOKENS.read_text(encoding="utf-8")):
        if pair := _PAIR.fullmatch(value):
            value = pair[1 if scheme == "light" else 2]
        tokens[name] = value
    return {name: _REFERENCE.sub(lambda match: tokens[match[1]], value) for name, value in tokens.items()}
