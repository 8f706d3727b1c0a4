"""Read a search text into conditions and words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from offers.places.areas import LocationKeyword
from offers.places.lookup import AreaMatch
from offers.search.parser import MAX_LENGTH, has_only_fillers
from offers.understanding.durations import read_distance, read_durations, read_remote_days
from offers.understanding.locations import read_locations, unique_matches
from offers.understanding.names import Names
from offers.understanding.pay import read_pay
from offers.understanding.phrases import read_phrases
from offers.understanding.tokens import Condition, Draft

# Words before a condition that belong to it, and after it.
_BEFORE_WORDS = """
a en dans sur de d du des pour avec in at near with for et ou or and chez le la les l un une au aux contrat type salaire
salaires remuneration region secteur surtout uniquement seulement plutot experience niveau poste profil lieu
localisation mission missions offre offres emploi job jobs annonce annonces position"""
_AFTER_WORDS = """
uniquement seulement exclusivement only obligatoire souhaitable accepte acceptee acceptes souhaite souhaitee possible
minimum mini environ h f"""
_BEFORE, _AFTER = frozenset(_BEFORE_WORDS.split()), frozenset(_AFTER_WORDS.split())
_JOINS = re.compile(r"(?:^|\s)(?:ou|or|et|and)(?:\s|$)|/")
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

    def choices(self, parameter: str) -> list[str]:
        """Return the values of a choice filter, any of which offers may have.

        “junior ou confirmé” adds up, “senior, 5 ans” is both.
        """
        values: list[str] = []
        last_end = 0
        for condition in self.of(parameter):
            common = [value for value in values if value in condition.values]
            is_joined = bool(_JOINS.search(self.text[last_end : condition.start].casefold()))
            both = list(dict.fromkeys([*values, *condition.values]))
            values = both if is_joined or not common else common
            last_end = condition.end
        return values

    def amount(self, parameter: str) -> int | None:
        """Return the value of the first condition on a whole number (`salaire`, `tjm`, `depuis`, `rayon`)."""
        return next((condition.values[0] for condition in self.of(parameter)), None)

    def without(self, conditions: Iterable[Condition]) -> str:
        """Return the text without some conditions."""
        text = self.text
        for condition in sorted(conditions, key=lambda each: -each.start):
            text = f"{text[: condition.start]} {text[condition.end :]}"
        return " ".join(text.split())

    def replaced(self, condition: Condition, text: str) -> str:
        """Return the text with another text for a condition."""
        return f"{self.text[: condition.start]}{text}{self.text[condition.end :]}"

    def corrected(self, words: str) -> str:
        """Return the text with the corrected words `words`."""
        old, new = self.words.split(), words.split()
        if not self.conditions or len(old) != len(new):
            return f"{words} {self.without_words}".strip()
        text = self.text
        for before, after in zip(old, new, strict=True):
            text = text.replace(before, after, 1) if before != after else text
        return text

    @property
    def without_words(self) -> str:
        """Return the text of the conditions alone."""
        return " ".join(self.text[condition.start : condition.end] for condition in self.conditions)


def understand(text: str, names: Names | None = None, *, with_places: bool = True) -> Understanding:
    """Read the first MAX_LENGTH characters of a text of the search box.

    Names of places are words if not `with_places`.
    """
    names = names or Names()
    draft = Draft(text[:MAX_LENGTH].strip())
    read_remote_days(draft)
    read_pay(draft)
    read_durations(draft)
    read_phrases(draft, names)
    if with_places:
        read_locations(draft, names)
    read_distance(draft)
    if not draft.conditions and not draft.rejected:
        return Understanding.literal(draft.text)
    rejected = tuple(draft.text[start:end].strip() for start, end in sorted(draft.rejected))
    conditions = tuple(sorted(draft.conditions, key=lambda each: each.start))
    return Understanding(draft.text, _words(draft), conditions, rejected)


def _words(draft: Draft) -> str:
    """Return the text without its conditions and the small words around them; "" if nothing is left to search."""
    kept = [True] * len(draft.text)
    for start, end in (*((each.start, each.end) for each in draft.conditions), *draft.rejected):
        kept[start:end] = [False] * (end - start)
        index = draft.index_at(start) - 1
        while _is_small(draft, index, _BEFORE):
            kept[draft.tokens[index].start : draft.tokens[index].end] = [False] * len(draft.key(index))
            index -= 1
        index = draft.index_at(end)
        while _is_small(draft, index, _AFTER):
            kept[draft.tokens[index].start : draft.tokens[index].end] = [False] * len(draft.key(index))
            index += 1
    text = "".join(char if is_kept else " " for char, is_kept in zip(draft.text, kept, strict=True))
    text = _LOOSE.sub(" ", _GENDER.sub(" ", text))
    text = " ".join(text.split()).strip(" ,;:/-–")
    return "" if has_only_fillers(text) else text


def _is_small(draft: Draft, index: int, words: frozenset[str]) -> bool:
    """Return whether a token is a small word: “d” only before an apostrophe, since D is a language."""
    key = draft.key(index)
    if key not in words:
        return False
    if key in ("d", "l"):
        return draft.folded[draft.tokens[index].end : draft.tokens[index].end + 1] == "'"
    return True
