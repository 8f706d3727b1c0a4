import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from careers.models import Role
from jobboard.caching.tags import cached_page, tag
from jobboard.contact.models import retention_period
from jobboard.privacy import registry as personal
from offers.catalogue.filters import EMPTY_SEARCH
from offers.models import Offer
from offers.search.health import health as search_health

logger = logging.getLogger(__name__)


@cached_page
@require_safe
def home(request):
    offers = list(Offer.objects.published().for_cards().newest_first()[:6])
    roles = Role.objects.published()[:12]
    response = render(request, "home.html", {"offers": offers, "roles": roles, "search": EMPTY_SEARCH})
    keys = {"published", "roles"}.union(*(offer.surrogate_keys for offer in offers))
    return tag(response, keys)


@require_safe
def legal_notice(request):
    return render(request, "legal/notice.html")


@require_safe
def privacy(request):
    context = {
        "retention": retention_period(),
        "alert_days": settings.ALERT_UNCONFIRMED_DAYS,
        "application_retention": personal.period(settings.APPLICATION_RETENTION_DAYS),
        "parts": personal.parts(),
    }
    return render(request, "legal/privacy.html", context)


@require_safe
def accessibility(request):
    return render(request, "legal/accessibility.html")


@require_safe
@never_cache
def health(request):
    """What a load balancer and a monitor ask. The body names what was checked, nothing more.

    503 where the database does not answer: such a host serves no page. Without search it still serves most of them,
    and several hosts may lose it at once, so that is 200 with a word in the body; `?strict` makes it 503 too, for a
    monitor that is to wake somebody.
    """
    report = {"database": "ok", "search": search_health()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer")
        report["database"] = "unreachable"
    well = report["database"] == "ok" and ("strict" not in request.GET or report["search"] == "ok")
    return JsonResponse(report, status=200 if well else 503)


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)
