"""Titles of offers without “(H/F)”, which templates add."""

import re
from functools import lru_cache


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


# “développeur·euse”, “Ingénieur(e)”, “directeur/trice”, “technicien-ne”
_INCLUSIVE = re.compile(
    r"\w{3}(?:[·•.]s?|[/-](?=\w{1,6}(?!\w))|\()(?:i?[eè]re|e|ne|le|te|se|fe|ve|euse|eure|trice|rice|ienne|ière)s?(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4,}")
# Endings of feminine forms, and those of the masculine ones: “développeuse”, “directrice”, “technicienne”, “cheffe”.
_FEMININE = (
    ("euse", "eur"), ("trice", "teur"), ("ienne", "ien"), ("ière", "ier"), ("ère", "er"), ("ive", "if"), ("effe", "ef"),
    ("eure", "eur"), ("e", ""),
)  # fmt: skip


def names_both_genders(title: str) -> bool:
    """Return whether a title names women and men: “Ingénieure ou ingénieur”, “Développeur·euse”, “Chargé(e) de SI”."""
    if _INCLUSIVE.search(title):
        return True
    words = {word.removesuffix("s") for word in _WORD.findall(title.casefold())}
    return any(
        word.removesuffix(feminine) + masculine in words
        for word in words
        for feminine, masculine in _FEMININE
        if word.endswith(feminine)
    )


@lru_cache(maxsize=2_000)
def gender_mark(title: str) -> str:
    """Return “(H/F)”, empty if the title names both genders."""
    return "" if names_both_genders(title) else "(H/F)"


def with_gender_mark(title: str) -> str:
    """Return the title for texts without markup: “Développeur Java (H/F)”."""
    return f"{title} {gender_mark(title)}".rstrip()


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
