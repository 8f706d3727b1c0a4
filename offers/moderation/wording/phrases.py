"""The pattern language of wording terms, and the normalization of the texts they are searched in.

    moins de {âge} ans              {âge}: 16 to 79, in figures or words; {nombre}: any number
    bonne (condition|forme)         alternatives
    contact* … sur whatsapp         *: any ending; …: up to three words within the sentence

Case, accents, typographic signs, plurals, feminine and inclusive forms are ignored.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_UNITS = "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf"
_IN_WORDS = (
    rf"(?:dix[\s-](?:sept|huit|neuf)|(?:vingt|trente|quarante|cinquante|soixante)(?:[\s-](?:et[\s-])?(?:{_UNITS}))?)"
)
_SLOTS = {
    "age": rf"(?:(?<![\d.,])(?:1[6-9]|[2-7]\d)(?!\d)|{_IN_WORDS})",
    "nombre": r"\d+(?:[\s.]\d{3})*(?:,\d+)?",
}
_GAP = r"(?:\s+[^\s.;:!?]+){0,3}?\s+"
# No space is needed after an apostrophe: “(d'|de) expérience”.
_SPACE = r"(?:\s+|(?<='))"
_TOKEN = re.compile(r"\s*…\s*|\s+|\s*-\s*|'\s*|\{\w+\}|\([^()]*\)|[\w*]+|.")
# Characters ignored in texts: Markdown emphasis and invisible characters.
_IGNORED = set("*`~\u00ad\u200b\u200c\u200d\u2060\ufeff")
_EQUIVALENTS = {"’": "'", "ʼ": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "œ": "oe", "æ": "ae"}
# “âgé(e)”, “né·e·s”, “diplômé.e”.
_INCLUSIVE = re.compile(
    r"(?<=\w)(?:\((?:e|s|es|ne|nes|euse|euses|trice|trices)\)|(?:[·•⋅]\w{1,5}){1,2}|\.(?:e|es|s|ne|nes)\b(?!\.\w))"
)


@dataclass(frozen=True)
class FoldedText:
    """A text in lower case without accents, with the offset of each of its characters in the original text."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the start and end in the original text of a slice of the folded text."""
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(text: str) -> FoldedText:
    """Return `text` in lower case without accents, invisible characters and inclusive endings."""
    dropped = {offset for match in _INCLUSIVE.finditer(text) for offset in range(*match.span())}
    characters, offsets = [], []
    for offset, character in enumerate(text):
        if offset in dropped or character in _IGNORED:
            continue
        for folded in _fold_character(character):
            characters.append(folded)
            offsets.append(offset)
    return FoldedText("".join(characters), tuple(offsets))


@lru_cache(maxsize=1024)
def _fold_character(character: str) -> str:
    lower = _EQUIVALENTS.get(character.lower(), character.lower())
    if lower.isspace():
        return "\n" if lower == "\n" else " "
    return "".join(part for part in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(part))


def fold_phrase(phrase: str) -> str:
    """Return a phrase of the pattern language folded like a text, with single spaces."""
    return " ".join("".join(_fold_character(character) if character != "…" else "…" for character in phrase).split())


class PhraseError(ValueError):
    """The phrase is not valid in the pattern language; the message says why, in French."""


def phrase_to_regex(phrase: str, *, feminine: bool = True) -> str:
    """Return a regular expression for `phrase`, to match at the start of a word in a folded text.

    It matches plurals, and feminine forms unless `feminine` is False: English “long term” must not match “long terme”.
    Raises PhraseError.
    """
    folded = fold_phrase(phrase)
    tokens = _TOKEN.findall(folded)
    if not re.search(r"\w", folded):
        raise PhraseError("Une tournure contient au moins un mot.")
    if not re.match(r"[\w({]", tokens[0]) or not re.search(r"[\w)}*]$", tokens[-1]):
        raise PhraseError("Une tournure commence et finit par un mot.")
    # An elided word is followed by another one: “présentation (de|d')”.
    return rf"{_tokens_to_regex(tokens, 'e?s?' if feminine else 's?')}(?:(?<=')|(?!\w))"


def _tokens_to_regex(tokens: list[str], plural: str) -> str:
    regexes, position = [], 0
    while position < len(tokens):
        token, after = tokens[position], tokens[position + 1 : position + 2]
        regex = _token_to_regex(token, plural)
        if token.startswith("(") and "" in _choices(token) and after and after[0].isspace():
            # The space after an optional group is optional too.
            regex, position = f"(?:{regex}{_SPACE})?", position + 1
        regexes.append(regex)
        position += 1
    return "".join(regexes)


def _choices(token: str) -> list[str]:
    return [choice.strip() for choice in token[1:-1].split("|")]


def _token_to_regex(token: str, plural: str) -> str:
    if token.strip() == "…":
        return _GAP
    if token.isspace():
        return _SPACE
    if token.strip() == "-":
        return r"\s*-\s*"
    if token.startswith("'"):
        return r"'\s*"
    if token.startswith("{"):
        if token[1:-1] not in _SLOTS:
            raise PhraseError("Entre accolades\u00a0: {âge} ou {nombre}.")
        return _SLOTS[token[1:-1]]
    if token.startswith("(") and token.endswith(")"):
        return "(?:" + "|".join(_tokens_to_regex(_TOKEN.findall(choice), plural) for choice in _choices(token)) + ")"
    if token in {"(", ")", "{", "}", "|"}:
        raise PhraseError("Une parenthèse ou une accolade n’est pas fermée.")
    if "*" in token:
        if len(token.rstrip("*")) < 3 or "*" in token[:-1]:
            raise PhraseError("Le signe * suit au moins trois lettres, à la fin d’un mot.")
        return re.escape(token[:-1]) + r"[\w'-]*"
    # “homme” also matches “hommes”, “âgé” also “âgées”; words in s, x or z do not change.
    inflected = len(token) > 2 and token.isalpha() and token[-1] not in "sxz"
    return re.escape(token) + (plural if inflected else "")
