"""Check the wording of offers before publication: discrimination, contact details, capitals, missing pay.

`check(offer)` works on the instance, saved or not, with one query for the terms that curators edit. `criteria` finds
choices by a forbidden criterion that no term lists, `context` excuses words that choose no candidate, `exceptions`
knows the laws that allow a criterion, and `rules` contains the checks of the form of an offer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from offers.models import Offer, versions
from offers.moderation.wording import criteria, employer, rules
from offers.moderation.wording.context import is_excused
from offers.moderation.wording.exceptions import find_exception
from offers.moderation.wording.phrases import fold
from offers.moderation.wording.reasons import REASONS, Reason
from offers.moderation.wording.terms import Category, CompiledTerms, Effect, load_terms

ERROR, WARNING = Effect.ERROR.value, Effect.WARNING.value
# Free-text fields, in the order of the form; `texts_of` adds the questions.
TEXT_FIELDS = ("title", "highlights", "description", "employer_descriptor")
# Fields of a confidential offer that could identify the employer, besides its texts.
_IDENTIFYING_FIELDS = ("apply_url", "external_reference")
_ORDER = ("title", "place", "remote_days", "pay_min", *TEXT_FIELDS[1:], "questions", *_IDENTIFYING_FIELDS)
# Categories of errors for a value that is missing.
MISSING = {"place", "pay", "description"}
# Maximum length of the context quoted before and after a match, in characters.
CONTEXT_LENGTH = 40


@dataclass(frozen=True)
class Finding:
    """A problem in a field of an offer. `start` and `end` delimit its text; both are 0 if the whole field is meant."""

    severity: str
    category: str
    field: str
    message: str
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
    def explanation(self) -> str:
        return self.reason.explanation

    @property
    def correction(self) -> str:
        return self.reason.correction

    @property
    def law(self) -> str:
        return self.reason.law

    @property
    def field_label(self) -> str:
        return versions.field_label(Offer, self.field)


def check(
    offer: Offer,
    terms: CompiledTerms | None = None,
    *,
    asked: Iterable[str] | None = None,
    email_domains: Iterable[str] | None = None,
) -> list[Finding]:
    """Return the findings in the order of the form, errors first within a field, without duplicate phrases.

    `asked` are the texts of the questions to candidates, `email_domains` those of the members of a confidential
    employer; both are read from the database by default. To check several offers, load the terms once with
    `terms.load_terms()`.
    """
    terms = terms or load_terms()
    texts = texts_of(offer, asked)
    problems = []
    for field, text in texts.items():
        problems += _check_words(field, text, terms)
    problems += rules.find_problems(offer, texts)
    problems += _check_confidentiality(offer, texts, email_domains)
    findings = [_finding(offer, problem, texts) for problem in problems]
    return sorted(findings, key=lambda finding: (_ORDER.index(finding.field), not finding.blocks, finding.start))


def check_texts(texts: dict[str, str], terms: CompiledTerms | None = None) -> list[Finding]:
    """Return the findings in texts that are not those of an offer, by field: terms and contact details."""
    terms = terms or load_terms()
    problems = [
        problem
        for field, text in texts.items()
        for problem in (*_check_words(field, text, terms), *rules.find_contacts(field, text))
    ]
    return [_finding(Offer(), problem, texts) for problem in problems]


def texts_of(offer: Offer, asked: Iterable[str] | None = None) -> dict[str, str]:
    """Return the texts of an offer that become public, by field; the questions are lines of one text."""
    if asked is None:
        asked = [each.text for each in offer.questions.all()] if offer.pk else []
    return {**{field: getattr(offer, field) for field in TEXT_FIELDS}, "questions": "\n".join(asked)}


def blocking(findings: list[Finding]) -> list[Finding]:
    """Return the errors, which prevent submission; warnings do not."""
    return [finding for finding in findings if finding.blocks]


def can_be_justified(errors: list[Finding]) -> bool:
    """Return whether a text with these errors can be sent to a moderator with a justification.

    Any text of an offer can. A missing value (commune, pay, description) has to be filled in: there is nothing to
    justify.
    """
    return bool(errors) and errors == errors_in_text(errors)


def errors_in_text(findings: list[Finding]) -> list[Finding]:
    """Return the errors in texts and values, without those for a value that is missing."""
    return [finding for finding in findings if finding.blocks and finding.category not in MISSING]


def check_all(offers: list[Offer]) -> dict[int, list[Finding]]:
    """Return the findings of saved offers by pk. Three queries."""
    prefetch_related_objects(offers, "questions")
    terms = load_terms()
    domains = employer.email_domains_of({offer.company_id for offer in offers})
    return {offer.pk: check(offer, terms, email_domains=domains.get(offer.company_id, ())) for offer in offers}


def names_employer(offer: Offer) -> bool:
    """Return whether a text of a confidential offer identifies the employer."""
    return any(problem.severity == ERROR for problem in _check_confidentiality(offer, texts_of(offer), None))


def _check_confidentiality(offer, texts, email_domains) -> list[rules.Problem]:
    if not (offer.confidential and offer.company):
        return []
    if email_domains is None:
        email_domains = employer.email_domains_of([offer.company_id]).get(offer.company_id, ())
    identity = employer.identity(offer.company, email_domains)
    texts = texts | {field: getattr(offer, field) for field in _IDENTIFYING_FIELDS}
    return [
        rules.Problem(severity, "employer", field, "", start, end)
        for field, text in texts.items()
        for severity, start, end in identity.find(text)
    ]


def _check_words(field: str, text: str, terms: CompiledTerms) -> list[rules.Problem]:
    """Return the terms and the criteria in a text; of those of a category that overlap, the most severe or longest."""
    folded = fold(text)
    matches, allowed = terms.find(folded, title=field == "title")
    spans = {category: [(match.start, match.end) for match in found] for category, found in allowed.items()}
    problems = _term_problems(field, folded, matches)
    problems += criteria.find_statements(field, folded, spans)
    problems += criteria.find_questions(field, folded, spans)
    selected: list[rules.Problem] = []
    for problem in sorted(problems, key=lambda each: (each.severity != ERROR, each.start - each.end, each.start)):
        if not any(
            problem.category == other.category and problem.start < other.end and other.start < problem.end
            for other in selected
        ):
            selected.append(problem)
    return selected


def _term_problems(field, folded, matches) -> list[rules.Problem]:
    problems, seen = [], set()
    for match in matches:
        term, words = match.term, folded.text[match.start : match.end]
        if (term.category, words) in seen:
            continue
        if term.category == Category.FOREIGN and rules.is_explained(folded.text, match.start, match.end, term.advice):
            continue
        if is_excused(term.category, folded.text, match.start, match.end):
            continue
        seen.add((term.category, words))
        start, end = folded.span(match.start, match.end)
        problems.append(rules.Problem(term.effect, term.category, field, "", start, end, term.advice))
    return problems


def _finding(offer, problem: rules.Problem, texts: dict[str, str]) -> Finding:
    text = texts[problem.field] if problem.field in texts else getattr(offer, problem.field)
    text = text if isinstance(text, str) else ""
    words = text[problem.start : problem.end]
    reason = REASONS[problem.category]
    exception = find_exception(problem.category, offer.contract, text, problem.start, problem.end) if words else None
    return Finding(
        severity=WARNING if exception else problem.severity,
        category=problem.category,
        field=problem.field,
        message=exception.label if exception else problem.message or reason.label,
        reason=exception or reason,
        start=problem.start,
        end=problem.end,
        before=_cut_before(text[: problem.start]) if words else "",
        text=words,
        after=_cut_after(text[problem.end :]) if words else "",
        advice=problem.advice,
    )


def _cut_before(text: str) -> str:
    """Return the end of the line before a match, at most CONTEXT_LENGTH characters, starting at a word."""
    line = text.rpartition("\n")[2]
    return line if len(line) <= CONTEXT_LENGTH else "…" + line[-CONTEXT_LENGTH:].partition(" ")[2]


def _cut_after(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= CONTEXT_LENGTH else line[:CONTEXT_LENGTH].rpartition(" ")[0] + "…"
