"""What to mend in an offer before the public reads it: what was found, where, why it matters and how to mend it.

`check(offer)` takes an offer as it stands in memory, saved or not, and needs one query for the terms that curators
edit. What a term cannot say (numbers to call, capitals, a pay range) is looked for by the functions of `facts`.
"""

from dataclasses import dataclass, replace

from offers.enums import Contract
from offers.models import Offer
from offers.moderation.wording import facts
from offers.moderation.wording.phrases import fold
from offers.moderation.wording.reasons import REASONS, Reason
from offers.moderation.wording.terms import Category, Effect, Terms, from_database

ERROR, WARNING = Effect.ERROR.value, Effect.WARNING.value
# Where people write, in the order of the form.
TEXTS = ("title", "highlights", "description", "employer_descriptor")
AROUND = 40
# What the law allows to be asked of an apprentice, and of nobody else.
APPRENTICE = Reason(
    "Condition d’âge d’un contrat en alternance",
    "La loi fixe des âges pour l’apprentissage (16 à 29 ans, sauf exceptions)\u00a0; une autre limite est interdite.",
    "Renvoyez aux conditions légales du contrat plutôt que de donner un âge.",
    "Code du travail, art. L6222-1, L6222-2 et L5331-2",
)


@dataclass(frozen=True)
class Finding:
    """One thing to mend. `start` and `end` are the place in the field's text; both 0 where no words are at fault."""

    severity: str
    category: str
    field: str
    what: str
    reason: Reason
    start: int = 0
    end: int = 0
    before: str = ""
    text: str = ""
    after: str = ""
    advice: str = ""

    @property
    def blocks(self) -> bool:
        return self.severity == ERROR

    @property
    def why(self) -> str:
        return self.reason.why

    @property
    def repair(self) -> str:
        return self.reason.repair

    @property
    def law(self) -> str:
        return self.reason.law

    @property
    def field_label(self) -> str:
        return str(Offer._meta.get_field(self.field).verbose_name)


def check(offer: Offer, terms: Terms | None = None) -> list[Finding]:
    """The findings in the order of the form, errors first within a field; each phrase of a field once.

    For many offers at once read the terms once, with `terms.from_database()`.
    """
    terms = terms or from_database()
    found: list[Finding] = []
    for field in TEXTS:
        text = getattr(offer, field)
        if text:
            found += _in_text(offer, field, text, terms)
    found += [_finding(offer, fact) for fact in facts.about(offer)]
    fields = ["title", "place", "remote_days", "pay_min", "highlights", "description", "employer_descriptor"]
    return sorted(found, key=lambda one: (fields.index(one.field), not one.blocks, one.start))


def blocking(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocks]


def _in_text(offer, field: str, text: str, terms: Terms) -> list[Finding]:
    folded = fold(text)
    found, seen = [], set()
    for match in terms.find(folded, title=field == "title"):
        term, words = match.term, folded.text[match.start : match.end]
        if (term.category, words) in seen:
            continue
        if term.category == Category.FOREIGN and facts.is_explained(folded.text, match.start, match.end, term.advice):
            continue
        seen.add((term.category, words))
        start, end = folded.span(match.start, match.end)
        fact = facts.Fact(term.effect, term.category, field, "", start, end, term.advice)
        found.append(_finding(offer, fact))
    return found


def _finding(offer, fact: facts.Fact) -> Finding:
    text = getattr(offer, fact.field)
    text = text if isinstance(text, str) else ""
    words = text[fact.start : fact.end]
    reason = REASONS[fact.category]
    finding = Finding(
        severity=fact.severity,
        category=fact.category,
        field=fact.field,
        what=fact.what or reason.label,
        reason=reason,
        start=fact.start,
        end=fact.end,
        before=_cut_before(text[: fact.start]) if words else "",
        text=words,
        after=_cut_after(text[fact.end :]) if words else "",
        advice=fact.advice,
    )
    if fact.category == Category.AGE and offer.contract == Contract.APPRENTICESHIP:
        return replace(finding, severity=WARNING, what=APPRENTICE.label, reason=APPRENTICE)
    return finding


def _cut_before(text: str) -> str:
    """The end of what stands before the words, from the beginning of a word."""
    line = text.rpartition("\n")[2]
    return line if len(line) <= AROUND else "…" + line[-AROUND:].partition(" ")[2]


def _cut_after(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= AROUND else line[:AROUND].rpartition(" ")[0] + "…"
