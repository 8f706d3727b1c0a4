"""Clean text that people type or paste: Unicode form, spaces, control and invisible characters."""

import re
import unicodedata

from django.core.exceptions import ValidationError

# Spaces of all widths. Tabs and line breaks are kept in texts of several lines.
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NO_BREAK = re.compile("[\u00a0\u202f]")
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Scripts and emoji whose letters U+200C and U+200D join or part. Not the invisible characters and spaces among them:
# they are removed, and the next cleaning of the same text would find other neighbours.
_JOINED = "\u0600-\u061b\u061d-\u10ff\u1200-\u167f\u1681-\u180d\u180f-\u1cff\u2190-\u2fff\ufe0f\U0001f000-\U0001faff"
# Control characters, marks of the writing direction, and characters without width.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
    f"|[\u200c\u200d](?![{_JOINED}])|(?<![{_JOINED}])[\u200c\u200d]"
)


def clean_line(text: str) -> str:
    """Return `text` on one line: NFC, single spaces, without control and invisible characters.

    Spaces are plain, except those that French typography puts inside of quotes and before “:” and “?”.

    >>> clean_line(" Société\\u00a0Générale\\u200b ")
    'Société Générale'
    """
    return _SPACES.sub(_plain_space, _clean(_LINE_BREAKS.sub(" ", text).replace("\n", " "))).strip()


def _plain_space(match: re.Match) -> str:
    text, start, end = match.string, match.start(), match.end()
    typographic = text[end : end + 1] in set(":;?!»€%") or text[start - 1 : start] == "«"
    return no_break[0] if typographic and (no_break := _NO_BREAK.search(match[0])) else " "


def require_one_line(text: str) -> None:
    """Raise ValidationError if `text` has line breaks or other control characters than tabs, as only programs send."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text.strip().replace("\t", " ")):
        raise ValidationError("Ce champ tient sur une seule ligne.", code="one_line")


def clean_text(text: str) -> str:
    r"""Return a text of several lines: NFC, “\n” as line break, without control and invisible characters.

    No-break spaces stay, as French typography wants them.
    """
    return _clean(_LINE_BREAKS.sub("\n", text)).strip()


def remove_invisible(text: str) -> str:
    """Return `text` without control characters, marks of the writing direction, and characters without width."""
    return _INVISIBLE.sub("", text)


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # NFC before, as joined letters are recognized in this form, and after, for letters that were separated.
    return unicodedata.normalize("NFC", remove_invisible(unicodedata.normalize("NFC", text)))
