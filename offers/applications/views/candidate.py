"""Applying, and what becomes of it: the pages of candidates."""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.contact.models import TooManyMessages
from jobboard.network import client_network
from jobboard.privacy.registry import format_period
from jobboard.signed_links import signed_link_view
from offers.applications import intake
from offers.applications.enums import CvState
from offers.applications.forms import ApplicationForm, CvForm
from offers.applications.models import Application, ApplicationRefused
from offers.catalogue.audience import count_click
from offers.catalogue.lookup import shown_offer


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, pk, slug):
    offer = shown_offer(pk)
    if offer.is_gone():
        return render(request, "410.html", status=410)
    if not offer.is_published() or not offer.takes_applications:
        # Its page says why, or where else.
        if request.method == "POST":
            messages.error(request, "La candidature n’est pas partie\u00a0: l’offre n’en reçoit plus ici.")
        return redirect(offer)
    if slug != offer.slug and request.method != "POST":
        return redirect("applications:apply", offer.pk, offer.slug, permanent=True)
    if request.method != "POST":
        return _form(request, offer, ApplicationForm(offer=offer))

    form = ApplicationForm(request.POST, request.FILES, offer=offer)
    thanks = redirect("applications:applied", offer.pk, offer.slug)
    if form.is_trapped:
        return thanks
    if not form.is_valid():
        _keep_file(request, form)
        return _form(request, offer, form)
    try:
        intake.receive(form.instance, client_network(request), file=form.cleaned_data["cv"], kept=form.kept)
    except TooManyMessages as error:
        minutes = -(-error.retry_after // 60)
        form.add_error(
            None,
            "Plusieurs candidatures sont déjà parties de cette connexion. Celle-ci n’est pas perdue\u00a0: elle peut "
            f"être envoyée dans {minutes}\u00a0minute{'s' if minutes > 1 else ''}.",
        )
        _keep_file(request, form)
        response = _form(request, offer, form, status=429)
        response["Retry-After"] = error.retry_after
        return response
    except intake.UploadGone:
        form.add_error("cv", form.fields["cv"].error_messages["missing"])
        form.remember(None)
        return _form(request, offer, form)
    return thanks


def _form(request, offer, form, status=200):
    context = {"offer": offer, "form": form, "retention": _retention()}
    return render(request, "applications/apply.html", context, status=status)


def _retention() -> str:
    return format_period(settings.APPLICATION_RETENTION_DAYS)


def _keep_file(request, form) -> None:
    """What was sent well stays here, so that it need not be chosen again."""
    file = form.cleaned_data.get("cv")
    if not file:
        form.remember(form.kept)
        return
    earlier = form.kept
    try:
        form.remember(intake.keep(file, client_network(request)))
    except TooManyMessages:
        form.remember(None)
        # Said now, beside the field, and not after the form has been sent again without it.
        form.add_error("cv", form.fields["cv"].error_messages["not_kept"])
        return
    if earlier:
        intake.forget(earlier)


@require_safe
@never_cache
def applied(request, pk, slug):
    return render(request, "applications/applied.html", {"offer": shown_offer(pk)})


@require_safe
@never_cache
def apply_elsewhere(request, pk, slug):
    """To the employer’s own page, by way of here so that the click can be counted."""
    offer = shown_offer(pk)
    if not offer.is_published() or offer.takes_applications or offer.confidential:
        return redirect(offer)
    count_click(request, offer)
    return HttpResponseRedirect(offer.apply_url, headers={"X-Robots-Tag": "noindex, nofollow"})


# What follows is opened by a link that only the candidate has. It stands for a password.


def _for_candidate(view):
    @signed_link_view
    def opened(request, token, **kwargs):
        application = Application.objects.select_related("offer__company", "offer__place").with_token(token)
        if application is None:
            return render(request, "applications/unknown.html", status=404)
        return view(request, application, **kwargs)

    return opened


@_for_candidate
@require_safe
def status(request, application):
    return _status(request, application, CvForm())


def _status(request, application, form):
    context = {
        "application": application,
        "offer": application.offer,
        "steps": application.events.all(),
        "opened_at": application.cv_accesses.order_by("at").values_list("at", flat=True).first(),
        "may_replace": application.is_open and application.cv_state == CvState.REFUSED,
        "form": form,
        "token": application.token,
        "retention": _retention(),
    }
    return render(request, "applications/status.html", context)


@_for_candidate
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, application):
    if request.method != "POST":
        return render(request, "applications/withdraw.html", {"application": application})
    # It may be withdrawn already, in another window.
    with suppress(ApplicationRefused):
        application.withdraw()
    return redirect(application)


@_for_candidate
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, application):
    if request.method != "POST":
        return render(request, "applications/erase.html", {"application": application})
    intake.erase(application)
    return redirect("applications:erased")


@_for_candidate
@require_POST
def replace_cv(request, application):
    form = CvForm(request.POST, request.FILES)
    if not form.is_valid():
        return _status(request, application, form)
    intake.replace_cv(application, form.cleaned_data["cv"])
    return redirect(application)


@require_safe
@never_cache
def erased(request):
    return render(request, "applications/erased.html")
