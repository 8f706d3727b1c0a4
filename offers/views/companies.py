"""A company as the public sees it, and its logo."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from offers.models import Company

OFFERS = 20
# Digests, as `offers.logos` makes them, with what the storage adds where two companies have one picture.
_LOGO = re.compile(r"[0-9a-f]{32}(_\w{7})?\.webp")


@require_safe
def company_detail(request, slug):
    company = get_object_or_404(Company.objects.public(), slug=slug)
    # Confidential offers are nobody’s here.
    offers = company.offers.published().filter(confidential=False)
    shown = list(offers.newest_first().for_cards()[: OFFERS + 1])
    # Counted only where the page does not show them all.
    count = offers.count() if len(shown) > OFFERS else len(shown)
    context = {"company": company, "offers": shown[:OFFERS], "count": count}
    return render(request, "offers/company.html", context)


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def logo(request, name):
    """A logo, where no web server before the site answers for it. Its name tells its content, which never changes."""
    if not _LOGO.fullmatch(name):
        raise Http404
    try:
        file = default_storage.open(f"logos/{name}")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type="image/webp")
