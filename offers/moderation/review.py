"""One offer on one page for moderators: its case, its place in the queue, and the company that stands behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from offers.companies.models import Company
from offers.companies.models.revision import CHECKED_TEXTS
from offers.enums import OfferStatus
from offers.models import Offer, OfferEvent
from offers.models.transitions import TRANSITIONS
from offers.moderation import wording
from offers.moderation.queue import (
    DECISIONS,
    MarkedText,
    ModerationCase,
    build_cases,
    mark,
    transition_for,
    with_related_rows,
)

# Events listed on the page: past decisions on other offers of the company, and the history of this one.
MAX_DECISIONS, MAX_EVENTS = 5, 20


class QueuePosition(NamedTuple):
    """The place of an offer in the queue: `number` from 1, or 0 if it does not wait; pks of its neighbours."""

    number: int
    total: int
    previous: int | None
    next: int | None


@dataclass
class Review:
    """`decisions` are keys of DECISIONS that the moderator can take now, none on an offer that is not public.

    `company_texts` become public with the first offer that names the company. `past_decisions` are events of its other
    offers with a reason.
    """

    case: ModerationCase
    position: QueuePosition
    decisions: list[str]
    company_texts: list[MarkedText]
    past_decisions: list[OfferEvent]
    events: list[OfferEvent]
    report_count: int


def get_review(pk: int, user) -> Review | None:
    """Return the review of an offer by the moderator `user`, or None if the offer does not exist."""
    offer = with_related_rows(Offer.objects.filter(pk=pk)).first()
    if offer is None:
        return None
    [case] = build_cases([offer])
    return Review(
        case=case,
        position=queue_position(offer),
        decisions=_decisions(offer, user),
        company_texts=_company_texts(offer.company) if offer.company else [],
        past_decisions=_past_decisions(offer),
        events=list(offer.events.select_related("by", "requested_by", "on_behalf_of")[:MAX_EVENTS]),
        report_count=offer.reports.waiting().count(),
    )


def queue_position(offer: Offer) -> QueuePosition:
    pks = list(Offer.objects.waiting().values_list("pk", flat=True))
    if offer.pk not in pks:
        return QueuePosition(0, len(pks), None, pks[0] if pks else None)
    index = pks.index(offer.pk)
    neighbours = [None, *pks, None]
    return QueuePosition(index + 1, len(pks), neighbours[index], neighbours[index + 2])


def next_waiting(pk: int, since: datetime | None) -> int | None:
    """Return the pk of the offer that follows in the queue the offer `pk`, which had waited since `since`.

    After the last offer follows the first one.
    """
    queue = Offer.objects.waiting().exclude(pk=pk).values_list("pk", flat=True)
    later = Q(waiting_since__gt=since) | Q(waiting_since=since, pk__gt=pk) if since else Q()
    return queue.filter(later).first() or queue.first()


def _decisions(offer: Offer, user) -> list[str]:
    """Return the decisions on a waiting offer, or on a published one: to return or remove it."""
    if offer.waiting_since is None and offer.status != OfferStatus.PUBLISHED:
        return []
    transitions = {decision: TRANSITIONS[transition_for(decision, offer)] for decision in DECISIONS}
    return [
        decision
        for decision, transition in transitions.items()
        if offer.status in transition.sources and transition.acting_role(user, offer)
    ]


def _company_texts(company: Company) -> list[MarkedText]:
    texts = {name: getattr(company, name) for name in CHECKED_TEXTS}
    findings = wording.check_texts(texts)
    return [
        MarkedText(
            str(Company._meta.get_field(name).verbose_name),
            mark(text, [finding for finding in findings if finding.field == name]),
            False,
        )
        for name, text in texts.items()
        if text
    ]


def _past_decisions(offer: Offer) -> list[OfferEvent]:
    if offer.company_id is None:
        return []
    events = OfferEvent.objects.filter(offer__company=offer.company_id, verb__in=["return_", "decline", "remove"])
    return list(events.exclude(offer=offer).select_related("offer").order_by("-at", "-pk")[:MAX_DECISIONS])
