"""The requests of the cases, and the thread that edits offers during a measurement."""

import time

import pytest
from django.utils import timezone

from offers.models import Offer
from tests.bench.cases import ORDER, Case, cases
from tests.bench.edits import Editor
from tests.factories import make_offer


def test_fresh_case_never_requests_a_url_twice():
    urls = Case("x", "X", ["/a", "/b?c=d"], fresh=True).urls()
    assert [next(urls) for _ in range(3)] == ["/a?utm_content=0", "/b?c=d&utm_content=1", "/a?utm_content=2"]
    urls = Case("x", "X", ["/a"]).urls()
    assert next(urls) == next(urls) == "/a"


@pytest.mark.django_db
def test_cases_are_in_the_order_of_the_report():
    make_offer()
    all_cases = cases(1)
    assert [case.slug for case in all_cases] == [slug for slug in ORDER if slug in {case.slug for case in all_cases}]
    mix, edited = (next(case for case in all_cases if case.slug == slug) for slug in ("mix", "mix-edited"))
    assert mix.paths == edited.paths
    assert (mix.edits, edited.edits) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_editor_edits_at_its_rate_and_restores_the_offers():
    offer = make_offer(highlights="Un bon café")
    with Editor(20) as editor:
        deadline = timezone.now().timestamp() + 10
        while editor.edits < 3 and timezone.now().timestamp() < deadline:
            time.sleep(0.01)
    assert editor.edits >= 3
    assert Offer.objects.get(pk=offer.pk).highlights == "Un bon café"
