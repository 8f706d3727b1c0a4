"""The moderation queue: offers waiting for a decision, with findings, changes and statistics of the company.

The count of queries does not depend on the count of offers. `review` adds the rest for the page of one offer.
"""

import copy
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery

from jobboard.text.web_urls import web_host
from offers.enums import OfferStatus
from offers.fields import OFFER_FIELDS
from offers.models import Offer, OfferEvent, Revision, versions
from offers.models.labels import pay_label, pay_unit_label, remote_label
from offers.models.versions import Difference
from offers.moderation import wording
from offers.moderation.duplicates import Duplicate, find_twins
from offers.moderation.wording import terms
from offers.moderation.wording.employer import email_domains_of

# The transitions of each decision: on an offer, and on the waiting revision of a published one.
DECISIONS = {"approve": ("publish", "accept"), "return": ("return_", "decline"), "remove": ("remove", "remove")}
# Words are not split at no-break spaces, which group digits.
_WORD = re.compile(r"[^ \t\r\n]+[ \t\r\n]*|[ \t\r\n]+")


@dataclass
class CompanyStats:
    """Counts of the past decisions about the offers of a company."""

    published: int = 0
    returned: int = 0
    removed: int = 0


class Fact(NamedTuple):
    """A field of the proposed version: its label and its value as text, and whether it differs from the public one."""

    label: str
    value: str
    is_changed: bool


class MarkedText(NamedTuple):
    """A text of the proposed version in pieces; a piece with a finding is marked."""

    label: str
    pieces: list[tuple[str, wording.Finding | None]]
    is_changed: bool


@dataclass
class ModerationCase:
    """An offer in the queue, with the data a moderator needs to decide.

    `proposed` is the version that becomes public: facts, texts and findings are about it. `justification` is that of
    the waiting submission. `elsewhere` is the host of the URL to apply if it is not that of the site of the company.
    """

    offer: Offer
    proposed: Offer
    is_revision: bool
    justification: str
    differences: list[Difference]
    findings: list[wording.Finding]
    facts: list[Fact]
    texts: list[MarkedText]
    twins: list[Duplicate]
    elsewhere: str
    stats: CompanyStats = field(default_factory=CompanyStats)


def transition_for(decision: str, offer: Offer) -> str:
    """Return the name of the transition method for a decision."""
    on_offer, on_revision = DECISIONS[decision]
    has_revision = offer.status == OfferStatus.PUBLISHED and offer.waiting_since is not None
    return on_revision if has_revision else on_offer


def waiting_offers():
    """Return the offers waiting for moderation, with the related rows that `build_cases` needs."""
    return with_related_rows(Offer.objects.waiting())


def with_related_rows(offers):
    """Return the queryset `offers` with the related rows that `build_cases` needs."""
    events = OfferEvent.objects.filter(offer=OuterRef("pk"), version__isnull=False).order_by("-at", "-pk")
    waiting = Revision.objects.waiting()
    return (
        offers.with_justification()
        .select_related("company", "role", "place")
        .prefetch_related("skills", "questions", Prefetch("revisions", waiting, to_attr="waiting_revisions"))
        .annotate(last_version=Subquery(events.values("version")[:1]))
    )


def build_cases(offers) -> list[ModerationCase]:
    """Return a case for each offer of `with_related_rows`; five queries for all of them."""
    compiled, stats = terms.load_terms(), _company_stats(offers)
    domains = email_domains_of({offer.company_id for offer in offers})
    twins = find_twins(offers)
    return [
        _build_case(
            offer,
            compiled,
            domains.get(offer.company_id, ()),
            stats=stats.get(offer.company_id) or CompanyStats(),
            twins=twins[offer.pk],
        )
        for offer in offers
    ]


