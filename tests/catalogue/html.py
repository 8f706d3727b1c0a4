"""The text of a response."""

import re


def visible_text(response) -> str:
    """Return the text of a page without tags, scripts and styles, with all white space as single spaces."""
    html = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", html))
