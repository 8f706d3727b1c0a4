"""Places stated in the search box: names with the gazetteer, postal codes, numbers of departments.

A name in the location field is a place; a name in the search box may be a word (“sens”), an employer (“Orange”) or a
part of another name (“rue de Nantes”). `data/locations.toml` names the words that decide.
"""

import re
from collections.abc import Iterable

from offers.places.areas import TERRITORIES, Area, places_of
from offers.places.gazetteer import gazetteer
from offers.places.location_text import CITIES, MAX_LENGTH
from offers.places.lookup import AreaMatch, find_area
from offers.places.models import ARTICLES
from offers.search.synonyms import expression
from offers.understanding.codes import numbered_place
from offers.understanding.names import Names
from offers.understanding.phrases import follows, is_at, negation_before
from offers.understanding.place_rules import (
    DEPARTMENT,
    MAX_NAME_WORDS,
    context_at,
    is_country,
    is_name,
    is_postal_code,
    name_evidence,
    rules,
)
from offers.understanding.tokens import AnnotatedText

_LINKS = ("de", "d", "du", "des", "of")
_ORDINAL = re.compile(r"(?:\d{1,2}|[ivx]{1,5})(?:er|e|eme|ieme|nd|nde)?", re.ASCII)
_AFTER_NAME_WORDS = """
cedex arrondissement arrondissements arrt arr centre ville intra muros alentours environs et ses peripherie agglo
agglomeration metropole"""
_AFTER_NAME = frozenset(_AFTER_NAME_WORDS.split())
# Before “de” and a place: “à 20 km de Lyon”.
_DISTANCES = ("km", "kms", "kilometres", "minutes", "min")


def read_locations(annotated: AnnotatedText, names: Names) -> None:
    """Take the places."""
    index = 0
    while index < len(annotated.tokens):
        last = index + 1
        if annotated.key(index) and (place := _place_at(annotated, index, names)):
            first, last, match = place
            negation = negation_before(annotated, first)
            if match and negation is not None:
                annotated.exclude_tokens(negation, index, last)
            elif match:
                annotated.take_tokens("ou", [match], first, last)
        index = last


def _place_at(annotated: AnnotatedText, index: int, names: Names) -> tuple[int, int, AreaMatch | None] | None:
    """Return the slice of tokens of a place whose name or number begins at `index`, and its area.

    The area is None if the name of a place is not meant as a place: the words within it are none, either.
    """
    key = annotated.key(index)
    if key[0].isdigit():
        return numbered_place(annotated, index)
    for size in range(MAX_NAME_WORDS, 0, -1):
        last = index + size
        if last <= len(annotated.tokens) and is_name(annotated, index, last):
            name = " ".join(token.key for token in annotated.tokens[index:last])
            if _may_be_place(annotated, index, last, name, names):
                last, match = _extend(annotated, index, last)
                if match:
                    return context_at(annotated, index).start, last, match
            elif size > 1 and (evidence := name_evidence(name)) and evidence.stands_alone:
                return index, last, None
    return None


# Names


def _may_be_place(annotated: AnnotatedText, first: int, last: int, name: str, names: Names) -> bool:
    """Return whether a name in this context is that of a place."""
    evidence = name_evidence(name)
    if evidence is None:
        return False
    context = context_at(annotated, first)
    has_department = _has_department(annotated, last)
    if _is_within_compound(annotated, first, last):
        return False
    if not (context.has_cue or has_department):
        if _belongs_to_another_name(annotated, first, last):
            return False
        if _is_word(annotated, first, last, name, names):
            return False
        if evidence.is_beginning and " " in name and first > 0 and last < len(annotated.tokens):
            return False
        if not evidence.stands_alone or (evidence.is_minor and names.employs(expression(annotated.slice(first, last)))):
            return False
    elif not has_department and (not evidence.stands_with_cue or _is_beside_institution(annotated, first, last)):
        return False
    return not names.contain(annotated, first, last)


def _is_within_compound(annotated: AnnotatedText, first: int, last: int) -> bool:
    """Return whether a hyphen joins the name to another word: “La Roche-Posay”."""
    if first and annotated.tokens[first].gap == "-" and not annotated.tokens[first - 1].key.isdigit():
        return True
    is_joined = last < len(annotated.tokens) and annotated.tokens[last].gap == "-"
    return is_joined and not annotated.tokens[last].key.isdigit()


def _is_word(annotated: AnnotatedText, first: int, last: int, name: str, names: Names) -> bool:
    """Return whether a name that is also a word is used as the word here."""
    data = rules()
    if name not in data.words and name not in data.ends and name not in data.last:
        return False
    if _neighbour_is_place(annotated, first, last) or (is_country(name) and first and not annotated.key(first - 1)):
        return False
    before = annotated.key(first - 1)
    if annotated.key(last) == "et" and annotated.key(last + 1) in _AFTER_NAME:
        return False
    # Conditions around the name do not count: “java valence cdi”.
    is_outermost_right = not any(map(annotated.key, range(last, len(annotated.tokens))))
    is_outermost_left = not any(map(annotated.key, range(first)))
    if is_outermost_left and is_outermost_right and name in data.ends | data.last:
        return False
    is_last = is_outermost_right and first > 0 and before not in (*_LINKS, *data.not_last_after)
    is_first = is_outermost_left and last < len(annotated.tokens) and _is_work(annotated, last, names)
    if name in data.ends:
        return not (is_last or is_first)
    return not (name in data.last and is_last)


