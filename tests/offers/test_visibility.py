"""The condition for published offers: one definition, whose forms in SQL and in Python agree."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from offers import visibility
from offers.changelog.log import due_between
from offers.enums import OfferStatus
from offers.models import Offer
from tests.factories import make_company, make_place
from tests.offers.lifecycle import make_offer_in

# Conditions that other modules must not repeat.
REPEATED_CONDITION = re.compile(
    r"status\s*=\s*'published'|status=OfferStatus\.PUBLISHED,\s*\w*(?:published_at|expires_at)"
    r"|(?:published_at|expires_at)__\w+=[^)]*status=OfferStatus\.PUBLISHED"
)


@pytest.fixture
def offers(db):
    """Return offers of every status, before, during and after their publication."""
    now, company, place = timezone.now(), make_company(), make_place()
    created = []
    for status in OfferStatus:
        for start, end in ((1, 5), (-5, 5), (-5, -1)):
            dates = {"published_at": now + timedelta(days=start), "expires_at": now + timedelta(days=end)}
            created.append(make_offer_in(status, company=company, place=place, **dates))
    return created


def matching_pks(condition) -> set[int]:
    return set(Offer.objects.filter(condition).values_list("pk", flat=True))


def test_conditions_agree_with_instance_methods(offers):
    now = timezone.now()
    published = matching_pks(visibility.published_condition(now))
    assert published == {offer.pk for offer in offers if offer.is_published(now)}
    assert published == {
        offer.pk
        for offer in offers
        if visibility.is_published(visibility.Lifetime(offer.status, offer.published_at, offer.expires_at), now)
    }
    assert matching_pks(visibility.once_published_condition(now)) == {
        offer.pk for offer in offers if offer.was_published(now)
    }
    subsets = [published, *(matching_pks(condition(now)) for condition in CLOCK)]
    assert [len(subset) for subset in subsets] == [1, 1, 1]
    assert set().union(*subsets) == {offer.pk for offer in offers if offer.status == OfferStatus.PUBLISHED}


CLOCK = (visibility.scheduled_condition, visibility.overdue_condition)


def test_due_between_returns_offers_that_start_or_end_in_the_interval(offers):
    now = timezone.now()

    def changes(start, end):
        return due_between((now + timedelta(days=start)).timestamp(), (now + timedelta(days=end)).timestamp())

    scheduled, current, overdue = (offer.pk for offer in offers if offer.status == OfferStatus.PUBLISHED)
    assert changes(-0.5, 0.5) == set()
    assert changes(0.5, 2) == {scheduled}
    assert changes(4, 6) == {scheduled, current}
    assert changes(-2, 0) == {overdue}
    until_now = visibility.clock_conditions(now)
    assert matching_pks(until_now["published_at"]) == {current, overdue}
    assert matching_pks(until_now["expires_at"]) == {overdue}


def test_no_other_module_repeats_the_condition():
    root = Path(settings.BASE_DIR)
    sources = [path for folder in ("offers", "careers", "jobboard") for path in (root / folder).rglob("*.py")]
    repetitions = [
        str(path.relative_to(root))
        for path in sources
        if "migrations" not in path.parts
        and path.name != "visibility.py"
        and REPEATED_CONDITION.search(path.read_text(encoding="utf-8"))
    ]
    assert repetitions == []
