"""The little language that terms are written in, and texts made ready to be searched for them.

    moins de {âge} ans              {âge}: 16 to 79, in figures or in words; {nombre}: any number
    bonne (condition|forme)         one of several
    contact* … sur whatsapp         * any ending; … at most three words more, within the sentence

Case, accents, typographic signs, plurals, feminine and inclusive forms make no difference.
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
# None is needed behind an apostrophe: “(d'|de) expérience”.
_SPACE = r"(?:\s+|(?<='))"
_TOKEN = re.compile(r"\s*…\s*|\s+|\s*-\s*|'\s*|\{\w+\}|\([^()]*\)|[\w*]+|.")
# What is in a text and not in its words: marks of Markdown, and characters that cannot be seen.
_DROPPED = set("*`~\u00ad\u200b\u200c\u200d\u2060\ufeff")
_SAME = {"’": "'", "ʼ": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "œ": "oe", "æ": "ae"}
# “âgé(e)”, “né·e·s”, “diplômé.e”.
_INCLUSIVE = re.compile(
    r"(?<=\w)(?:\((?:e|s|es|ne|nes|euse|euses|trice|trices)\)|(?:[·•⋅]\w{1,5}){1,2}|\.(?:e|es|s|ne|nes)\b(?!\.\w))"
)


@dataclass(frozen=True)
class Folded:
    """A text in lower case without accents, and where each of its characters stood in the text as it was typed."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    dropped = {place for match in _INCLUSIVE.finditer(text) for place in range(*match.span())}
    characters, places = [], []
    for place, character in enumerate(text):
        if place in dropped or character in _DROPPED:
            continue
        for folded in _fold_one(character):
            characters.append(folded)
            places.append(place)
    return Folded("".join(characters), tuple(places))


@lru_cache(maxsize=1024)
def _fold_one(character: str) -> str:
    lower = _SAME.get(character.lower(), character.lower())
    if lower.isspace():
        return "\n" if lower == "\n" else " "
    return "".join(part for part in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(part))


def fold_phrase(phrase: str) -> str:
    return " ".join("".join(_fold_one(character) if character != "…" else "…" for character in phrase).split())


class PhraseError(ValueError):
    """The phrase is not written in the language above; the message says why, in French."""


def pattern(phrase: str, *, feminine: bool = True) -> str:
    """The phrase as a regular expression that begins where a word does in a folded text; raises PhraseError.

    Without `feminine` words have only their plural besides: “long term” is no “long terme”.
    """
    folded = fold_phrase(phrase)
    tokens = _TOKEN.findall(folded)
    if not re.search(r"\w", folded):
        raise PhraseError("Une tournure contient au moins un mot.")
    if not re.match(r"[\w({]", tokens[0]) or not re.search(r"[\w)}*]$", tokens[-1]):
        raise PhraseError("Une tournure commence et finit par un mot.")
    return f"{_joined(tokens, 'e?s?' if feminine else 's?')}(?!\\w)"


def _joined(tokens: list[str], plural: str) -> str:
    parts, position = [], 0
    while position < len(tokens):
        token, after = tokens[position], tokens[position + 1 : position + 2]
        part = _part(token, plural)
        if token.startswith("(") and "" in _choices(token) and after and after[0].isspace():
            # What may be left out goes with the space behind it.
            part, position = f"(?:{part}{_SPACE})?", position + 1
        parts.append(part)
        position += 1
    return "".join(parts)


def _choices(token: str) -> list[str]:
    return [choice.strip() for choice in token[1:-1].split("|")]


def _part(token: str, plural: str) -> str:
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
        return "(?:" + "|".join(_joined(_TOKEN.findall(choice), plural) for choice in _choices(token)) + ")"
    if token in {"(", ")", "{", "}", "|"}:
        raise PhraseError("Une parenthèse ou une accolade n’est pas fermée.")
    if "*" in token:
        if len(token.rstrip("*")) < 3 or "*" in token[:-1]:
            raise PhraseError("Le signe * suit au moins trois lettres, à la fin d’un mot.")
        return re.escape(token[:-1]) + r"[\w'-]*"
    # “homme” is “hommes” too, “âgé” is “âgées”; what ends in s or x is the same in the plural.
    inflected = len(token) > 2 and token.isalpha() and token[-1] not in "sxz"
    return re.escape(token) + (plural if inflected else "")
