"""Read a search text into conditions and words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from offers.places.areas import LocationKeyword
from offers.places.lookup import AreaMatch
from offers.search.analysis import fold
from offers.search.parser import MAX_LENGTH, has_only_fillers
from offers.understanding.durations import read_contract_lengths, read_distance, read_durations, read_remote_days
from offers.understanding.locations import read_locations, unique_matches
from offers.understanding.names import Names
from offers.understanding.pay import read_pay
from offers.understanding.phrases import read_phrases
from offers.understanding.tokens import AnnotatedText, Condition

# Words before a condition that belong to it, and after it.
_BEFORE_WORDS = """
a en dans sur de d du des pour avec in at near with for et ou or and chez le la les l un une au aux contrat type salaire
salaires remuneration region secteur surtout uniquement seulement plutot experience niveau poste profil lieu
localisation mission missions offre offres emploi job jobs annonce annonces position"""
_AFTER_WORDS = """
uniquement seulement exclusivement only obligatoire souhaitable accepte acceptee acceptes souhaite souhaitee possible
minimum mini environ"""
_AFTER_DISTANCE = frozenset(["de", "d", "du", "des", "autour", "around", "of"])
_BEFORE, _AFTER = frozenset(_BEFORE_WORDS.split()), frozenset(_AFTER_WORDS.split())
_JOINS = re.compile(r"(?:^|\s)(?:ou|or|et|and)(?:\s|$)|/")
# Words of the condition on a place that mean its surroundings, too.
_NEARBY = re.compile(r"\b(?:autour|pres|proche|alentours|environs|peripherie|near|around|cote|loin)\b")
NEARBY_KM = 20
_LOOSE = re.compile(r"(?<!\S)[(),;:/|·•&–—-]+(?!\S)")
_GENDER = re.compile(r"(?<!\S)[(\[]?[hfmHFM]\s?/\s?[hfmHFM](?:\s?/\s?[xXdDnN])?[)\]]?(?!\S)")


@dataclass(frozen=True)
class Understanding:
    """The conditions of a text in their order, the words that are left, and what could not be understood.

    `words` is the search text for `offers.search`; `rejected` are texts about pay that no filter can apply.
    """

    text: str
    words: str
    conditions: tuple[Condition, ...] = ()
    rejected: tuple[str, ...] = ()

    @classmethod
    def literal(cls, text: str) -> "Understanding":
        """Return the understanding of a text of which every word is searched as it is."""
        return cls(text, text)

    def of(self, parameter: str) -> list[Condition]:
        return [condition for condition in self.conditions if condition.parameter == parameter]

    @cached_property
    def areas(self) -> list[AreaMatch]:
        """Return the places, any of which offers may have. The whole country is none."""
        matches = unique_matches(condition.values[0] for condition in self.of("ou"))
        return [match for match in matches if match.area is not LocationKeyword.FRANCE]

    @property
    def radius(self) -> int | None:
        """Return the distance to the places in kilometres; NEARBY_KM for “autour de Lyon”, “Lyon et alentours”."""
        stated = self.amount("rayon")
        if stated or not any(_NEARBY.search(fold(self.text[each.start : each.end])) for each in self.of("ou")):
            return stated
        return NEARBY_KM

    def choices(self, parameter: str) -> list[str]:
        """Return the values of a choice filter, any of which offers may have.

        “junior ou confirmé” adds up, “senior, 5 ans” is both.
        """
        values: list[str] = []
        last_end = 0
        for condition in self.of(parameter):
            common = [value for value in values if value in condition.values]
            is_joined = bool(_JOINS.search(self.text[last_end : condition.end].casefold()))
            both = list(dict.fromkeys([*values, *condition.values]))
            values = both if is_joined or not common else common
            last_end = condition.end
        return values

    def amount(self, parameter: str) -> int | None:
        """Return the value of the first condition on a whole number (`salaire`, `tjm`, `depuis`, `rayon`)."""
        return next((condition.values[0] for condition in self.of(parameter)), None)

    def without(self, conditions: Iterable[Condition]) -> str:
        """Return the text without some conditions, and without the distance to places that are all removed."""
        removed = list(conditions)
        if not any(each not in removed for each in self.of("ou")):
            removed += [each for each in self.of("rayon") if each not in removed]
        text = self.text
        for condition in sorted(removed, key=lambda each: -each.start):
            text = f"{text[: condition.start]} {text[condition.end :]}"
        return " ".join(text.split())

    def replaced(self, condition: Condition, text: str) -> str:
        """Return the text with another text for a condition."""
        return f"{self.text[: condition.start]}{text}{self.text[condition.end :]}"

    def with_words(self, words: str) -> str:
        """Return the text with other words beside its conditions."""
        return f"{words} {self.without_words}".strip()

    @property
    def without_words(self) -> str:
        """Return the text of the conditions alone."""
        return " ".join(self.text[condition.start : condition.end] for condition in self.conditions)


def understand(text: str, names: Names | None = None, *, with_places: bool = True) -> Understanding:
    """Read the first MAX_LENGTH characters of a text of the search box.

    Names of places are words if not `with_places`.
    """
    names = names or Names()
    annotated = AnnotatedText(text[:MAX_LENGTH].strip())
    read_contract_lengths(annotated)
    read_remote_days(annotated)
    read_pay(annotated)
    read_durations(annotated)
    read_phrases(annotated, names)
    if with_places:
        read_locations(annotated, names)
    read_distance(annotated)
    if not (annotated.conditions or annotated.rejected or annotated.excluded or annotated.ignored):
        words = "" if has_only_fillers(annotated.text) else annotated.text
        return Understanding(annotated.text, words)
    rejected = tuple(annotated.text[start:end].strip() for start, end in sorted(annotated.rejected))
    conditions = tuple(
        replace(each, start=start, end=end)
        for each in sorted(annotated.conditions, key=lambda each: each.start)
        for start, end in [_with_small_words(annotated, each.start, each.end, each.parameter)]
    )
    return Understanding(annotated.text, _words(annotated, conditions), conditions, rejected)


def _words(annotated: AnnotatedText, conditions: tuple[Condition, ...]) -> str:
    """Return the text without its conditions; "" if nothing is left to search.

    Excluded places become operators: “sauf Lyon” is searched as -"Lyon".
    """
    is_kept = [True] * len(annotated.text)
    others = [
        _with_small_words(annotated, start, end)
        for start, end in (*annotated.rejected, *annotated.excluded, *annotated.ignored)
    ]
    for start, end in (*((each.start, each.end) for each in conditions), *others):
        is_kept[start:end] = [False] * (end - start)
    text = "".join(char if kept else " " for char, kept in zip(annotated.text, is_kept, strict=True))
    text = _LOOSE.sub(" ", _GENDER.sub(" ", text))
    text = " ".join(text.split()).strip(" ,;:/-–")
    text = " ".join([text, *(f'-"{name}"' for name in annotated.excluded_names)]).strip()
    return "" if has_only_fillers(text) else text


def _with_small_words(annotated: AnnotatedText, start: int, end: int, parameter: str = "") -> tuple[int, int]:
    """Return the slice of a condition with the small words around it that belong to it."""
    first, last = annotated.index_at(start), annotated.index_at(end)
    while _is_small(annotated, first - 1, _BEFORE):
        first -= 1
        start = annotated.tokens[first].start
    after = _AFTER | _AFTER_DISTANCE if parameter == "rayon" else _AFTER
    while _is_small(annotated, last, after):
        end = annotated.tokens[last].end
        last += 1
    return start, end


def _is_small(annotated: AnnotatedText, index: int, words: frozenset[str]) -> bool:
    """Return whether a token is a small word that is free, or OU in capitals.

    “d” is one only before an apostrophe, since D is a language.
    """
    if not 0 <= index < len(annotated.tokens):
        return False
    token = annotated.tokens[index]
    if annotated.text[token.start : token.end] in ("OU", "OR"):
        return token.key in words
    if annotated.key(index) not in words:
        return False
    return token.key not in ("d", "l") or annotated.folded[token.end : token.end + 1] == "'"
