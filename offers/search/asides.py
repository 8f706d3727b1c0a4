"""Words that a description only mentions in passing: “l’équipe voisine travaille en Perl”, “aucune expérience de Perl”.

The index has the token `aside(word)` for each word that a document contains only in such clauses.
"""

import re
from collections.abc import Iterable, Set

from offers.search.analysis import words
from offers.search.common_words import COMMON_WORDS

_OTHERS = (
    r"(?:équipe|squad|tribu|pôle|service|entité|filiale|société|direction|département|agence)s?\s+"
    r"(?:voisine?s?|sœurs?|adjacente?s?|partenaires?|d[’']à\s+côté)",
    r"\bautres?\s+(?:équipe|squad|tribu|pôle|service|entité|filiale|projet|produit)s?",
    r"\b(?:nos|vos|tes|mes|leurs)\s+(?:collègues|clients|partenaires|concurrents|prestataires|fournisseurs)",
    r"\b(?:another|other|neighbou?ring|sister|adjacent)\s+(?:team|squad|department|group|unit|project)s?",
    r"\b(?:our|your)\s+(?:colleagues|clients|customers|partners|competitors|suppliers)",
)
_VERBS = (
    r"utilis|emploie|travaill|développ|code|codent|écri[tv]|maint|exploite|gère|tourne|fonctionne|fait|font|reste"
    r"|est|sont|ont|préfèr|programme|us(?:e|es|ed|ing)|work|cod(?:e|es)|writ|wrot|runs?|is|are|has|have|own|buil[dt]|prefer"
)
# Clauses about others, up to four words before the verb; and clauses that say what is not asked.
_CLAUSE = re.compile(
    rf"(?:{'|'.join(_OTHERS)})(?:[\s,]+[^\s.,;:!?]+){{0,4}}?[\s,]+(?:{_VERBS})[^\s.;:!?]*[^.;:!?\n]*"
    r"|\bn[’'](?:utilis|emplo)\S+\s+(?:pas|plus|jamais)\b[^.;:!?\n,]*"
    r"|\bne\s+(?:faisons|travaill|développ|cod|demand|cherch|recherch)\w*\s+(?:pas|plus)\b[^.;:!?\n,]*"
    r"|\b(?:pas\s+besoin|aucune?\s+(?:connaissance|expérience|maîtrise|notion))\s+(?:de|d[’']|en)\b[^.;:!?\n,]*"
    r"|\b(?:no\s+need|no\s+(?:\w+\s+)?(?:experience|knowledge))\b[^.;:!?\n,]*",
    re.IGNORECASE,
)
# Every clause has one of these words, with one of its strings. The pattern is searched only in sentences that contain
# such a string: in every text, it took longer than the rest of the document (55 µs).
_TEAMS = ("équ", "squ", "tri", "pôl", "ser", "ent", "fil", "pro")
_APOSTROPHES = "’'"
_SIGNS_BY_WORD = {
    **dict.fromkeys(("voisin", "voisine"), ("voisin",)),
    "sœurs": ("sœur",),
    "adjacent": ("adjacent",),
    "côté": ("à côté",),
    "partenaires": (" partenaire",),
    "autres": tuple(f"utre{plural} {noun}" for plural in ("", "s") for noun in _TEAMS),
    **{
        noun: (f"os {noun}", f"es {noun}")
        for noun in ("collègues", "clients", "concurrents", "prestataires", "fournisseurs")
    },
    **{
        noun: (f"ur {noun}",)
        for noun in ("colleagues", "clients ", "customers", "partners", "competitors", "suppliers")
    },
    **dict.fromkeys(("utilisons", "utilise"), tuple(f"n{mark}utilis" for mark in _APOSTROPHES)),
    **dict.fromkeys(("employons", "emploie"), tuple(f"n{mark}emplo" for mark in _APOSTROPHES)),
    **{
        verb: (f"ne {verb[:3]}",)
        for verb in ("faisons", "travaillons", "développons", "codons", "demandons", "cherchons", "recherchons")
    },
    "besoin": ("as besoin",),
    "aucune": ("ucun",),
    "another": ("nother ",),
    "other": ("ther ",),
    **dict.fromkeys(("neighbouring", "neighboring"), ("eighbo",)),
    "sister": ("sister ",),
    "no": ("o need", " experience", " knowledge"),
}
_SIGNS: dict[str, tuple[str, ...]] = {}
for _word, _signs in _SIGNS_BY_WORD.items():
    (_token,) = words(_word)
    _SIGNS[_token] = _SIGNS.get(_token, ()) + _signs
_CUES = frozenset(_SIGNS)
_ENDS = re.compile(r"[.;:!?\n]")
# A clause ends where it speaks of the reader.
_READER = re.compile(r",?\s+(?:et\s+|mais\s+|tandis\s+que\s+|and\s+|but\s+|while\s+)?(?:vous|tu|you)\b", re.IGNORECASE)


def aside(word: str) -> str:
    """Return the token of a word that is only mentioned. No word contains “_”."""
    return "_" + word


def split_asides(text: str, tokens: Set[str]) -> tuple[str, str]:
    """Return `text` without its clauses about others, and these clauses. `tokens` are those of the text, or more."""
    signs = [sign for cue in _CUES & tokens for sign in _SIGNS[cue] if sign in text]
    if not signs:
        return text, ""
    clauses, rest, position = [], [], 0

    def remove(match: re.Match) -> str:
        clause = _READER.split(match[0], maxsplit=1)[0]
        clauses.append(clause)
        return " | " + match[0][len(clause) :]

    for end in [*(match.end() for match in _ENDS.finditer(text)), len(text)]:
        sentence = text[position:end]
        has_sign = any(sign in sentence for sign in signs)
        rest.append(_CLAUSE.sub(remove, sentence) if has_sign else sentence)
        position = end
    return "".join(rest), " | ".join(clauses)


def asides(clauses: str, others: Iterable[str]) -> list[str]:
    """Return the tokens of words of `clauses` that are not among `others`, the other tokens of the document.

    Common words (“travaille”) are left out: a mention of them is no less a match.
    """
    return [aside(word) for word in sorted(set(words(clauses)).difference(others, COMMON_WORDS, "|"))]
