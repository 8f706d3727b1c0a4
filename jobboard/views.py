import logging
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from careers.models import Role
from jobboard.accounts.attempts import KNOWN_FOR
from jobboard.caching.tags import cached_page, tag
from jobboard.contact.models import retention_periods
from jobboard.privacy import processing, registry
from jobboard.resubmission import saved
from jobboard.resubmission.middleware import leave_fragment
from offers.applications.models.retention import retention_rule
from offers.catalogue.empty_search import EMPTY_SEARCH
from offers.indexing.health import health as search_health
from offers.models import Offer
from offers.ordering import newest_first

logger = logging.getLogger(__name__)


@cached_page
@require_safe
def home(request):
    offers = newest_first(Offer.objects.published().for_cards().newest_first()[:6])
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
        "retention": retention_periods(),
        "alert_days": settings.ALERT_UNCONFIRMED_DAYS,
        "application_retention": retention_rule(),
        "session_period": registry.format_period(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
        "device_period": registry.format_period(timedelta(seconds=KNOWN_FOR)),
        "data_protection_officer": processing.data_protection_officer(),
        "transfers": processing.transfers(),
        "data_sources": registry.sources(),
    }
    return render(request, "legal/privacy.html", context)


@require_safe
def accessibility(request):
    return render(request, "legal/accessibility.html")


@require_safe
@never_cache
def health(request):
    """Health check for load balancers and monitoring: JSON with the state of the database and of search.

    Status 503 when the database does not respond, since the host then serves no page. Without search it still serves
    most pages, and all hosts may lose search at once, so the status stays 200; `?strict` returns 503 for alerting.
    """
    report = {"database": "ok", "search": search_health()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not respond")
        report["database"] = "unreachable"
    healthy = report["database"] == "ok" and ("strict" not in request.GET or report["search"] == "ok")
    return JsonResponse(report, status=200 if healthy else 503)


@never_cache
def csrf_failure(request, reason=""):
    """Show the form again with what was typed, its files and a new token; not a form of another site."""
    if request.headers.get("HX-Request"):
        return leave_fragment(request, request.get_full_path())
    submission = None
    if request.method == "POST" and saved.is_same_origin(request):
        submission = saved.submission_of(request)
        if submission.files:
            submission = replace(submission, token=saved.save(request, submission))
            if not submission.token:
                submission = replace(submission, files=[])
    return render(request, "403_csrf.html", {"submission": submission}, status=403)
