"""Places stated in the search box: names with the gazetteer, postal codes, numbers of departments.

A name in the location field is a place; a name in the search box may be a word (“sens”), an employer (“Orange”) or a
part of another name (“rue de Nantes”). `data/locations.toml` names the words that decide.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from offers.places.areas import TERRITORIES, Area, LocationKeyword, departments_of, places_of
from offers.places.gazetteer import NameMatch, gazetteer
from offers.places.location_text import CITIES, MAX_LENGTH, keyword_of
from offers.places.lookup import AreaMatch, find_area
from offers.places.models import ARTICLES
from offers.search.synonyms import expression
from offers.understanding.names import Names
from offers.understanding.phrases import DATA, Phrase, follows, is_at
from offers.understanding.tokens import Draft, keys

# Names of communes and regions have at most so many words: “Provence-Alpes-Côte d’Azur”.
MAX_NAME_WORDS = 6
# Inhabitants from which the name of a commune needs no cue: of one word, of several, and cut to its first words.
MIN_TOWN, MIN_COMPOUND, MIN_BEGINNING = 10_000, 5_000, 20_000
# The same after a cue such as “à”.
MIN_WITH_CUE, MIN_BEGINNING_WITH_CUE = 500, 5_000
# Inhabitants from which a name may lack its article: “Havre”.
MIN_WITHOUT_ARTICLE = 30_000
# Up to this number, a number after a product is more likely its version than a department.
MAX_VERSION = 30
_LINKS = ("de", "d", "du", "des", "of")
_DEPARTMENT = re.compile(r"\d{2}|2[ab]|97\d", re.ASCII)
_POSTAL = re.compile(r"\d{5}", re.ASCII)
_ORDINAL = re.compile(r"(?:\d{1,2}|[ivx]{1,5})(?:er|e|eme|ieme|nd|nde)?", re.ASCII)
_AFTER_NAME_WORDS = """
cedex arrondissement arrondissements arrt arr centre ville intra muros alentours environs et ses peripherie agglo
agglomeration metropole"""
_AFTER_NAME = frozenset(_AFTER_NAME_WORDS.split())
# Before “de” and a place: “à 20 km de Lyon”.
_DISTANCES = ("km", "kms", "kilometres", "minutes", "min")
_DEPARTMENT_WORDS = ("departement", "dept", "dpt", "dep")


@dataclass(frozen=True)
class Rules:
    """The content of `data/locations.toml`, as keys."""

    cues: tuple[Phrase, ...]
    weak_cues: frozenset[Phrase]
    not_after: tuple[Phrase, ...]
    not_before: tuple[Phrase, ...]
    words: frozenset[str]
    ends: frozenset[str]
    last: frozenset[str]
    not_last_after: frozenset[str]
    versions: frozenset[str]
    numbered: dict[str, list[str]]
    titles: tuple[Phrase, ...]
    units: frozenset[str]


@cache
def rules() -> Rules:
    with (DATA / "locations.toml").open("rb") as file:
        rows = tomllib.load(file)

    def phrases(name: str) -> tuple[Phrase, ...]:
        return tuple(sorted(map(keys, rows[name]), key=len, reverse=True))

    def names(name: str) -> frozenset[str]:
        return frozenset(" ".join(keys(each)) for each in rows[name])

    return Rules(
        cues=phrases("cues"),
        weak_cues=frozenset(phrases("weak_cues")),
        not_after=phrases("not_after"),
        not_before=phrases("not_before"),
        words=names("words"),
        ends=names("ends"),
        last=names("last"),
        not_last_after=names("not_last_after"),
        versions=names("versions"),
        numbered=rows["numbered"],
        titles=phrases("titles"),
        units=names("units"),
    )


@dataclass(frozen=True)
class Context:
    """The words around tokens that may name a place. `start` is the first token of the cue."""

    start: int
    has_cue: bool
    has_weak_cue: bool


def read_locations(draft: Draft, names: Names) -> None:
    """Take the places."""
    index = 0
    while index < len(draft.tokens):
        last = index + 1
        if draft.key(index) and (found := _place_at(draft, index, names)):
            first, last, match = found
            if match:
                draft.take_tokens("ou", [match], first, last)
        index = last


def _place_at(draft: Draft, index: int, names: Names) -> tuple[int, int, AreaMatch | None] | None:
    """Return the slice of tokens of a place whose name or number begins at `index`, and its area.

    The area is None if the name of a place is not meant as a place: the words within it are none, either.
    """
    key = draft.key(index)
    if key[0].isdigit():
        return _numbered_place(draft, index)
    for size in range(MAX_NAME_WORDS, 0, -1):
        last = index + size
        if last <= len(draft.tokens) and _is_name(draft, index, last):
            name = " ".join(token.key for token in draft.tokens[index:last])
            if _may_be_place(draft, index, last, name, names):
                last, match = _extend(draft, index, last)
                if match:
                    return _context(draft, index).start, last, match
            elif size > 1 and (known := _known(name)) and known.stands_alone:
                return index, last, None
    return None


def _is_name(draft: Draft, first: int, last: int) -> bool:
    return draft.is_free(first, last) and all(token.continues_name for token in draft.tokens[first + 1 : last])


def _context(draft: Draft, index: int) -> Context:
    for cue in rules().cues:
        if follows(draft, index, cue):
            weak = cue in rules().weak_cues and not _is_accented(draft, index - 1)
            return Context(index - len(cue), not weak, weak)
    return Context(index, False, False)


def _is_accented(draft: Draft, index: int) -> bool:
    """Return whether the token is the preposition “à”: “a” may be English."""
    token = draft.tokens[index]
    return draft.text[token.start : token.end] in "àÀ"


# Names


def _may_be_place(draft: Draft, first: int, last: int, name: str, names: Names) -> bool:
    """Return whether a name in this context is that of a place."""
    known = _known(name)
    if known is None:
        return False
    context = _context(draft, first)
    has_department = _has_department(draft, last)
    if _is_within_compound(draft, first, last):
        return False
    if not (context.has_cue or has_department):
        if _is_voided(draft, first, last):
            return False
        if _is_word(draft, first, last, name, names):
            return False
        if known.is_beginning and " " in name and first > 0 and last < len(draft.tokens):
            return False
        if not known.stands_alone or (known.is_minor and names.employs(expression(draft.slice(first, last)))):
            return False
    elif not has_department and (not known.stands_with_cue or _is_part_of_name(draft, first, last)):
        return False
    return not names.contain(draft, first, last)


@dataclass(frozen=True)
class Known:
    """Whether a name that the gazetteer knows is a place without a cue, and with one; `is_minor`: a small commune;
    `is_beginning`: the name is the beginning of a longer one."""

    stands_alone: bool
    stands_with_cue: bool
    is_minor: bool = False
    is_beginning: bool = False


def _known(name: str) -> Known | None:
    if name.isdigit() or name in ARTICLES or len(name) < 2:
        return None
    if (name in TERRITORIES and not _DEPARTMENT.fullmatch(name)) or gazetteer().has_area(name) or _is_country(name):
        return Known(True, True)
    candidate = gazetteer().named(name)
    if candidate is None:
        return None
    inhabitants, is_compound = candidate.place.population, " " in name
    if candidate.match == NameMatch.EXACT:
        least = MIN_COMPOUND if is_compound else MIN_TOWN
        if candidate.place.key != name:
            least = max(least, 0 if is_compound else MIN_WITHOUT_ARTICLE)
        return Known(inhabitants >= least, inhabitants >= MIN_WITH_CUE, is_minor=inhabitants < MIN_BEGINNING)
    if candidate.match == NameMatch.WORDS:
        return Known(
            inhabitants >= MIN_BEGINNING and len(name) >= 4,
            inhabitants >= MIN_BEGINNING_WITH_CUE and len(name) >= 3,
            is_beginning=True,
        )
    return Known(is_compound, True)


def _is_country(name: str) -> bool:
    return keyword_of(name) is LocationKeyword.FRANCE


def _is_within_compound(draft: Draft, first: int, last: int) -> bool:
    """Return whether a hyphen joins the name to another word: “La Roche-Posay”."""
    if first and draft.tokens[first].gap == "-" and not draft.tokens[first - 1].key.isdigit():
        return True
    is_joined = last < len(draft.tokens) and draft.tokens[last].gap == "-"
    return is_joined and not draft.tokens[last].key.isdigit()


def _is_word(draft: Draft, first: int, last: int, name: str, names: Names) -> bool:
    """Return whether a name that is also a word is used as the word here."""
    data = rules()
    if name not in data.words and name not in data.ends and name not in data.last:
        return False
    if _neighbour_is_place(draft, first, last) or (_is_country(name) and first and not draft.key(first - 1)):
        return False
    before = draft.key(first - 1)
    if draft.key(last) == "et" and draft.key(last + 1) in _AFTER_NAME:
        return False
    is_last = last == len(draft.tokens) and first > 0 and before not in (*_LINKS, *data.not_last_after)
    is_first = first == 0 and last < len(draft.tokens) and _is_work(draft, last, names)
    if name in data.ends:
        return not (is_last or is_first)
    return not (name in data.last and is_last)


def _is_work(draft: Draft, index: int, names: Names) -> bool:
    """Return whether a condition, a title or a skill begins at `index`."""
    if not draft.key(index) or any(is_at(draft, index, title) for title in rules().titles):
        return True
    return expression(draft.slice(index, index + 1)) in names.thesaurus.skills


def _neighbour_is_place(draft: Draft, first: int, last: int) -> bool:
    """Return whether the name is an alternative to a place: “nord ou pas de calais”."""
    separators = ("ou", "or", "et", "and")
    if draft.key(last) in separators:
        for size in range(MAX_NAME_WORDS, 0, -1):
            end = last + 1 + size
            if end <= len(draft.tokens) and _is_name(draft, last + 1, end):
                name = " ".join(token.key for token in draft.tokens[last + 1 : end])
                if (known := _known(name)) and known.stands_alone and name not in rules().words:
                    return True
    ends = draft.ends_of_condition()
    return draft.key(first - 1) in separators and first - 1 in ends


def _is_voided(draft: Draft, first: int, last: int) -> bool:
    """Return whether the name belongs to another one: “rue de Nantes”, “Paris sportifs”."""
    is_linked = draft.key(first - 1) in _LINKS and draft.tokens[first].continues_name
    if is_linked and draft.key(first - 2) not in _DISTANCES:
        return True
    return _is_part_of_name(draft, first, last)


def _is_part_of_name(draft: Draft, first: int, last: int) -> bool:
    data = rules()
    is_followed = last < len(draft.tokens) and draft.tokens[last].continues_name
    if is_followed and any(is_at(draft, last, words) for words in data.not_before):
        return True
    start = first
    while draft.key(start - 1) in (*_LINKS, *ARTICLES) and draft.tokens[start].continues_name:
        start -= 1
    return any(follows(draft, start, words) for words in data.not_after)


def _has_department(draft: Draft, last: int) -> bool:
    """Return whether a department, or a postal code, follows: “Vienne 38”, “Plouzané (29)”."""
    key = draft.key(last)
    if not key or draft.tokens[last].gap.strip(" (,-–"):
        return False
    is_counted = draft.key(last + 1) in rules().units
    return (bool(_DEPARTMENT.fullmatch(key)) and key in TERRITORIES and not is_counted) or _is_postal_code(key)


def _is_postal_code(key: str) -> bool:
    return bool(_POSTAL.fullmatch(key)) and bool(gazetteer().with_postal_code(key) or find_area(key))


def _extend(draft: Draft, first: int, last: int) -> tuple[int, AreaMatch | None]:
    """Return the end of the longest text from `first` on that names the place of the first words, and that place."""
    match = find_area(draft.slice(first, last)[:MAX_LENGTH])
    if match is None:
        return last, None
    end = last
    for size in range(1, MAX_NAME_WORDS):
        end = last + size
        if end > len(draft.tokens) or not draft.is_free(last, end) or draft.tokens[end - 1].gap.strip(" (),-–/"):
            break
        addition = " ".join(token.key for token in draft.tokens[last:end])
        if not _says_where(draft, last, end, addition, match.area):
            continue
        longer = find_area(draft.slice(first, end)[:MAX_LENGTH])
        if longer and (longer.area == match.area or _is_within(longer.area, match)):
            return _extend_again(draft, first, end, longer)
    return last, match


def _extend_again(draft: Draft, first: int, last: int, match: AreaMatch) -> tuple[int, AreaMatch]:
    end, longer = _extend(draft, first, last)
    return (end, longer) if longer else (last, match)


def _is_within(area: Area, match: AreaMatch) -> bool:
    """Return whether an area is one that the shorter text may name: “Vienne 38” is one of the places named Vienne."""
    return area in match.alternatives or bool({*places_of(area)} & {*match.communes})


def _says_where(draft: Draft, first: int, last: int, addition: str, area: Area) -> bool:
    """Return whether words after a name say which place is meant."""
    if draft.key(last) in rules().units:
        return False
    if addition in TERRITORIES or gazetteer().has_area(addition) or _is_country(addition):
        return True
    if _is_postal_code(addition):
        return True
    is_city = any(place.insee_code in CITIES.values() for place in places_of(area)[:1])
    if is_city and last == first + 1 and _ORDINAL.fullmatch(addition) and addition not in ("c", "d", "l", "m"):
        return True
    return all(word in _AFTER_NAME for word in addition.split()) and addition.split()[-1] not in ("et", "ses")


# Numbers


def _numbered_place(draft: Draft, index: int) -> tuple[int, int, AreaMatch] | None:
    key, token = draft.key(index), draft.tokens[index]
    context = _context(draft, index)
    if draft.key(index - 1) in rules().versions and token.continues_name and not context.has_cue:
        return None
    if _is_glued(draft, index):
        return None
    if _is_postal_code(key):
        return _with_name(draft, index, context)
    if _POSTAL.fullmatch(key + draft.key(index + 1)) and len(key) == 2 and _is_postal_code(key + draft.key(index + 1)):
        match = find_area(draft.slice(index, index + 2))
        return (context.start, index + 2, match) if match else None
    if key in TERRITORIES and _DEPARTMENT.fullmatch(key) and _is_department(draft, index, context):
        return _with_name(draft, index, context)
    return None


def _is_glued(draft: Draft, index: int) -> bool:
    """Return whether the number is part of a longer one or of a code: “802.11”, “24/7”, “az-104”, “+5”."""
    token = draft.tokens[index]
    if token.gap.endswith(("+", ".", "/", "-", "_", "#", "°", "'", "’")) and not token.gap.endswith(
        (" - ", "– ", " -")
    ):
        return True
    rest = draft.folded[token.end : token.end + 2]
    return bool(re.match(r"[.,/]\d|%|\+|[.-][a-z]|°", rest))


def _is_department(draft: Draft, index: int, context: Context) -> bool:
    """Return whether a number of two digits is a department, and not a version or a count."""
    data, number, before = rules(), draft.key(index), draft.key(index - 1)
    if draft.key(index + 1) in data.units and draft.tokens[index + 1].continues_name:
        return False
    if before in _DEPARTMENT_WORDS or context.has_cue or _is_in_brackets(draft, index):
        return True
    if context.has_weak_cue and before in ("le", "la"):
        return True
    if not number.isdigit() or index == 0 or not draft.tokens[index].continues_name:
        return index > 0 or len(draft.tokens) > 1
    if not before or index in draft.ends_of_condition():
        return True
    if number in data.numbered.get(before, ()) or before[-1].isdigit():
        return False
    if any(follows(draft, index, title) for title in data.titles):
        return True
    return number.startswith("0") or int(number) > MAX_VERSION


def _is_in_brackets(draft: Draft, index: int) -> bool:
    token = draft.tokens[index]
    return token.gap.endswith("(") and draft.folded[token.end : token.end + 1] == ")"


def _with_name(draft: Draft, index: int, context: Context) -> tuple[int, int, AreaMatch] | None:
    """Return the place of a postal code or department, together with a name after it: “69003 Lyon”, “44 - Nantes”."""
    for size in range(MAX_NAME_WORDS, 0, -1):
        last = index + 1 + size
        if last > len(draft.tokens) or not _is_name(draft, index + 1, last):
            continue
        if draft.tokens[index + 1].gap.strip(" -–,)"):
            continue
        name = " ".join(token.key for token in draft.tokens[index + 1 : last])
        if _known(name) and (match := find_area(draft.slice(index, last))):
            code = draft.key(index)
            if any(code[:2] == department[:2] or code == department for department in _departments(match.area)):
                return context.start, last, match
    text = draft.slice(index, index + 1)
    match = find_area(text if _POSTAL.fullmatch(text) else f"département {text}")
    return (context.start, index + 1, match) if match else None


def _departments(area: Area) -> Iterator[str]:
    yield from departments_of(area)
    yield from {place.department.lower() for place in places_of(area)}


def unique_matches(matches: Iterable[AreaMatch]) -> list[AreaMatch]:
    """Return the matches without those of an area that another one has."""
    by_area = {}
    for match in matches:
        by_area.setdefault((type(match.area), match.area), match)
    return list(by_area.values())
