"""The public page of a company."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobboard.caching.tags import cached_page, tag
from offers.companies.models import Company

OFFERS = 20


@cached_page
@require_safe
def company_detail(request, slug):
    company = get_object_or_404(Company.objects.public(), slug=slug)
    # A confidential offer must not be linked to its company.
    published = company.offers.published().filter(confidential=False)
    offers = list(published.newest_first().for_cards()[: OFFERS + 1])
    # Count only if the page does not list all of them.
    count = published.count() if len(offers) > OFFERS else len(offers)
    context = {"company": company, "offers": offers[:OFFERS], "count": count}
    response = render(request, "catalogue/company.html", context)
    keys = {f"company:{company.pk}", f"company_offers:{company.pk}"}.union(*(offer.surrogate_keys for offer in offers))
    return tag(response, keys)