def _build_case(offer, compiled, email_domains, **values) -> ModerationCase:
    current = versions.version(offer)
    if offer.waiting_revisions:
        before, after = current, {**current, **offer.waiting_revisions[0].changes}
    else:
        before, after = offer.last_version, current
    differences = versions.differences(Offer, before, after) if before else []
    proposed = _with_changes(offer, after)
    asked = [question["text"] for question in after["questions"]]
    findings = wording.check(proposed, compiled, asked=asked, email_domains=email_domains)
    changed = {difference.name for difference in differences}
    return ModerationCase(
        offer=offer,
        proposed=proposed,
        is_revision=bool(offer.waiting_revisions),
        justification=offer.given_justification or "" if offer.waiting_since else "",
        differences=differences,
        findings=findings,
        facts=_facts(proposed, after, changed),
        texts=_marked_texts(wording.texts_of(proposed, asked), findings, changed),
        elsewhere=_foreign_host(proposed),
        **values,
    )


# Facts with a label of their own: the fields that they replace, and the function that returns their text.
_COMBINED_FACTS = {
    "pay_min": ("rémunération", lambda offer: f"{pay_label(offer)} {pay_unit_label(offer)}" if offer.pay_min else ""),
    "remote_days": ("télétravail", remote_label),
}
_SHOWN_ELSEWHERE = {*wording.TEXT_FIELDS[:-1], "company", "pay_max", "fully_remote"}


def _facts(proposed, version, changed) -> list[Fact]:
    """Return all other fields that recruiters edit, in the order of their declarations, empty ones included."""
    facts = []
    for declared in OFFER_FIELDS:
        name = declared.name
        if not declared.step or name in _SHOWN_ELSEWHERE:
            continue
        if name in _COMBINED_FACTS:
            label, text = _COMBINED_FACTS[name][0], _COMBINED_FACTS[name][1](proposed)
        else:
            value = version[name] if name in version else getattr(proposed, name)
            label, text = versions.field_label(Offer, name), versions.display_value(Offer, name, value)
        names = {"pay_min": {"pay_min", "pay_max"}, "remote_days": {"remote_days", "fully_remote"}}.get(name, {name})
        facts.append(Fact(label, text, bool(names & changed)))
    return facts


def _marked_texts(texts, findings, changed) -> list[MarkedText]:
    return [
        MarkedText(
            versions.field_label(Offer, name),
            mark(text, [finding for finding in findings if finding.field == name]),
            name in changed,
        )
        for name, text in texts.items()
        if text
    ]


def mark(text: str, findings: list[wording.Finding]) -> list[tuple[str, wording.Finding | None]]:
    """Split `text` at its findings; of two that overlap, the first is marked."""
    pieces, position = [], 0
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if finding.end > finding.start >= position:
            pieces += [(text[position : finding.start], None)] if finding.start > position else []
            pieces.append((text[finding.start : finding.end], finding))
            position = finding.end
    return [*pieces, (text[position:], None)] if position < len(text) else pieces


def _foreign_host(offer) -> str:
    """Return the host of the URL to apply unless it belongs to the site of the company, or is unknown."""
    if not offer.apply_url:
        return ""
    host = web_host(offer.apply_url).removeprefix("www.")
    site = web_host(offer.company.website).removeprefix("www.") if offer.company and offer.company.website else ""
    return "" if site and (host == site or host.endswith(f".{site}")) else host


def _with_changes(offer, version) -> Offer:
    """Return a copy of `offer` with the material fields of `version`, without relations."""
    proposed = copy.copy(offer)
    # Keep the loaded company and place, which the wording check reads: avoids a query per offer.
    versions.assign(proposed, version, foreign_keys=False)
    return proposed


def _company_stats(offers) -> dict[int, CompanyStats]:
    companies = {offer.company_id for offer in offers if offer.company_id}
    rows = (
        OfferEvent.objects.filter(offer__company__in=companies, verb__in=["publish", "return_", "remove"])
        .order_by()
        .values("offer__company")
        .annotate(
            published=Count("offer", distinct=True, filter=Q(verb="publish")),
            returned=Count("pk", filter=Q(verb="return_")),
            removed=Count("pk", filter=Q(verb="remove")),
        )
    )
    return {row.pop("offer__company"): CompanyStats(**row) for row in rows}


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Compare two texts word by word: return pieces of text, each with “equal”, “delete” or “insert”."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            pieces.append((tag, "".join(old[a:b])))
            continue
        pieces += [("delete", "".join(old[a:b]))] if a < b else []
        pieces += [("insert", "".join(new[c:d]))] if c < d else []
    return pieces
