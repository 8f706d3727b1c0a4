"""What the public may see has one definition, in several forms that agree."""

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
from tests.factories import make_company, make_offer, make_place

# Another way to say which offers are published.
SPELT_OUT = re.compile(
    r"status\s*=\s*'published'|status=Status\.PUBLISHED,\s*\w*(?:published_at|expires_at)"
    r"|(?:published_at|expires_at)__\w+=[^)]*status=Status\.PUBLISHED"
)


@pytest.fixture
def offers(db):
    """Offers of every status, to come, published now, and over."""
    now, company, place = timezone.now(), make_company(), make_place()
    made = []
    for status in OfferStatus:
        for start, end in ((1, 5), (-5, 5), (-5, -1)):
            closed = {"closed_at": now} if status in ("filled", "expired", "withdrawn", "removed") else {}
            dates = {"published_at": now + timedelta(days=start), "expires_at": now + timedelta(days=end)}
            made.append(make_offer(status=status, company=company, place=place, **dates, **closed))
    return made


def matching(condition) -> set[int]:
    return set(Offer.objects.filter(condition).values_list("pk", flat=True))


def test_conditions_and_checks_agree(offers):
    now = timezone.now()
    published = matching(visibility.published_condition(now))
    assert published == {offer.pk for offer in offers if offer.is_published(now)}
    assert published == {
        offer.pk
        for offer in offers
        if visibility.is_published(visibility.Lifetime(offer.status, offer.published_at, offer.expires_at), now)
    }
    assert matching(visibility.once_published_condition(now)) == {
        offer.pk for offer in offers if offer.was_published(now)
    }
    parts = [published, *(matching(condition(now)) for condition in CLOCK)]
    assert [len(part) for part in parts] == [1, 1, 1]
    assert set().union(*parts) == {offer.pk for offer in offers if offer.status == OfferStatus.PUBLISHED}


CLOCK = (visibility.scheduled_condition, visibility.overdue_condition)


def test_what_the_clock_changes_between_two_times(offers):
    now = timezone.now()

    def changes(start, end):
        return due_between((now + timedelta(days=start)).timestamp(), (now + timedelta(days=end)).timestamp())

    to_come, current, over = (offer.pk for offer in offers if offer.status == OfferStatus.PUBLISHED)
    assert changes(-0.5, 0.5) == set()
    assert changes(0.5, 2) == {to_come}
    assert changes(4, 6) == {to_come, current}
    assert changes(-2, 0) == {over}
    until_now = visibility.clock_conditions(now)
    assert matching(until_now["published_at"]) == {current, over}
    assert matching(until_now["expires_at"]) == {over}


def test_no_other_module_spells_it_out():
    root = Path(settings.BASE_DIR)
    sources = [path for folder in ("offers", "careers", "jobboard") for path in (root / folder).rglob("*.py")]
    spelt_out = [
        str(path.relative_to(root))
        for path in sources
        if "migrations" not in path.parts
        and path.name != "visibility.py"
        and SPELT_OUT.search(path.read_text(encoding="utf-8"))
    ]
    assert spelt_out == []
