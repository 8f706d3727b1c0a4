from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from offers.enums import Status
from offers.models import Membership, Offer
from offers.views.rooms import room

PER_PAGE = 50


@room
@require_safe
def dashboard(request):
    """The offers of the companies that the signed-in person works for, and of no other."""
    offers = (
        Offer.objects.filter(company__memberships__user=request.user)
        .select_related("company", "place")
        .defer("description", "company__description")
        .order_by("company__name", "company", F("published_at").desc(nulls_first=True), "-pk")
    )
    page = Paginator(offers, PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    for offer in page:
        offer.state, offer.state_kind = _state(offer, now)
        offer.has_page = offer.was_published(now) and not offer.is_gone(now)
    memberships = Membership.objects.filter(user=request.user).select_related("company").order_by("company__name", "pk")
    return render(request, "offers/recruiters/dashboard.html", {"page": page, "memberships": memberships})


def _state(offer, now) -> tuple[str, str]:
    """What stands in the list, and the kind of badge it has."""
    if offer.status != Status.PUBLISHED:
        return offer.get_status_display(), ""
    if offer.is_published(now):
        return "en ligne", "ok"
    if offer.published_at > now:
        return "à paraître", ""
    return "expirée", "warn"
