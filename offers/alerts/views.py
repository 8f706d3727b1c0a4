import functools
import logging

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jobboard.contact.models import TooManyMessages
from jobboard.network import client_network
from jobboard.signed_links import signed_link_view
from offers.alerts import asking, links, saved
from offers.alerts.forms import AddressForm, AlertForm
from offers.alerts.models import Alert
from offers.catalogue.filters import OfferFilter
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


# Asking ---------------------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@read_or_send
def ask(request):
    """An alert for the search in the query string, as the list of offers has it."""
    search = OfferFilter(request.GET)
    try:
        query = saved.canonical(search, _searched(search))
    except saved.TooLong:
        return render(request, "alerts/too_long.html", {"asked": search}, status=400)
    label = saved.label(saved.replay(query))
    form = AlertForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "label": label, "asked": search, "days": links.lasts(links.CONFIRM).days}
    page = "alerts/new.html"
    if request.method != "POST":
        return render(request, page, context)
    if form.is_trapped:
        return redirect("alerts:sent")
    if not form.is_valid():
        return render(request, page, context)
    values = form.cleaned_data
    asked = functools.partial(asking.ask, values["email"], query, label, values["frequency"])
    return _count_and(asked, request, page, context)


def _searched(search) -> str:
    """The words that the list of offers searched for those that were typed, where these find nothing."""
    try:
        return search.answer(limit=1).searched
    except SearchUnavailable:
        return ""


@sensitive_post_parameters()
@never_cache
@read_or_send
def ask_for_list(request):
    form = AddressForm(request.POST if request.method == "POST" else None)
    context, page = {"form": form}, "alerts/list.html"
    if request.method != "POST":
        return render(request, page, context)
    if form.is_trapped:
        return redirect("alerts:sent")
    if not form.is_valid():
        return render(request, page, context)
    return _count_and(functools.partial(asking.ask_for_list, form.cleaned_data["email"]), request, page, context)


def _count_and(act, request, page, context):
    """Act for the network that the request comes from, or say when it may ask again."""
    try:
        act(client_network(request))
    except TooManyMessages as error:
        minutes = -(-error.retry_after // 60)
        context["form"].add_error(
            None,
            "Plusieurs demandes sont déjà parties de cette connexion. Celle-ci peut être envoyée dans "
            f"{minutes} minute{'s' if minutes > 1 else ''}.",
        )
        response = render(request, page, context, status=429)
        response["Retry-After"] = error.retry_after
        return response
    return redirect("alerts:sent")


@require_safe
def sent(request):
    """The same whatever was asked, and whoever has alerts."""
    return render(request, "alerts/sent.html", {"days": links.lasts(links.CONFIRM).days})


# By the links in mails ------------------------------------------------------------------------------------------------


@signed_link_view
def confirm(request, token):
    """Shown first, since programs that look at mails for their owners open links too."""
    alert = links.opened(links.CONFIRM, token)
    if alert is None or alert.unsubscribed_at:
        return _over(request)
    if request.method == "POST":
        alert.confirm()
    context = {"alert": alert, "manage_url": links.path(links.MANAGE, alert) if alert.confirmed_at else ""}
    return render(request, "alerts/confirm.html", context)


@signed_link_view
def stop(request, token):
    """The button of the page, and that of mail programs (RFC 8058), which are answered without a redirect."""
    alert = links.opened(links.STOP, token)
    if alert is None:
        return _over(request)
    if request.method == "POST":
        alert.unsubscribe()
        alert.refresh_from_db()
    return render(request, "alerts/stop.html", {"alert": alert})


@signed_link_view
def manage(request, token):
    """The alerts of the address that the link was sent to."""
    owner = links.opened(links.MANAGE, token)
    if owner is None:
        return _over(request)
    mine = Alert.objects.active().of(owner.email)
    if request.method == "POST":
        alert = mine.filter(pk=_number(request.POST.get("alert"))).first()
        act = ACTIONS.get(request.POST.get("action"))
        if alert and act:
            messages.success(request, act(alert))
        else:
            messages.warning(request, "Cette alerte n’existe plus, ou la demande n’était pas complète.")
        return redirect(request.path)
    alerts = list(mine)
    context = {"alerts": alerts, "gone": _gone(alerts), "address": _masked(owner.email)}
    return render(request, "alerts/manage.html", context)


def _gone(alerts) -> set[int]:
    """Those that find nothing any more, whatever comes out."""
    try:
        return {alert.pk for alert in alerts if saved.names_what_is_gone(alert.query)}
    except SearchUnavailable:
        return set()


def _over(request):
    return render(request, "alerts/over.html", status=404)


def _number(text) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _masked(email: str) -> str:
    """Enough for its owner to know it, too little for whoever else the link has come to."""
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


def _every(frequency):
    def act(alert) -> str:
        alert.change_frequency(frequency)
        when = "chaque matin" if frequency == Alert.Frequency.DAILY else "chaque lundi matin"
        return f"Désormais envoyée {when}\u00a0: {alert.label}."

    return act


ACTIONS = {
    "confirm": _confirm,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "daily": _every(Alert.Frequency.DAILY),
    "weekly": _every(Alert.Frequency.WEEKLY),
}
