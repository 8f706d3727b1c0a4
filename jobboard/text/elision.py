"""French names after a preposition: “d’Aulnay”, “du Havre”, “aux Sables-d’Olonne”.

Whether an h is mute cannot be derived from the spelling. For places, the rule is that it is mute before e, i and y
(“d’Hyères”, “d’Hénin-Beaumont”) and aspirated before a, o and u (“de Halluin”, “de Houilles”), which is right for most
communes. Other names are not elided before an h. A y is a vowel unless another vowel follows (“d’Yvetot”, “de Yutz”),
and “oui” is pronounced as a consonant (“de Ouistreham”).
"""

import re

from jobboard.text.keys import search_key

# Matched against the key of the first letters, in which ligatures and accents are letters from a to z.
_VOWEL = re.compile(r"[aeiu]|o(?!ui)|y(?![aeiou])")
_VOWEL_OR_MUTE_H = re.compile(rf"{_VOWEL.pattern}|h[eiy]")
_ARTICLE = re.compile(r"(les?) (?=\S)", re.IGNORECASE)
_DE = {"le": "du", "les": "des"}
_A = {"le": "au", "les": "aux"}


def with_de(name: str, *, is_place: bool = False) -> str:
    """Return “de” and the name, elided before a vowel.

    The article of a place is contracted (“du Havre”); that of a company is part of its name (“de Le Comptoir”).
    """
    if is_place and (match := _ARTICLE.match(name)):
        return f"{_DE[match[1].lower()]} {name[match.end() :]}"
    vowel = _VOWEL_OR_MUTE_H if is_place else _VOWEL
    # A quotation mark or a bracket before the name prevents the elision.
    is_elided = name[:1].isalpha() and vowel.match(search_key(name[:4]))
    return f"d’{name}" if is_elided else f"de {name}"


def with_a(place: str) -> str:
    """Return “à” and the name of a place, with its article contracted: “au Havre”, “à La Rochelle”."""
    if match := _ARTICLE.match(place):
        return f"{_A[match[1].lower()]} {place[match.end() :]}"
    return f"à {place}"
