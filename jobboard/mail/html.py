"""The HTML alternative of a mail, generated from its text.

A URL of the site on a line of its own becomes a button; the words before it, if they end with a colon, are its label.
Other URLs of the site become links. URLs of other sites stay text, because visitors may have entered them.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.template.loader import render_to_string

from jobboard.palette import palette

MAX_LABEL_LENGTH = 60
DEFAULT_LABEL = "Continuer"
_URL = re.compile(r"https?://[^\s<>«»\"]+")
_SENTENCE_END = re.compile(r"(?<=[.?!;])\s+")


@dataclass
class Segment:
    """A segment of a line: text, or a link if it has a `url`."""

    text: str
    url: str = ""


@dataclass
class Block:
    """A paragraph of lines, or a button if it has a `url`. The first button of a mail is the main one."""

    lines: list[list[Segment]] = field(default_factory=list)
    url: str = ""
    label: str = ""
    is_main: bool = False


def render_html(subject: str, text: str) -> str:
    context = {
        "subject": subject,
        "blocks": parse(text),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "light": _colours("light"),
        "dark": _colours("dark"),
    }
    return render_to_string("mail/base.html", context)


def _colours(scheme: Literal["light", "dark"]) -> dict[str, str]:
    """Return the colours by names that are valid in templates: `--accent-ink` is `accent_ink`."""
    return {name.replace("-", "_"): value for name, value in palette(scheme).items()}


def parse(text: str) -> list[Block]:
    """Return the text of a mail as paragraphs and buttons."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n[ \t]*\n\s*", text.strip()):
        lines: list[str] = []
        for line in paragraph.splitlines():
            if _is_own_url(line.strip()) and (not lines or lines[-1].rstrip().endswith(":")):
                _add_button(blocks, lines, line.strip())
                lines = []
            else:
                lines.append(line)
        _add_paragraph(blocks, lines)
    return blocks


def _add_paragraph(blocks: list[Block], lines: list[str]) -> None:
    if lines:
        blocks.append(Block(lines=[_segments(line) for line in lines]))


def _add_button(blocks: list[Block], lines: list[str], url: str) -> None:
    """Append a button and, before it, the lines without the label of the button."""
    label = DEFAULT_LABEL
    if lines:
        *sentences, last = _SENTENCE_END.split(lines[-1].strip())
        last = last.rstrip(": \u00a0\u202f")
        if last and len(last) <= MAX_LABEL_LENGTH and not _URL.search(last):
            label = last[0].upper() + last[1:]
            lines = [*lines[:-1], *([" ".join(sentences)] if sentences else [])]
    _add_paragraph(blocks, lines)
    blocks.append(Block(url=url, label=label, is_main=not any(block.url for block in blocks)))


def _segments(line: str) -> list[Segment]:
    segments, end = [], 0
    for match in _URL.finditer(line):
        url = match[0].rstrip(".,;:!?)")
        if _is_own_url(url):
            segments += [Segment(line[end : match.start()]), Segment(url, url)]
            end = match.start() + len(url)
    return [segment for segment in [*segments, Segment(line[end:])] if segment.text]


def _is_own_url(text: str) -> bool:
    own = text == settings.SITE_URL or text.startswith((f"{settings.SITE_URL}/", f"{settings.SITE_URL}?"))
    return own and bool(_URL.fullmatch(text))
