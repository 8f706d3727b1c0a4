"""Titles of offers without “(H/F)”, which templates add."""

import re


def _mark(separator: str) -> str:
    """Return the pattern of the letters of two genders, in French, English or German, and of others beside them."""
    slash, other = rf"\s*{separator}\s*", r"(?:x|d|nb?|\*)"
    pair = rf"(?:[hf]{slash}[fm]|m{slash}[hfw]|w{slash}m|f{slash}h|homme{slash}femme|femme{slash}homme)"
    return rf"(?:{other}{slash})?{pair}(?:{slash}{other})*"


_MARK = _mark("/")
# With its brackets if it is alone in them. Not part of a longer list, such as “C/H/F”.
_GENDER_MARK = re.compile(
    rf"\(\s*{_mark('[/|-]')}\s*\)|\[\s*{_mark('[/|-]')}\s*\]|(?<![\w/·.&]){_MARK}(?![\w/·])", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W\d_]")
_DASHES = "-–—:|•·/"
_CLOSING = ")],;."


def without_gender_mark(title: str) -> str:
    """Return `title` without “(H/F)”, “- F/H”, “H / F / X”…, and without the punctuation that only introduced it.

    A title that consists of the mark only is returned unchanged.

    >>> without_gender_mark("Développeur H/F Python / Django")
    'Développeur Python / Django'
    >>> without_gender_mark("CTO - H/F - Lyon")
    'CTO - Lyon'
    """
    return _remove_marks(title) or title.strip()


def names_a_job(title: str) -> bool:
    """Return whether `title` has two letters beside gender marks and punctuation."""
    return len(_LETTER.findall(_remove_marks(title))) >= 2


def _remove_marks(title: str) -> str:
    rest = title
    while match := _GENDER_MARK.search(rest):
        rest = _join(rest[: match.start()], rest[match.end() :])
    return rest.strip()


def _join(before: str, after: str) -> str:
    """Join the text on both sides of a mark, with the punctuation of one side."""
    gap = after[: len(after) - len(after.lstrip())] or before[len(before.rstrip()) :]
    before, after = before.rstrip(), after.lstrip()
    if not before or before[-1] in "([":
        return before + after.lstrip(_DASHES + ",; \u00a0")
    if not after or after[0] in _DASHES + _CLOSING + "([":
        before = before.rstrip(_DASHES + ",; \u00a0")
    if not after or after[0] in _CLOSING:
        return before + after
    return before + (gap or ("" if after[0] in _DASHES else " ")) + after