def _is_work(annotated: AnnotatedText, index: int, names: Names) -> bool:
    """Return whether a condition, a title or a skill begins at `index`."""
    if not annotated.key(index) or any(is_at(annotated, index, title) for title in rules().titles):
        return True
    return expression(annotated.slice(index, index + 1)) in names.thesaurus.skills


def _neighbour_is_place(annotated: AnnotatedText, first: int, last: int) -> bool:
    """Return whether the name is an alternative to a place: “nord ou pas de calais”."""
    separators = ("ou", "or", "et", "and")
    if annotated.key(last) in separators:
        for size in range(MAX_NAME_WORDS, 0, -1):
            end = last + 1 + size
            if end <= len(annotated.tokens) and is_name(annotated, last + 1, end):
                name = " ".join(token.key for token in annotated.tokens[last + 1 : end])
                if (evidence := name_evidence(name)) and evidence.stands_alone and name not in rules().words:
                    return True
    ends = annotated.ends_of_condition()
    return annotated.key(first - 1) in separators and first - 1 in ends


def _belongs_to_another_name(annotated: AnnotatedText, first: int, last: int) -> bool:
    """Return whether the name belongs to another one: “rue de Nantes”, “Paris sportifs”."""
    is_linked = annotated.key(first - 1) in _LINKS and annotated.tokens[first].continues_name
    if is_linked and annotated.key(first - 2) not in _DISTANCES:
        return True
    return _is_beside_institution(annotated, first, last)


def _is_beside_institution(annotated: AnnotatedText, first: int, last: int) -> bool:
    """Return whether the words beside the name make it a street, an institution or a product."""
    data = rules()
    is_followed = last < len(annotated.tokens) and annotated.tokens[last].continues_name
    if is_followed and any(is_at(annotated, last, words) for words in data.not_before):
        return True
    start = first
    while annotated.key(start - 1) in (*_LINKS, *ARTICLES) and annotated.tokens[start].continues_name:
        start -= 1
    return any(follows(annotated, start, words) for words in data.not_after)


def _has_department(annotated: AnnotatedText, last: int) -> bool:
    """Return whether a department, or a postal code, follows: “Vienne 38”, “Plouzané (29)”."""
    key = annotated.key(last)
    if not key or annotated.tokens[last].gap.strip(" (,-–"):
        return False
    is_counted = annotated.key(last + 1) in rules().units
    return (bool(DEPARTMENT.fullmatch(key)) and key in TERRITORIES and not is_counted) or is_postal_code(key)


def _extend(annotated: AnnotatedText, first: int, last: int) -> tuple[int, AreaMatch | None]:
    """Return the end of the longest text from `first` on that names the place of the first words, and that place."""
    match = find_area(annotated.slice(first, last)[:MAX_LENGTH])
    if match is None:
        return last, None
    end = last
    for size in range(1, MAX_NAME_WORDS):
        end = last + size
        if (
            end > len(annotated.tokens)
            or not annotated.is_free(last, end)
            or annotated.tokens[end - 1].gap.strip(" (),-–/")
        ):
            break
        addition = " ".join(token.key for token in annotated.tokens[last:end])
        if not _says_where(annotated, last, end, addition, match.area):
            continue
        longer = find_area(annotated.slice(first, end)[:MAX_LENGTH])
        if longer and (longer.area == match.area or _is_within(longer.area, match)):
            return _extend_again(annotated, first, end, longer)
    return last, match


def _extend_again(annotated: AnnotatedText, first: int, last: int, match: AreaMatch) -> tuple[int, AreaMatch]:
    end, longer = _extend(annotated, first, last)
    return (end, longer) if longer else (last, match)


def _is_within(area: Area, match: AreaMatch) -> bool:
    """Return whether an area is one that the shorter text may name: “Vienne 38” is one of the places named Vienne."""
    return area in match.alternatives or bool({*places_of(area)} & {*match.communes})


def _says_where(annotated: AnnotatedText, first: int, last: int, addition: str, area: Area) -> bool:
    """Return whether words after a name say which place is meant."""
    if annotated.key(last) in rules().units:
        return False
    if addition in TERRITORIES or gazetteer().has_area(addition) or is_country(addition):
        return True
    if is_postal_code(addition):
        return True
    is_city = any(place.insee_code in CITIES.values() for place in places_of(area)[:1])
    if is_city and last == first + 1 and _ORDINAL.fullmatch(addition) and addition not in ("c", "d", "l", "m"):
        return True
    return all(word in _AFTER_NAME for word in addition.split()) and addition.split()[-1] not in ("et", "ses")


def unique_matches(matches: Iterable[AreaMatch]) -> list[AreaMatch]:
    """Return the matches without those of an area that another one has."""
    by_area = {}
    for match in matches:
        by_area.setdefault((type(match.area), match.area), match)
    return list(by_area.values())
