"""The moderation queue: offers waiting for a decision, with findings, changes and statistics of the company.

The count of queries does not depend on the count of offers.
"""

import copy
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery

from offers.enums import OfferStatus, RevisionStatus
from offers.models import Offer, OfferEvent, Revision, versions
from offers.models.versions import Difference
from offers.moderation import wording
from offers.moderation.wording import terms
from offers.moderation.wording.employer import email_domains_of

# The transitions of each decision: for an unpublished offer, and for a revision of a published one.
DECISIONS = {"approve": ("publish", "accept"), "return": ("return_", "decline"), "remove": ("remove", "remove")}
# Words are not split at no-break spaces, which group digits.
_WORD = re.compile(r"[^ \t\r\n]+[ \t\r\n]*|[ \t\r\n]+")


@dataclass
class CompanyStats:
    """Counts of the past decisions about the offers of a company."""

    published: int = 0
    returned: int = 0
    removed: int = 0


@dataclass
class ModerationCase:
    """An offer in the queue, with the data a moderator needs to decide."""

    offer: Offer
    is_revision: bool
    differences: list[Difference]
    findings: list[wording.Finding]
    stats: CompanyStats = field(default_factory=CompanyStats)


def transition_for(decision: str, offer: Offer) -> str:
    """Return the name of the transition method for a decision."""
    unpublished, published = DECISIONS[decision]
    return published if offer.status == OfferStatus.PUBLISHED else unpublished


def waiting_offers():
    """Return the offers waiting for moderation, with the related rows that `build_cases` needs."""
    events = OfferEvent.objects.filter(offer=OuterRef("pk"), version__isnull=False).order_by("-at", "-pk")
    waiting = Revision.objects.filter(status=RevisionStatus.WAITING)
    return (
        Offer.objects.waiting()
        .select_related("company", "role", "place")
        .prefetch_related("skills", "questions", Prefetch("revisions", waiting, to_attr="waiting_revisions"))
        .annotate(last_version=Subquery(events.values("version")[:1]))
    )


def build_cases(offers) -> list[ModerationCase]:
    """Return a case for each offer of `waiting_offers`; two queries for all of them."""
    compiled, stats = terms.load_terms(), _company_stats(offers)
    domains = email_domains_of({offer.company_id for offer in offers})
    return [
        _build_case(offer, compiled, stats.get(offer.company_id) or CompanyStats(), domains.get(offer.company_id, ()))
        for offer in offers
    ]


def _build_case(offer, compiled, stats, email_domains) -> ModerationCase:
    current = versions.version(offer)
    if offer.waiting_revisions:
        before, after = current, {**current, **offer.waiting_revisions[0].changes}
    else:
        before, after = offer.last_version, current
    differences = versions.differences(Offer, before, after) if before else []
    return ModerationCase(
        offer=offer,
        is_revision=bool(offer.waiting_revisions),
        differences=differences,
        findings=wording.check(
            _with_changes(offer, after),
            compiled,
            asked=[question["text"] for question in after["questions"]],
            email_domains=email_domains,
        ),
        stats=stats,
    )


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
