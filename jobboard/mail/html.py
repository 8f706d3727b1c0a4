"""The HTML alternative of a mail, made from its text: one source, so that the two cannot differ.

Paragraphs stay paragraphs. A URL of the site that stands alone on its line is a button, named by the words before it
when they end with a colon; any other URL of the site is a link. Foreign URLs stay text: some of what mails carry was
typed by visitors, and must not look like ours.
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
class Piece:
    """A part of a line: text, or a link when it has a `url`."""

    text: str
    url: str = ""


@dataclass
class Block:
    """A paragraph of lines, or a button when it has a `url`; the first button of a mail is the main one."""

    lines: list[list[Piece]] = field(default_factory=list)
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
    """Return the tokens of the palette by names that templates can read: `--accent-ink` is `accent_ink`."""
    return {name.replace("-", "_"): value for name, value in palette(scheme).items()}


def parse(text: str) -> list[Block]:
    """Split the text of a mail into paragraphs and buttons."""
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
        blocks.append(Block(lines=[_pieces(line) for line in lines]))


def _add_button(blocks: list[Block], lines: list[str], url: str) -> None:
    """Append the lines before a URL, without the words that name its button, and the button."""
    label = DEFAULT_LABEL
    if lines:
        *sentences, last = _SENTENCE_END.split(lines[-1].strip())
        last = last.rstrip(": \u00a0\u202f")
        if last and len(last) <= MAX_LABEL_LENGTH and not _URL.search(last):
            label = last[0].upper() + last[1:]
            lines = [*lines[:-1], *([" ".join(sentences)] if sentences else [])]
    _add_paragraph(blocks, lines)
    blocks.append(Block(url=url, label=label, is_main=not any(block.url for block in blocks)))


def _pieces(line: str) -> list[Piece]:
    pieces, end = [], 0
    for match in _URL.finditer(line):
        url = match[0].rstrip(".,;:!?)")
        if _is_own_url(url):
            pieces += [Piece(line[end : match.start()]), Piece(url, url)]
            end = match.start() + len(url)
    return [piece for piece in [*pieces, Piece(line[end:])] if piece.text]


def _is_own_url(text: str) -> bool:
    own = text == settings.SITE_URL or text.startswith((f"{settings.SITE_URL}/", f"{settings.SITE_URL}?"))
    return own and bool(_URL.fullmatch(text))
