"""Texts of templates on one line."""

import re

from jobboard.text.numbers import NBSP


def in_one_line(text: str) -> str:
    """Return `text` for a mail header: line breaks and control characters become spaces, no-break spaces stay."""
    return re.sub(r"[ \x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")


def colon(label: str) -> str:
    """Return the colon between a label and its text, which is empty after a question or a sentence."""
    return "" if label.endswith(("?", "!", ".", "…", ":")) else f"{NBSP}:"
