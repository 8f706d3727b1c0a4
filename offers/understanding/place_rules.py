"""When a name of the gazetteer is a place: `data/locations.toml`, the words around the name, and its inhabitants."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from offers.places.areas import TERRITORIES, LocationKeyword
from offers.places.gazetteer import NameMatch, gazetteer
from offers.places.location_text import keyword_of
from offers.places.lookup import find_area
from offers.places.models import ARTICLES
from offers.understanding.phrases import DATA, Phrase, follows
from offers.understanding.tokens import AnnotatedText, keys

# Names of communes and regions have at most so many words: “Provence-Alpes-Côte d’Azur”.
MAX_NAME_WORDS = 6
# Inhabitants from which the name of a commune needs no cue: of one word, of several, and cut to its first words.
MIN_TOWN, MIN_COMPOUND, MIN_BEGINNING = 10_000, 5_000, 20_000
# The same after a cue such as “à”.
MIN_WITH_CUE, MIN_BEGINNING_WITH_CUE = 500, 5_000
# Inhabitants from which a name may lack its article: “Havre”.
MIN_WITHOUT_ARTICLE = 30_000
DEPARTMENT = re.compile(r"\d{2}|2[ab]|97\d", re.ASCII)
POSTAL = re.compile(r"\d{5}", re.ASCII)


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


def context_at(annotated: AnnotatedText, index: int) -> Context:
    """Return the context of a name or number that begins at `index`."""
    for cue in rules().cues:
        if follows(annotated, index, cue):
            weak = cue in rules().weak_cues and not _is_accented(annotated, index - 1)
            return Context(index - len(cue), not weak, weak)
    return Context(index, False, False)


def _is_accented(annotated: AnnotatedText, index: int) -> bool:
    """Return whether the token is the preposition “à”: “a” may be English."""
    token = annotated.tokens[index]
    return annotated.text[token.start : token.end] in "àÀ"


def is_name(annotated: AnnotatedText, first: int, last: int) -> bool:
    """Return whether the tokens can be one name: free, and with no punctuation between them."""
    return annotated.is_free(first, last) and all(token.continues_name for token in annotated.tokens[first + 1 : last])


@dataclass(frozen=True)
class NameEvidence:
    """Whether a name that the gazetteer knows is a place without a cue, and with one.

    `is_minor`: it is that of a small commune; `is_beginning`: it is the beginning of a longer name.
    """

    stands_alone: bool
    stands_with_cue: bool
    is_minor: bool = False
    is_beginning: bool = False


def name_evidence(name: str) -> NameEvidence | None:
    """Return how well a name is evidence, None if the gazetteer does not have it."""
    if name.isdigit() or name in ARTICLES or len(name) < 2:
        return None
    if (name in TERRITORIES and not DEPARTMENT.fullmatch(name)) or gazetteer().has_area(name) or is_country(name):
        return NameEvidence(True, True)
    candidate = gazetteer().named(name)
    if candidate is None:
        return None
    inhabitants, is_compound = candidate.place.population, " " in name
    if candidate.match == NameMatch.EXACT:
        least = MIN_COMPOUND if is_compound else MIN_TOWN
        if candidate.place.key != name:
            least = max(least, 0 if is_compound else MIN_WITHOUT_ARTICLE)
        return NameEvidence(inhabitants >= least, inhabitants >= MIN_WITH_CUE, is_minor=inhabitants < MIN_BEGINNING)
    if candidate.match == NameMatch.WORDS:
        return NameEvidence(
            inhabitants >= MIN_BEGINNING and len(name) >= 4,
            inhabitants >= MIN_BEGINNING_WITH_CUE and len(name) >= 3,
            is_beginning=True,
        )
    return NameEvidence(is_compound, True)


def is_country(name: str) -> bool:
    return keyword_of(name) is LocationKeyword.FRANCE


def is_postal_code(key: str) -> bool:
    return bool(POSTAL.fullmatch(key)) and bool(gazetteer().with_postal_code(key) or find_area(key))
