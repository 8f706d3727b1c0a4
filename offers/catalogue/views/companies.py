"""A company as the public sees it, and its logo."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag
from offers.companies.models import Company

OFFERS = 20


@cached_page
@require_safe
def company_detail(request, slug):
    company = get_object_or_404(Company.objects.public(), slug=slug)
    # Confidential offers are nobody’s here.
    offers = company.offers.published().filter(confidential=False)
    shown = list(offers.newest_first().for_cards()[: OFFERS + 1])
    # Counted only where the page does not show them all.
    count = offers.count() if len(shown) > OFFERS else len(shown)
    context = {"company": company, "offers": shown[:OFFERS], "count": count}
    response = render(request, "catalogue/company.html", context)
    keys = {f"company:{company.pk}", f"company_offers:{company.pk}"}.union(*(offer.surrogate_keys for offer in shown))
    return tag(response, keys)
