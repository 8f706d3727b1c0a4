"""The data of the recruiter dashboard: offers by state, tasks, and daily counts of views, clicks and applications.

Every function takes the queryset of the offers of the current user, and does not widen it. Docstrings give the count
of queries.
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
from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.places.models import place_key
from offers.posting.freshness import Kind, notice_condition

# The states of the dashboard by their value in the query string, in the order of the tabs. The status “published” is
# split by the dates of the offer: scheduled, online or expired.
STATES = {
    "en-ligne": "en ligne",
    "a-paraitre": "à paraître",
    "a-relire": OfferStatus.SUBMITTED.label,
    "a-corriger": OfferStatus.RETURNED.label,
    "brouillon": OfferStatus.DRAFT.label,
    "pourvue": OfferStatus.FILLED.label,
    "expiree": OfferStatus.EXPIRED.label,
    "retiree": OfferStatus.WITHDRAWN.label,
    "supprimee": OfferStatus.REMOVED.label,
}
_STATE_OF_STATUS = {
    OfferStatus.PUBLISHED: "en-ligne",
    OfferStatus.SUBMITTED: "a-relire",
    OfferStatus.RETURNED: "a-corriger",
    OfferStatus.DRAFT: "brouillon",
    OfferStatus.FILLED: "pourvue",
    OfferStatus.EXPIRED: "expiree",
    OfferStatus.WITHDRAWN: "retiree",
    OfferStatus.REMOVED: "supprimee",
}
# Subsets of the offers online: no tabs, but links from the list of tasks.
TO_CONFIRM, ENDING = "a-confirmer", "bientot-finie"
SUBSTATES = {TO_CONFIRM: "à confirmer", ENDING: "bientôt finies"}
CHART_DAYS = 30
MAX_RETURNED = 5


def with_state(offers, now: datetime):
    """Annotate `state`, a key of STATES."""
    states = [When(status=status, then=Value(state)) for status, state in _STATE_OF_STATUS.items()]
    return offers.annotate(
        state=Case(
            When(visibility.overdue_condition(now), then=Value("expiree")),
            When(visibility.scheduled_condition(now), then=Value("a-paraitre")),
            *states,
        )
    )


def substate_condition(name: str, now: datetime) -> Q:
    """Return the condition of a key of SUBSTATES, for offers annotated by `with_state`. The two are disjoint."""
    if name == TO_CONFIRM:
        return Q(state="en-ligne") & notice_condition(Kind.CONFIRM, now)
    return Q(state="en-ligne") & (notice_condition(Kind.WEEK, now) | notice_condition(Kind.DAY, now))


@dataclass(frozen=True)
class Counts:
    """Counts of the offers that match the search (`matching`, `by_state`), and of all offers (the others)."""

    total: int
    matching: int
    by_state: dict[str, int]
    to_confirm: int
    ending: int
    returned: int
    drafts: int


def count(offers, condition: Q, now: datetime) -> Counts:
    """Count the offers by state, and those that match `condition`. One query, grouped by state."""
    rows = (
        with_state(offers, now)
        .order_by()
        .values("state")
        .annotate(
            count=Count("pk"),
            matching=Count("pk", filter=condition) if condition else Count("pk"),
            to_confirm=Count("pk", filter=substate_condition(TO_CONFIRM, now)),
            ending=Count("pk", filter=substate_condition(ENDING, now)),
        )
    )
    rows = {row["state"]: row for row in rows}
    counts = {state: row["count"] for state, row in rows.items()}
    return Counts(
        total=sum(counts.values()),
        matching=sum(row["matching"] for row in rows.values()),
        by_state={state: rows[state]["matching"] for state in STATES if state in rows},
        to_confirm=sum(row["to_confirm"] for row in rows.values()),
        ending=sum(row["ending"] for row in rows.values()),
        returned=counts.get("a-corriger", 0),
        drafts=counts.get("brouillon", 0),
    )


def search(offers, text: str) -> Q:
    """Return the condition for offers with every word of `text` in title, reference, company or place.

    Ignore case and accents. One query reads these columns of all offers and Python compares them: SQLite and PostgreSQL
    fold letters differently.
    """
    words, place_words = search_key(text).split(), place_key(text).split()
    if not words:
        return Q(pk__in=[])
    rows = offers.order_by().values_list("pk", "title", "external_reference", "company__name", "place__key")
    pks = []
    for pk, title, reference, company, place in rows:
        key = f"{search_key(f'{title} {reference} {company}')} {place or ''}"
        if all(word in key for word in words) or all(word in key for word in place_words):
            pks.append(pk)
    return Q(pk__in=pks)


def sort(offers, order: str):
    if order == "lectures":
        return offers.annotate(order=_total_by_offer(Audience, Sum("views"))).order_by("-order", "-pk")
    if order == "candidatures":
        return offers.annotate(order=_total_by_offer(Application, Count("pk"))).order_by("-order", "-pk")
    if order == "fin":
        return offers.order_by(F("expires_at").asc(nulls_last=True), "pk")
    if order == "titre":
        return offers.order_by("title", "pk")
    return offers.order_by(F("published_at").desc(nulls_first=True), "-pk")


def _total_by_offer(model, total):
    rows = model.objects.filter(offer=OuterRef("pk")).order_by().values("offer").annotate(total=total).values("total")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def add_counts(offers: list) -> None:
    """Set `views`, `clicks`, `received` and `unseen` (applications) on each offer, since its creation. Two queries."""
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
    rows = rows.annotate(received=Count("pk"), unseen=Count("pk", filter=Q(status=ApplicationStatus.RECEIVED)))
    return {pk: (received, unseen) for pk, received, unseen in rows}


def unseen(offers) -> int:
    """Count the applications with the status “received”. One query."""
    return Application.objects.filter(offer__in=offers.order_by(), status=ApplicationStatus.RECEIVED).count()


def returned(offers) -> list:
    """Return the last five offers that a moderator returned, annotated with `reason`. One query."""
    reasons = OfferEvent.objects.filter(offer=OuterRef("pk"), verb="return_").order_by("-at", "-pk")
    rows = offers.filter(status=OfferStatus.RETURNED).only("title").order_by("-updated_at", "-pk")
    return list(rows.annotate(reason=Subquery(reasons.values("reason")[:1]))[:MAX_RETURNED])


# Counts by day -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DayBar:
    day: date
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Series:
    """The daily counts of one kind, as bars in an SVG of HEIGHT by STEP a day, scaled to the highest day."""

    slug: str
    name: str
    bars: list[DayBar]

    HEIGHT, STEP = 60, 10

    @classmethod
    def of(cls, slug: str, name: str, days: list[date], counts: dict[date, int]) -> "Series":
        highest = max([counts.get(day, 0) for day in days] + [1])
        bars = []
        for index, day in enumerate(days):
            count = counts.get(day, 0)
            # At least two units high, so that a small count is visible.
            height = max(2, round(cls.HEIGHT * count / highest)) if count else 0
            bars.append(DayBar(day, count, index * cls.STEP + 1, cls.HEIGHT - height, height))
        return cls(slug, name, bars)

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def peak(self) -> DayBar:
        return max(self.bars, key=lambda bar: bar.count)

    @property
    def width(self) -> int:
        return len(self.bars) * self.STEP


@dataclass(frozen=True)
class Chart:
    days: list[date]
    series: list[Series]

    @property
    def rows(self) -> list[tuple[date, list[int]]]:
        """Return the rows of the table, the latest day first."""
        return [(day, [series.bars[index].count for series in self.series]) for index, day in enumerate(self.days)][
            ::-1
        ]


def chart(offers, now: datetime) -> Chart:
    """Return the counts of the last thirty days, today included. Two queries."""
    today = timezone.localdate(now)
    days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    offers = offers.order_by()
    audience = (
        Audience.objects.filter(offer__in=offers, day__gte=days[0])
        .order_by()
        .values_list("day")
        .annotate(Sum("views"), Sum("clicks"))
    )
    by_day = {day: (views, clicks) for day, views, clicks in audience}
    start = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    received = (
        Application.objects.filter(offer__in=offers, created_at__gte=start)
        .order_by()
        .values_list(TruncDate("created_at"))
        .annotate(Count("pk"))
    )
    series = [
        Series.of("views", "Lectures", days, {day: views for day, (views, _) in by_day.items()}),
        Series.of("clicks", "Clics pour postuler ailleurs", days, {day: clicks for day, (_, clicks) in by_day.items()}),
        Series.of("applications", "Candidatures", days, dict(received)),
    ]
    return Chart(days, series)
