"""Queries of the search box, judged by hand: what each means, and the score of `understand` on them.

`judged.toml` was written before the grammar, `heldout.toml` never used to change it. A query has

    q               as typed
    class           the kind of condition, "several", or "words" for a text that must not be understood as a condition
    ou              names of areas for the location field, any of which is meant
    contrat, teletravail, experience, employeur, langue, salaire, tjm, depuis: values of these query parameters
    not_understood  parts about pay that no filter can apply
    words           the words that are searched
    companies       employers that have offers
    why             the reason, where it is not obvious
"""

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from offers.places.areas import LocationKeyword
from offers.places.lookup import parse_area
from offers.search.parser import parse_text
from offers.search.synonyms import expression
from offers.understanding.names import Names
from offers.understanding.reading import Understanding, understand

HERE = Path(__file__).parent
CHOICES = ("contrat", "teletravail", "experience", "employeur", "langue")
AMOUNTS = ("salaire", "tjm", "depuis")


@dataclass(frozen=True)
class Query:
    q: str
    kind: str
    words: str = ""
    conditions: dict = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()

    def understanding(self) -> Understanding:
        companies = [expression(name) for name in self.companies]

        def employs(words) -> bool:
            size = len(words)
            return any(words == name[at : at + size] for name in companies for at in range(len(name) - size + 1))

        return understand(self.q, Names(employs=employs))

    def differences(self) -> list[str]:
        """Return what the grammar understands otherwise than the judgement."""
        read = self.understanding()
        expected, actual = dict(self.conditions), {}
        expected["ou"] = sorted(_label(parse_area(name).area) for name in expected.get("ou", ()))
        actual["ou"] = sorted(_label(condition.values[0].area) for condition in read.of("ou"))
        for parameter in CHOICES:
            actual[parameter] = sorted(read.choices(parameter))
            expected[parameter] = sorted(expected.get(parameter, ()))
        for parameter in AMOUNTS:
            actual[parameter] = read.amount(parameter)
            expected.setdefault(parameter, None)
        actual["rejected"], expected["rejected"] = list(read.rejected), list(self.rejected)
        actual["words"], expected["words"] = _searched(read.words), _searched(self.words)
        return [f"{name}: {actual[name]} for {expected[name]}" for name in actual if actual[name] != expected[name]]


def _label(area) -> str:
    return "France" if area is LocationKeyword.FRANCE else f"{type(area).__name__} {area}"


def _searched(text: str) -> tuple:
    parsed = parse_text(text)
    return parsed.words, parsed.phrases, parsed.excluded, parsed.alternatives


@cache
def read_queries(name: str) -> list[Query]:
    with (HERE / name).open("rb") as file:
        rows = tomllib.load(file)["query"]
    return [
        Query(
            row["q"],
            row["class"],
            row.get("words", ""),
            {key: row[key] for key in ("ou", *CHOICES, *AMOUNTS) if key in row},
            tuple(row.get("not_understood", ())),
            tuple(row.get("companies", ())),
        )
        for row in rows
    ]


def report(queries: list[Query]) -> tuple[dict[str, float], str]:
    """Return the share of queries that are understood as judged, by class and in all, and the others in words."""
    right, lines = Counter(), defaultdict(list)
    for query in queries:
        if differences := query.differences():
            lines[query.kind].append(f"  {query.q!r}: {'; '.join(differences)}")
        else:
            right[query.kind] += 1
    counts = Counter(query.kind for query in queries)
    scores = {kind: right[kind] / count for kind, count in counts.items()}
    scores["all"] = right.total() / len(queries)
    text = [f"{len(queries)} queries: {scores['all']:.1%} as judged"]
    for kind, count in sorted(counts.items()):
        text += [f"{kind}: {right[kind]} of {count}", *lines[kind]]
    return scores, "\n".join(text)
