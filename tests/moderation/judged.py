"""Phrasings judged by hand, and the score of the wording check on them: `python -m tests.moderation.judged`.

The files of `judged/` have one phrasing a line:

    text        of a description, unless `where` is "title" or "question"
    verdict     "block": the offer cannot be sent without a reason; "warn"; "pass": no finding
    criterion   the category that a finding must have
    contract    of the offer, a CDI by default
    heldout     written before the rules and never used to choose one: the score on phrasings that are new to the rules
    note        why, where the verdict is not obvious
"""

import os
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jobboard.settings")
    django.setup()

from offers.enums import Contract
from offers.models import Offer
from offers.moderation.wording import Finding, check
from offers.moderation.wording.terms import compile_terms, read_terms

DIRECTORY = Path(__file__).parent / "judged"
TERMS = compile_terms(tuple(read_terms()))
# A French text that is long enough and without findings.
CLEAN_TEXT = (
    "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la mise en production. "
    * 3
)
# Findings about the form of the offer, which are judged elsewhere.
_FORM = {"language", "foreign", "remote"}


@dataclass(frozen=True)
class Phrasing:
    text: str
    verdict: str
    criterion: str
    where: str = "description"
    contract: str = Contract.CDI
    heldout: bool = False
    note: str = ""

    def findings(self) -> list[Finding]:
        """Return the findings in an offer that has nothing else to find."""
        if self.where == "question":
            found = check(build_offer(contract=self.contract), TERMS, asked=[self.text])
        else:
            found = check_text(self.text, self.where, contract=self.contract)
        return [finding for finding in found if finding.category not in _FORM]

    def outcome(self) -> str:
        """Return the verdict of the wording check, with the categories if it finds another criterion only."""
        found = self.findings()
        if not found:
            return "pass"
        severity = "block" if any(finding.blocks for finding in found) else "warn"
        categories = {finding.category for finding in found}
        if self.verdict != "pass" and self.criterion not in categories:
            return f"{severity} ({', '.join(sorted(categories))})"
        return severity


def build_offer(**fields) -> Offer:
    values = {
        "title": "Développeur Java",
        "contract": Contract.CDI,
        "place_id": 1,
        "description": CLEAN_TEXT,
        "pay_min": 45_000,
        "pay_max": 55_000,
    }
    return Offer(**{**values, **fields})


def check_text(text: str, field: str = "description", **fields) -> list[Finding]:
    """Return the findings in a text of the field; a description stands between two paragraphs without findings."""
    text = f"{CLEAN_TEXT}\n\n{text}\n\n{CLEAN_TEXT}" if field == "description" else text
    return check(build_offer(**{field: text}, **fields), TERMS)


def read_phrasings() -> list[Phrasing]:
    phrasings = []
    for file in sorted(DIRECTORY.glob("*.toml")):
        default = {"where": "question"} if file.stem == "questions" else {}
        phrasings += [Phrasing(**default | row) for row in tomllib.loads(file.read_text("utf-8"))["phrasings"]]
    return phrasings


@dataclass
class Score:
    """Outcomes of the wording check on phrasings.

    `recall_of_block`: the share of the phrasings that must be blocked which are. `recall_of_pass`: the share of the
    careful phrasings that have no finding. `precision_of_pass`: the share of the phrasings without a finding that are
    careful ones.
    """

    results: list[tuple[Phrasing, str]]

    @classmethod
    def of(cls, phrasings: list[Phrasing]) -> "Score":
        return cls([(phrasing, phrasing.outcome()) for phrasing in phrasings])

    @property
    def counts(self) -> Counter:
        return Counter((phrasing.verdict, outcome) for phrasing, outcome in self.results)

    @property
    def misses(self) -> list[tuple[Phrasing, str]]:
        return [(phrasing, outcome) for phrasing, outcome in self.results if phrasing.verdict != outcome]

    def recall(self, verdict: str) -> float:
        judged = [outcome for phrasing, outcome in self.results if phrasing.verdict == verdict]
        return judged.count(verdict) / len(judged) if judged else 1.0

    def precision(self, verdict: str) -> float:
        given = [phrasing.verdict for phrasing, outcome in self.results if outcome == verdict]
        return given.count(verdict) / len(given) if given else 1.0

    def report(self) -> str:
        """Return the figures, then each phrasing with another outcome than its verdict."""
        lines = [
            f"{len(self.results)} phrasings: "
            f"recall of block {self.recall('block'):.1%}, recall of warn {self.recall('warn'):.1%}, "
            f"recall of pass {self.recall('pass'):.1%}, precision of pass {self.precision('pass'):.1%}"
        ]
        lines += [
            f"  {phrasing.verdict} expected, {outcome} given [{phrasing.criterion}] {phrasing.text}"
            for phrasing, outcome in self.misses
        ]
        return "\n".join(lines)


if __name__ == "__main__":
    every = read_phrasings()
    for label, heldout in (("Tuned", False), ("Held out", True)):
        print(label + ",", Score.of([phrasing for phrasing in every if phrasing.heldout is heldout]).report())
