import logging
from urllib.parse import urlsplit

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jobboard.contact.link_requests import LinkRequestForm, link_request_response
from jobboard.signed_links import signed_link_view
from offers.alerts import links, requests, saved
from offers.alerts.forms import AlertForm
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

    def create(values, network):
        requests.request_alert(values["email"], query, label, values["frequency"], network)

    context = {
        "label": label,
        "search": search,
        "others": _alert_links(request, search.suggestions["ou"]),
        "days": links.lifetime(links.CONFIRM).days,
    }
    return link_request_response(request, form, create, page="alerts/new.html", sent="alerts:sent", **context)


def _ask_place(request, search):
    """Ask which place is meant: without it the alert would be for all of France."""
    links_to_search = [
        *search.suggestions["ou"],
        Link("Alerte pour toute la France", search.url(without=("ou", "rayon"))),
    ]
    *places, everywhere = _alert_links(request, links_to_search)
    context = {"search": search, "places": places, "everywhere": everywhere}
    return render(request, "alerts/unknown_place.html", context)


def _alert_links(request, links_to_search: list[Link]) -> list[Link]:
    """Return the links to the alerts for other searches."""
    return [Link(link.label, f"{request.path}?{urlsplit(link.url).query}") for link in links_to_search]


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
    form = LinkRequestForm(request.POST if request.method == "POST" else None)

    def mail_link(values, network):
        requests.request_list(values["email"], network)

    return link_request_response(request, form, mail_link, page="alerts/list.html", sent="alerts:sent")


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
