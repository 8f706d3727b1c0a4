"""What a moderator reads of each offer that waits: what the check found, what changed, whom it is from.

The number of queries does not depend on how many there are.
"""

import copy
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery

from offers.enums import RevisionStatus, Status
from offers.models import Offer, OfferEvent, Revision, material
from offers.models.material import Difference
from offers.moderation import wording
from offers.moderation.wording import terms

# Decision of a moderator: the verb for an offer that is not out yet, and for a change of one that is.
DECISIONS = {"approve": ("publish", "accept"), "return": ("return_", "decline"), "remove": ("remove", "remove")}
# Spaces that do not break hold numbers together.
_WORD = re.compile(r"[^ \t\r\n]+[ \t\r\n]*|[ \t\r\n]+")


@dataclass
class Record:
    """What is known of a company."""

    published: int = 0
    returned: int = 0
    removed: int = 0


@dataclass
class Case:
    """An offer that waits, as a moderator reads it."""

    offer: Offer
    changes_what_is_out: bool
    differences: list[Difference]
    findings: list[wording.Finding]
    record: Record = field(default_factory=Record)


def verb_of(decision: str, offer: Offer) -> str:
    first, second = DECISIONS[decision]
    return second if offer.status == Status.PUBLISHED else first


def queue():
    """The offers that wait, with all that `cases` reads of each."""
    versions = OfferEvent.objects.filter(offer=OuterRef("pk"), version__isnull=False).order_by("-at", "-pk")
    waiting = Revision.objects.filter(status=RevisionStatus.WAITING)
    return (
        Offer.objects.waiting()
        .select_related("company", "role", "place")
        .prefetch_related("skills", Prefetch("revisions", waiting, to_attr="waiting_revisions"))
        .annotate(last_version=Subquery(versions.values("version")[:1]))
    )


def cases(offers) -> list[Case]:
    known, records = terms.from_database(), _records(offers)
    return [_case(offer, known, records.get(offer.company_id) or Record()) for offer in offers]


def _case(offer, known, record) -> Case:
    now = material.version(offer)
    if offer.waiting_revisions:
        before, after = now, {**now, **offer.waiting_revisions[0].changes}
    else:
        before, after = offer.last_version, now
    differences = material.differences(Offer, before, after) if before else []
    return Case(
        offer=offer,
        changes_what_is_out=bool(offer.waiting_revisions),
        differences=differences,
        findings=wording.check(_as_proposed(offer, after), known),
        record=record,
    )


def _as_proposed(offer, version) -> Offer:
    proposed = copy.copy(offer)
    # The wording check reads the company and place that are loaded already: a query for each offer otherwise.
    material.assign(proposed, version, pointers=False)
    return proposed


def _records(offers) -> dict[int, Record]:
    companies = {offer.company_id for offer in offers if offer.company_id}
    counted = (
        OfferEvent.objects.filter(offer__company__in=companies, verb__in=["publish", "return_", "remove"])
        .order_by()
        .values("offer__company")
        .annotate(
            published=Count("offer", distinct=True, filter=Q(verb="publish")),
            returned=Count("pk", filter=Q(verb="return_")),
            removed=Count("pk", filter=Q(verb="remove")),
        )
    )
    return {row.pop("offer__company"): Record(**row) for row in counted}


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
