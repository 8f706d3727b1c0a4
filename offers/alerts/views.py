import functools
import logging
from urllib.parse import urlsplit

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jobboard.contact.models import RateLimitExceeded
from jobboard.contact.responses import too_many_requests
from jobboard.network import client_network
from jobboard.signed_links import signed_link_view
from offers.alerts import links, requests, saved
from offers.alerts.forms import AlertForm, AlertListForm
from offers.alerts.models import Alert
from offers.catalogue.chips import Link
from offers.catalogue.filters import OfferFilter
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)

allow_get_and_post = require_http_methods(["GET", "HEAD", "POST"])


# Requests -------------------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@allow_get_and_post
def request_alert(request):
    """Create an alert for the search in the query string, which has the parameters of the list of offers."""
    search = OfferFilter(request.GET)
    if search.unknown_place:
        return _ask_place(request, search)
    try:
        query = saved.canonical(search, _searched(search))
    except saved.QueryTooLong:
        return render(request, "alerts/too_long.html", {"search": search}, status=400)
    label = saved.label(saved.replay(query))
    form = AlertForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "label": label, "search": search, "days": links.lifetime(links.CONFIRM).days}
    page = "alerts/new.html"
    if request.method != "POST":
        return render(request, page, context)
    if form.is_trapped:
        return redirect("alerts:sent")
    if not form.is_valid():
        return render(request, page, context)
    values = form.cleaned_data
    action = functools.partial(requests.request_alert, values["email"], query, label, values["frequency"])
    return _run_limited(action, request, page, context)


def _ask_place(request, search):
    """Ask which place is meant: without it the alert would be for all of France."""
    links_to_search = [
        *search.suggestions["ou"],
        Link("Alerte pour toute la France", search.url(without=("ou", "rayon"))),
    ]
    *places, everywhere = [Link(link.label, f"{request.path}?{urlsplit(link.url).query}") for link in links_to_search]
    context = {"search": search, "places": places, "everywhere": everywhere}
    return render(request, "alerts/unknown_place.html", context)


def _searched(search) -> str:
    """Return the corrected text that the list of offers searched for, or an empty string."""
    try:
        return search.answer(limit=1).searched
    except SearchUnavailable:
        return ""


@sensitive_post_parameters()
@never_cache
@allow_get_and_post
def request_list(request):
    form = AlertListForm(request.POST if request.method == "POST" else None)
    context, page = {"form": form}, "alerts/list.html"
    if request.method != "POST":
        return render(request, page, context)
    if form.is_trapped:
        return redirect("alerts:sent")
    if not form.is_valid():
        return render(request, page, context)
    return _run_limited(functools.partial(requests.request_list, form.cleaned_data["email"]), request, page, context)


def _run_limited(action, request, page, context):
    """Call `action` with the network of the client; answer 429 with Retry-After if its rate limit is exceeded."""
    try:
        action(client_network(request))
    except RateLimitExceeded as error:
        text = "Plusieurs demandes ont déjà été envoyées depuis cette connexion. Réessayez dans {delay}."
        return too_many_requests(
            error, context["form"], text, lambda status: render(request, page, context, status=status)
        )
    return redirect("alerts:sent")


@require_safe
def sent(request):
    """Confirm a request, with the same page whether or not the address has alerts."""
    return render(request, "alerts/sent.html", {"days": links.lifetime(links.CONFIRM).days})


# Signed links in mails ------------------------------------------------------------------------------------------------


@signed_link_view
def confirm(request, token):
    """Confirm on POST only: mail scanners follow links too."""
    alert = links.alert_from_token(links.CONFIRM, token)
    if alert is None or alert.unsubscribed_at:
        return _invalid_link(request)
    if request.method == "POST":
        alert.confirm()
    context = {"alert": alert, "manage_url": links.path(links.MANAGE, alert) if alert.confirmed_at else ""}
    return render(request, "alerts/confirm.html", context)


@signed_link_view
def stop(request, token):
    """Unsubscribe on POST, from the page or from a mail program (RFC 8058), which does not follow redirects."""
    alert = links.alert_from_token(links.STOP, token)
    if alert is None:
        return _invalid_link(request)
    if request.method == "POST":
        alert.unsubscribe()
        alert.refresh_from_db()
    return render(request, "alerts/stop.html", {"alert": alert})


@signed_link_view
def manage(request, token):
    """List and change the alerts of the e-mail address that the link was sent to."""
    linked = links.alert_from_token(links.MANAGE, token)
    if linked is None:
        return _invalid_link(request)
    queryset = Alert.objects.active().of(linked.email)
    if request.method == "POST":
        alert = queryset.filter(pk=_parse_pk(request.POST.get("alert"))).first()
        action = ACTIONS.get(request.POST.get("action"))
        if alert and action:
            messages.success(request, action(alert))
        else:
            messages.warning(request, "Cette alerte n’existe plus.")
        return redirect(request.path)
    alerts = list(queryset)
    context = {"alerts": alerts, "without_results": _without_results(alerts), "email": _masked(linked.email)}
    return render(request, "alerts/manage.html", context)


def _without_results(alerts) -> set[int]:
    """Return the pks of alerts whose search names a deleted object."""
    try:
        return {alert.pk for alert in alerts if saved.names_deleted_object(alert.query)}
    except SearchUnavailable:
        return set()


def _invalid_link(request):
    return render(request, "alerts/over.html", status=404)


def _parse_pk(text) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _masked(email: str) -> str:
    """Return the e-mail address with a masked local part, since the link may have been forwarded."""
    name, _, domain = email.rpartition("@")
    return f"{name[:2]}…@{domain}"


def _confirm(alert) -> str:
    alert.confirm()
    return f"Alerte confirmée\u00a0: {alert.label}."


def _pause(alert) -> str:
    alert.pause()
    return f"Alerte suspendue\u00a0: {alert.label}."


def _resume(alert) -> str:
    alert.resume()
    return f"Alerte reprise\u00a0: {alert.label}."


def _stop(alert) -> str:
    alert.unsubscribe()
    return f"Alerte arrêtée\u00a0: {alert.label}."


def _set_frequency(frequency):
    def action(alert) -> str:
        alert.change_frequency(frequency)
        when = "chaque matin" if frequency == Alert.Frequency.DAILY else "chaque lundi matin"
        return f"Alerte envoyée désormais {when}\u00a0: {alert.label}."

    return action


ACTIONS = {
    "confirm": _confirm,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "daily": _set_frequency(Alert.Frequency.DAILY),
    "weekly": _set_frequency(Alert.Frequency.WEEKLY),
}
