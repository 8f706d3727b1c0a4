"""The pages of candidates: the application form, and the status pages behind a signed link."""

from contextlib import suppress
from functools import partial

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.contact.link_requests import LinkRequestForm, link_request_response
from jobboard.contact.models import RateLimitExceeded
from jobboard.contact.responses import too_many_requests
from jobboard.network import client_network
from jobboard.signed_links import signed_link_view
from offers.applications import intake, requests
from offers.applications.enums import CvState
from offers.applications.forms import ApplicationForm, ConsentForm, CvForm
from offers.applications.models import Application, ApplicationRefused
from offers.applications.models.retention import describe_retention, retained_until, retention_rule
from offers.applications.summary import summarize
from offers.catalogue.audience import count_click
from offers.catalogue.lookup import get_public_offer_or_404


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, pk, slug):
    offer = get_public_offer_or_404(pk)
    if offer.is_gone():
        return render(request, "410.html", status=410)
    if not offer.is_published() or not offer.takes_applications:
        # The page of the offer says why it is closed, or how else to apply.
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
        _save_upload(request, form)
        return _form(request, offer, form)
    try:
        intake.receive_application(
            form.instance, client_network(request), file=form.cleaned_data["cv"], upload=form.upload
        )
    except RateLimitExceeded as error:
        _save_upload(request, form)
        text = (
            "Plusieurs candidatures ont déjà été envoyées depuis cette connexion. Celle-ci n’est pas perdue\u00a0: "
            "vous pourrez l’envoyer dans {delay}."
        )
        return too_many_requests(error, form, text, partial(_form, request, offer, form))
    except intake.UploadExpired:
        form.add_error("cv", form.fields["cv"].error_messages["missing"])
        form.set_upload(None)
        return _form(request, offer, form)
    return thanks


def _form(request, offer, form, status=200):
    context = {"offer": offer, "form": form, "retention_rule": retention_rule("votre accord")}
    return render(request, "applications/apply.html", context, status=status)


def _save_upload(request, form) -> None:
    """Store a valid file of an invalid form, so that it need not be chosen again."""
    file = form.cleaned_data.get("cv")
    if not file:
        form.set_upload(form.upload)
        return
    earlier = form.upload
    try:
        form.set_upload(intake.save_upload(file, client_network(request)))
    except RateLimitExceeded:
        form.set_upload(None)
        # Show the error now: otherwise the form would be sent again without a file.
        form.add_error("cv", form.fields["cv"].error_messages["not_saved"])
        return
    if earlier:
        intake.delete_upload(earlier)


@require_safe
@never_cache
def applied(request, pk, slug):
    return render(request, "applications/applied.html", {"offer": get_public_offer_or_404(pk)})


@require_safe
@never_cache
def apply_elsewhere(request, pk, slug):
    """Redirect to the employer’s own application page, and count the click."""
    offer = get_public_offer_or_404(pk)
    if not offer.is_published() or offer.takes_applications or offer.confidential:
        return redirect(offer)
    count_click(request, offer)
    return HttpResponseRedirect(offer.apply_url, headers={"X-Robots-Tag": "noindex, nofollow"})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_links(request):
    """Mail the links to the status pages of all applications of an e-mail address."""
    form = LinkRequestForm(request.POST if request.method == "POST" else None)

    def mail_links(values, network):
        requests.request_links(values["email"], network)

    return link_request_response(
        request, form, mail_links, page="applications/request_links.html", sent="applications:links_sent"
    )


@require_safe
def links_sent(request):
    """Confirm the request, with the same page whether or not the address has applications."""
    return render(request, "applications/links_sent.html")


# The following views are authorized by a signed link that is only mailed to the candidate.


def _candidate_view(view):
    @signed_link_view
    def wrapper(request, token, **kwargs):
        application = Application.objects.for_candidate().with_token(token)
        if application is None:
            return render(request, "applications/unknown.html", status=404)
        return view(request, application, **kwargs)

    return wrapper


@_candidate_view
@require_safe
def status(request, application):
    return _render_status(request, application, CvForm())


def _render_status(request, application, form):
    context = {
        "application": application,
        "offer": summarize(application),
        "steps": application.events.all(),
        "opened_at": application.cv_accesses.order_by("at").values_list("at", flat=True).first(),
        "may_replace": application.is_open and application.cv_state == CvState.REFUSED,
        "form": form,
        "token": application.token,
        "consent_form": ConsentForm(initial={"keep_for_others": application.keep_for_others}),
        "consents": application.consents.all(),
        "until_without_consent": retained_until(application, keep=False),
        "retention": describe_retention(application),
        "today": timezone.localdate(),
    }
    return render(request, "applications/status.html", context)


def _with_offer(application) -> dict:
    return {"application": application, "offer": summarize(application)}


@_candidate_view
@require_POST
def keep(request, application):
    """Give or end the consent to keep the application for other offers."""
    form = ConsentForm(request.POST)
    if form.is_valid():
        if application.set_keep_for_others(form.cleaned_data["keep_for_others"]):
            messages.success(request, "Votre choix est enregistré.")
        else:
            text = "Votre choix n’est pas enregistré\u00a0: une candidature retirée n’est pas gardée ainsi."
            messages.error(request, text)
    return redirect(application)


@_candidate_view
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, application):
    if request.method != "POST":
        return render(request, "applications/withdraw.html", _with_offer(application))
    # Ignore a repeated request, for example from another window.
    with suppress(ApplicationRefused):
        application.withdraw()
    return redirect(application)


@_candidate_view
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, application):
    if request.method != "POST":
        return render(request, "applications/erase.html", _with_offer(application))
    file_is_gone = intake.erase_application(application)
    return redirect("applications:erased" if file_is_gone else "applications:erased_later")


@_candidate_view
@require_POST
def replace_cv(request, application):
    form = CvForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_status(request, application, form)
    if not intake.replace_cv(application, form.cleaned_data["cv"]):
        messages.error(request, "Ce CV n’est pas enregistré\u00a0: la candidature n’en attend plus d’autre.")
    return redirect(application)


@require_safe
@never_cache
def erased(request):
    return render(request, "applications/erased.html")


@require_safe
@never_cache
def erased_later(request):
    """Tell the candidate that the application is erased, and the file is not yet."""
    return render(request, "applications/erased.html", {"file_remains": True})
