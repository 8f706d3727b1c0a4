"""The text of a response."""

import re


def visible_text(response) -> str:
    """Return the text of a page without tags, scripts and styles, with all white space as single spaces."""
    html = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", html))


def offer_count(response) -> int:
    """Return the count in the heading of a list of offers."""
    heading = re.search(r'<h1 id="nombre"[^>]*>(.*?)</h1>', response.content.decode())[1]
    return int(re.sub(r"\D", "", heading) or 0)
