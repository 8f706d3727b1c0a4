"""The grammar of the location field: segments, postal codes, departments after or before a name, arrondissements.

It only takes texts apart. What the names stand for is decided in `lookup`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from offers.places.areas import TERRITORIES, Area, LocationKeyword, departments_of, read_areas
from offers.places.models import ARTICLES, Place, place_key
from offers.places.territories import Region

MAX_LENGTH = 100
# Each name is read within each territory, so that the readings of “a,b,c,…” are many.
MAX_SEGMENTS = 6
# Between the parts of “Lyon, Rhône, France”, “69 - Lyon” and “Lyon (69)”; not within “Saint-Denis”.
_SEPARATORS = re.compile(r"[,;:/|&+()\[\]\n]|\s[-–—]+\s|\s[-–—]+|[-–—]+\s")
# Between two names of a segment: “Rennes ou Nantes”, and at the start of the last one of a list.
_CONJUNCTIONS = frozenset(("et", "ou"))
_CONJUNCTION = re.compile(r"(?:^| )(et|ou)(?= |$)")
# Also “F-69003”. Not within longer numbers and words.
_POSTAL_CODE = re.compile(r"(?<![\w-])(?:FR?[- ]?)?(\d{2}) ?(\d{3})(?!\w)", re.ASCII | re.IGNORECASE)
# “Chalon s/Saône”, and “Aulnay s/Bois” or “ss Bois”.
_SUR = re.compile(r"\bs/ ?", re.IGNORECASE)
_SOUS = re.compile(r"\bs(?:s[/ ] ?|/ ?(?=bois|jouarre|poissy))", re.IGNORECASE)
_CEDEX = re.compile(r" cedex( \d{1,2})?$", re.ASCII)
# INSEE codes of the cities with arrondissements, and the counts of these.
CITIES = {"paris": "75056", "lyon": "69123", "marseille": "13055"}
_ARRONDISSEMENTS = {"paris": 20, "lyon": 9, "marseille": 16}
_ORDINAL = r"(?:(?P<digits>\d{1,2})|(?P<roman>[ivx]{1,5}?)) ?(?:er|ere|e|eme|ieme|nd|nde)?"
_WORD = r"(?:arrondissements?|arrdt|arrt|arr|ardt)"
_CITY = r"(?P<city>paris|lyon|marseille)"
_ARRONDISSEMENT = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_CITY} {_ORDINAL}(?: {_WORD})?",
        rf"{_CITY} {_WORD} {_ORDINAL}",
        rf"{_ORDINAL}(?: {_WORD})?(?: (?:de|a|du))? {_CITY}",
        rf"{_WORD} {_ORDINAL}(?: (?:de|a|du))? {_CITY}",
    )
]
_ROMAN = {"i": 1, "v": 5, "x": 10}
_COUNTRY = ("france", "fr", "france metropolitaine")
_FRANCE = """france entiere, toute la france, toute france, partout, partout en france, la france, en france, national,
territoire national, nationwide, toutes regions, toutes les regions"""
_REMOTE = """teletravail, en teletravail, 100 teletravail, teletravail 100, teletravail a 100, teletravail total,
teletravail complet, teletravail integral, full teletravail, remote, full remote, fully remote, 100 remote, remote 100,
a distance, travail a distance, distanciel, home office, a domicile, domicile"""
_KEYWORDS = {
    **dict.fromkeys([*_COUNTRY, *(" ".join(name.split()) for name in _FRANCE.split(","))], LocationKeyword.FRANCE),
    **dict.fromkeys([" ".join(name.split()) for name in _REMOTE.split(",")], LocationKeyword.REMOTE),
}
# Words around a name that do not change it: “ville de Lyon”, “Lyon et environs”, “le 93”.
_BEFORE = re.compile(
    r"^(?:(?:ville|commune|agglomeration|agglo|metropole|region|departement|dept|dpt|dep|secteur|bassin|zone|quartier|"
    r"technopole|aeroport|pres|proche|autour|"
    r"alentours|environs|banlieue|centre ville|centre|gare|a|au|aux|en|dans|sur|la|le|les|l|de|du|des|d) )+"
)
_AFTER = re.compile(
    r"(?: (?:et(?: (?:ses|sa|son|les))?|centre ville|centre|ville|intra muros|environs|alentours|peripherie|"
    r"agglomeration|agglo|metropole|banlieue|region|departement|gare|nord|sud|est|ouest))+$"
)
# Names that beside a town are parts of it: “Lyon, Centre”, “Marseille - Nord”, “zone du Parc, Villeurbanne”.
PART_OF_TOWN = re.compile(
    r"(?:centre|centre ville|nord|sud|est|ouest)$|(?:zone|quartier|gare|aeroport|technopole|centre|parc|campus|site) "
)
_DEPARTMENT = ("departement", "dept", "dpt", "dep")
_CODE = re.compile(r"\d{1,3}|2[ab]", re.ASCII)
# A department or region at the end of a text has at most so many words.
_MAX_TERRITORY_WORDS = 5


def keyword_of(key: str) -> LocationKeyword | None:
    """Return the meaning of a name that is no place: the country, or remote work."""
    return _KEYWORDS.get(key)


@dataclass(frozen=True)
class Reading:
    """One way to read a text: the key of a name, and the departments to search; all if they are None."""

    key: str
    departments: frozenset[str] | None = None
    is_department: bool = False


class LocationText:
    """A text of the location field, taken apart."""

    def __init__(self, text: str):
        self.text = _SUR.sub("sur ", _SOUS.sub("sous ", " ".join(text[:MAX_LENGTH].split())))
        self.postal_code, self.other_codes = "", []
        # The segments after the postal code.
        self.segments_after_code: list[str] = []
        rest = self.text
        if match := _POSTAL_CODE.search(self.text):
            self.postal_code = "".join(match.groups())
            # What follows the code is more likely the commune than what precedes it: “12 rue Haute, 69003 Lyon”.
            after = self.text[match.end() :]
            self.other_codes = ["".join(code) for code in _POSTAL_CODE.findall(after)]
            self.segments_after_code = _keys(_POSTAL_CODE.sub(",", after) if self.other_codes else after)
            rest = self.text[: match.start()]
        segments = [*self.segments_after_code, *_keys(rest)]
        if len(segments) > MAX_SEGMENTS:
            # The town of an address is near its end, and the first one of a list is at its beginning.
            segments = [*segments[: MAX_SEGMENTS // 2], *segments[-MAX_SEGMENTS // 2 :]]
        self.segments = segments

    @cached_property
    def key(self) -> str:
        return " ".join(self.segments)

    @cached_property
    def has_conjunction(self) -> bool:
        """Return whether the text lists alternatives: “Rennes ou Nantes”."""
        return any(
            _CONJUNCTION.search(segment) and _CONJUNCTION.search(_AFTER.sub("", f" {segment}"))
            for segment in self.segments
        )

    @property
    def keyword(self) -> LocationKeyword | None:
        """Return the meaning of a text that names no place but the country, or remote work."""
        meanings = [_KEYWORDS.get(segment) for segment in self.segments]
        if self.postal_code or not meanings or None in meanings:
            return _KEYWORDS.get(self.key) if not self.postal_code else None
        return LocationKeyword.REMOTE if LocationKeyword.REMOTE in meanings else LocationKeyword.FRANCE

    @property
    def postal_departments(self) -> set[str]:
        """Return the departments of the postal code: 20 was Corsica, and 97 has three digits."""
        code = self.postal_code
        return {"2A", "2B"} if code.startswith("20") else {code[:3] if code.startswith("97") else code[:2]}

    def is_name_of(self, area: Area) -> bool:
        """Return whether the text is the name of the area, possibly with its department."""
        if self.postal_code:
            return False
        if isinstance(area, Place):
            return self.key in (area.key, f"{area.key} {area.department.lower()}")
        return self.key == place_key(area.label)


def _keys(text: str) -> list[str]:
    """Return the keys of the segments of a text."""
    return [key for each in _SEPARATORS.split(text) if (key := _CEDEX.sub("", place_key(each)))]


def readings(location: LocationText) -> Iterator[Reading]:
    """Yield the readings of a text, the most literal first, without duplicates."""
    yield from dict.fromkeys(_readings(location))


def separate_names(location: LocationText) -> list[list[Reading]]:
    """Return the readings of each name on its own: “Villeurbanne, Lyon”, where none is a territory.

    A code belongs to all names if there is only one, otherwise to the name beside it: “Lyon (69), Grenoble (38)”.
    """
    segments, is_department = _segments(location)
    segments = [name for each in segments for name in alternatives(each)]
    codes = [each for each in segments if _CODE.fullmatch(each)]
    if len(codes) == len(segments):
        return [[Reading(code)] for code in dict.fromkeys(codes)]
    common = (_departments(codes[0]) or frozenset()) if len(codes) == 1 else None
    if _CODE.fullmatch(segments[0]):
        # “69 - Lyon, 38 - Grenoble”
        segments = [*segments[1:], segments[0]] if len(codes) == 1 else _swapped(segments)
    named: dict[tuple[str, frozenset[str] | None], None] = {}
    for segment, following in zip(segments, [*segments[1:], ""], strict=True):
        if not _CODE.fullmatch(segment):
            own = (_departments(following) or frozenset()) if len(codes) > 1 and _CODE.fullmatch(following) else None
            named[segment, common if own is None else own] = None
    return [list(_of_one_segment(name, departments, is_department)) for name, departments in named]


def _segments(location: LocationText) -> tuple[list[str], bool]:
    """Return the segments without the country and words for “department”, and whether there were such words."""
    segments = [each for each in location.segments if each not in _COUNTRY]
    is_department = any(each in _DEPARTMENT for each in segments) and len(segments) > 1
    return [each for each in segments if each not in _DEPARTMENT] or segments, is_department


def _swapped(segments: list[str]) -> list[str]:
    """Return the segments with each code after the segment that follows it."""
    swapped = segments[:]
    for index in range(len(swapped) - 1, 0, -1):
        if _CODE.fullmatch(swapped[index - 1]) and not _CODE.fullmatch(swapped[index]):
            swapped[index - 1 : index + 1] = swapped[index], swapped[index - 1]
    return swapped


def alternatives(segment: str) -> list[str]:
    """Return the names between conjunctions, without splitting “Ille et Vilaine”."""
    if not _CONJUNCTION.search(segment):
        return [segment]
    # The names, with the conjunctions between them.
    names, *rest = _CONJUNCTION.split(segment)
    names = [names]
    for conjunction, name in zip(rest[::2], rest[1::2], strict=True):
        whole = f"{names[-1]} {conjunction}{name}"
        if _departments(whole) is not None:
            names[-1] = whole
        else:
            names.append(name.strip())
    # “Lyon et environs” is one name.
    return [name for name in names if name and not _AFTER.fullmatch(f" {name}")]


def _readings(location: LocationText) -> Iterator[Reading]:
    segments, is_department = _segments(location)
    if not segments:
        return
    if city := _city_of_arrondissement(" ".join(segments)):
        # Also “Paris (15)” and “Lyon, 3e arrondissement”.
        yield Reading(city)
        return
    if len(segments) > 1:
        if "/" in location.text:
            # “Chalon/Saône”
            yield from (Reading(f" {word} ".join(segments)) for word in ("sur", "sous"))
        yield from _with_territories(segments, is_department)
        return
    yield from _of_one_segment(segments[0], None, is_department)


def _with_territories(segments: list[str], is_department: bool) -> Iterator[Reading]:
    """Yield the readings of “Lyon, Rhône”, “69 - Lyon” and “Île-de-France, Paris”: a name in departments."""
    names = [each for each in segments if not _CODE.fullmatch(each)]
    # A number that is no department names no place: “Lyon (99)”.
    codes = [_departments(each) or frozenset() for each in segments if _CODE.fullmatch(each)]
    if not names:
        names, codes = segments[:1], codes[1:]
    in_codes = frozenset.intersection(*codes) if codes else None
    if len(names) > 1 and not is_department:
        # “Paris, La Défense”, and the commune “Château-Chinon (Ville)”.
        yield Reading(" ".join(names), in_codes)
    # The smallest of several territories: “Île-de-France, Paris”.
    narrow = sorted(names, key=lambda each: len(_departments(each) or ()))
    for name in [each for each in names if each not in TERRITORIES] or narrow[:1]:
        others = [each for other in names if other != name and (each := _departments(other)) is not None]
        if others:
            departments = frozenset.intersection(*others, *codes)
            yield from _of_one_segment(name, departments, is_department)
    if len(names) == 1:
        # “69 - Lyon”
        yield from _of_one_segment(names[0], in_codes, is_department)


def _of_one_segment(key: str, departments: frozenset[str] | None, is_department: bool) -> Iterator[Reading]:
    variants = _plain_variants(key)
    names_department = is_department or key.split()[0] in _DEPARTMENT
    for name in variants:
        yield Reading(
            _city_of_arrondissement(name) or name, departments, is_department if name == key else names_department
        )
    for name in variants:
        for rest, where in _splits(name):
            both = departments if where is None else where if departments is None else departments & where
            for each in _plain_variants(rest):
                yield Reading(_city_of_arrondissement(each) or each, both, is_department)


def _plain_variants(key: str) -> list[str]:
    """Return the key, and without the words around it: “ville de lyon”, “lyon”."""
    before = _BEFORE.sub("", key)
    return [each for each in dict.fromkeys((key, before, _AFTER.sub("", key), _AFTER.sub("", before))) if each]


def _splits(key: str) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield (name, departments) for a territory after or before a name: “Lyon 69”, “69 Lyon”, “Vienne Isère”.

    For “Lyon France” the departments are None.
    """
    words = key.split()
    if words[-1] in _COUNTRY and len(words) > 1:
        yield " ".join(words[:-1]), None
    for size in range(min(len(words) - 1, _MAX_TERRITORY_WORDS), 0, -1):
        for territory, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            departments = _departments(" ".join(territory))
            if departments is None and size == 1 and _CODE.fullmatch(territory[0]):
                departments = frozenset()
            # “Nantes et Bretagne” are two places.
            is_listed = not _CONJUNCTIONS.isdisjoint((rest[0], rest[-1]))
            if departments is not None and not is_listed and " ".join(rest) not in ARTICLES:
                yield " ".join(rest), departments


def _departments(key: str) -> frozenset[str] | None:
    """Return the departments of the region, department or named area `key`, None if it is none of these."""
    known = _departments_by_key()
    return known.get(key) or known.get(key.removeprefix("region ").removeprefix("departement "))


@cache
def _departments_by_key() -> dict[str, frozenset[str]]:
    areas = {key: area for area in read_areas() if area.departments for key in area.keys}
    return {
        key: area.departments if isinstance(area, Region) else frozenset(departments_of(area))
        for key, area in {**areas, **TERRITORIES}.items()
    }


def _city_of_arrondissement(key: str) -> str | None:
    """Return the city of “Paris 15e”, “15e arrondissement de Paris”, “Paris XV”; None if there is no such one."""
    for pattern in _ARRONDISSEMENT:
        if match := pattern.fullmatch(key):
            number = int(match["digits"]) if match["digits"] else _roman(match["roman"])
            return match["city"] if 1 <= number <= _ARRONDISSEMENTS[match["city"]] else None
    return None


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    return sum(-value if value < max(values[index:]) else value for index, value in enumerate(values))
