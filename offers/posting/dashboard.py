"""What people of a company see of its offers: how many stand where, what waits for them, and who reads them.

Every function takes the offers of whoever asks, a queryset, and adds nothing to it; each says how many queries it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from jobboard.text.keys import search_key
from offers import visibility
from offers.applications.enums import ApplicationStatus
from offers.applications.models import Application
from offers.catalogue.models import Audience
from offers.enums import Status
from offers.models import OfferEvent
from offers.places.models import place_key
from offers.posting.freshness import Kind, stands

# What stands in addresses, and above the list, in this order. Between the dates an offer is “published” either way:
# whether it is out, is still to come or has ended is told apart as candidates would.
STATES = {
    "en-ligne": "en ligne",
    "a-paraitre": "à paraître",
    "a-relire": Status.SUBMITTED.label,
    "a-corriger": Status.RETURNED.label,
    "brouillon": Status.DRAFT.label,
    "pourvue": Status.FILLED.label,
    "expiree": Status.EXPIRED.label,
    "retiree": Status.WITHDRAWN.label,
    "supprimee": Status.REMOVED.label,
}
_OF_STATUS = {
    Status.PUBLISHED: "en-ligne",
    Status.SUBMITTED: "a-relire",
    Status.RETURNED: "a-corriger",
    Status.DRAFT: "brouillon",
    Status.FILLED: "pourvue",
    Status.EXPIRED: "expiree",
    Status.WITHDRAWN: "retiree",
    Status.REMOVED: "supprimee",
}
# Parts of what is out, which have no tab of their own but a line in what is to be done.
TO_CONFIRM, ENDING = "a-confirmer", "bientot-finie"
PARTS = {TO_CONFIRM: "à confirmer", ENDING: "bientôt finies"}
CHART_DAYS = 30
MOST_RETURNED = 5


def with_state(offers, now: datetime):
    """With `state`, a key of STATES."""
    states = [When(status=status, then=Value(state)) for status, state in _OF_STATUS.items()]
    return offers.annotate(
        state=Case(
            When(visibility.overdue_condition(now), then=Value("expiree")),
            When(visibility.scheduled_condition(now), then=Value("a-paraitre")),
            *states,
        )
    )


def part(name: str, now: datetime) -> Q:
    """Of offers with their state: those to be confirmed, or those about to end; never both."""
    if name == TO_CONFIRM:
        return Q(state="en-ligne") & stands(Kind.CONFIRM, now)
    return Q(state="en-ligne") & (stands(Kind.WEEK, now) | stands(Kind.DAY, now))


@dataclass(frozen=True)
class Counts:
    """Offers by state, of those that were found; and what is to be done, of all of them."""

    total: int
    found: int
    by_state: dict[str, int]
    to_confirm: int
    ending: int
    returned: int
    drafts: int


def count(offers, found: Q, now: datetime) -> Counts:
    """One query, whose groups are the states."""
    rows = (
        with_state(offers, now)
        .order_by()
        .values("state")
        .annotate(
            number=Count("pk"),
            found=Count("pk", filter=found) if found else Count("pk"),
            to_confirm=Count("pk", filter=part(TO_CONFIRM, now)),
            ending=Count("pk", filter=part(ENDING, now)),
        )
    )
    rows = {row["state"]: row for row in rows}
    number = {state: row["number"] for state, row in rows.items()}
    return Counts(
        total=sum(number.values()),
        found=sum(row["found"] for row in rows.values()),
        by_state={state: rows[state]["found"] for state in STATES if state in rows},
        to_confirm=sum(row["to_confirm"] for row in rows.values()),
        ending=sum(row["ending"] for row in rows.values()),
        returned=number.get("a-corriger", 0),
        drafts=number.get("brouillon", 0),
    )


def search(offers, text: str) -> Q:
    """Those with every word of `text` in the title, reference, place or company, however accents and capitals are
    written. One query that reads four words of each, for databases do not agree on what the same letter is."""
    words, place_words = search_key(text).split(), place_key(text).split()
    if not words:
        return Q(pk__in=[])
    rows = offers.order_by().values_list("pk", "title", "external_reference", "company__name", "place__key")
    found = []
    for pk, title, reference, company, place in rows:
        key = f"{search_key(f'{title} {reference} {company}')} {place or ''}"
        if all(word in key for word in words) or all(word in key for word in place_words):
            found.append(pk)
    return Q(pk__in=found)


def in_order(offers, order: str):
    if order == "lectures":
        return offers.annotate(order=_of_each(Audience, Sum("views"))).order_by("-order", "-pk")
    if order == "candidatures":
        return offers.annotate(order=_of_each(Application, Count("pk"))).order_by("-order", "-pk")
    if order == "fin":
        return offers.order_by(F("expires_at").asc(nulls_last=True), "pk")
    if order == "titre":
        return offers.order_by("title", "pk")
    return offers.order_by(F("published_at").desc(nulls_first=True), "-pk")


def _of_each(model, total):
    rows = model.objects.filter(offer=OuterRef("pk")).order_by().values("offer").annotate(total=total).values("total")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def add_figures(offers: list) -> None:
    """To each of these: readings and clicks ever, applications, and those nobody has looked at. Two queries."""
    pks = [offer.pk for offer in offers]
    audience, received = _totals(Audience.objects.filter(offer__in=pks)), _received(pks)
    for offer in offers:
        offer.views, offer.clicks = audience.get(offer.pk, (0, 0))
        offer.received, offer.unseen = received.get(offer.pk, (0, 0))


def _totals(audience) -> dict:
    rows = audience.order_by().values_list("offer").annotate(Sum("views"), Sum("clicks"))
    return {pk: (views, clicks) for pk, views, clicks in rows}


def _received(pks) -> dict:
    rows = Application.objects.filter(offer__in=pks).order_by().values_list("offer")
    rows = rows.annotate(number=Count("pk"), unseen=Count("pk", filter=Q(status=ApplicationStatus.RECEIVED)))
    return {pk: (number, new) for pk, number, new in rows}


def unseen(offers) -> int:
    """Applications that nobody has looked at. One query."""
    return Application.objects.filter(offer__in=offers.order_by(), status=ApplicationStatus.RECEIVED).count()


def returned(offers) -> list:
    """The last ones that a moderator sent back, with `reason`. One query."""
    reasons = OfferEvent.objects.filter(offer=OuterRef("pk"), verb="return_").order_by("-at", "-pk")
    rows = offers.filter(status=Status.RETURNED).only("title").order_by("-updated_at", "-pk")
    return list(rows.annotate(reason=Subquery(reasons.values("reason")[:1]))[:MOST_RETURNED])


# Who reads them, day by day -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    day: date
    number: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Series:
    """One kind of thing counted, drawn in a box of HEIGHT by STEP a day, up to its own highest day."""

    slug: str
    name: str
    bars: list[Bar]

    HEIGHT, STEP = 60, 10

    @classmethod
    def of(cls, slug: str, name: str, days: list[date], numbers: dict[date, int]) -> "Series":
        highest = max([numbers.get(day, 0) for day in days] + [1])
        bars = []
        for place, day in enumerate(days):
            number = numbers.get(day, 0)
            # What was counted is seen, however small beside the highest.
            height = max(2, round(cls.HEIGHT * number / highest)) if number else 0
            bars.append(Bar(day, number, place * cls.STEP + 1, cls.HEIGHT - height, height))
        return cls(slug, name, bars)

    @property
    def total(self) -> int:
        return sum(bar.number for bar in self.bars)

    @property
    def peak(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.number)

    @property
    def width(self) -> int:
        return len(self.bars) * self.STEP


@dataclass(frozen=True)
class Chart:
    days: list[date]
    series: list[Series]

    @property
    def rows(self) -> list[tuple[date, list[int]]]:
        """Of the table, the latest day first."""
        return [(day, [each.bars[place].number for each in self.series]) for place, day in enumerate(self.days)][::-1]


def chart(offers, now: datetime) -> Chart:
    """The last thirty days, today included. Two queries, whatever the number of offers."""
    today = timezone.localdate(now)
    days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    offers = offers.order_by()
    read = (
        Audience.objects.filter(offer__in=offers, day__gte=days[0])
        .order_by()
        .values_list("day")
        .annotate(Sum("views"), Sum("clicks"))
    )
    read = {day: (views, clicks) for day, views, clicks in read}
    first = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    received = (
        Application.objects.filter(offer__in=offers, created_at__gte=first)
        .order_by()
        .values_list(TruncDate("created_at"))
        .annotate(Count("pk"))
    )
    series = [
        Series.of("views", "Lectures", days, {day: views for day, (views, _) in read.items()}),
        Series.of("clicks", "Clics pour postuler ailleurs", days, {day: clicks for day, (_, clicks) in read.items()}),
        Series.of("applications", "Candidatures", days, dict(received)),
    ]
    return Chart(days, series)
