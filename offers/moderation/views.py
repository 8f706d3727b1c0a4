"""The form to report an offer (DSA, article 16)."""

from functools import partial

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jobboard.contact.models import RateLimitExceeded
from jobboard.contact.responses import too_many_requests
from jobboard.network import client_network
from offers.catalogue.lookup import get_public_offer_or_404
from offers.moderation.models import Report
from offers.moderation.reporting.forms import ReportForm
from offers.moderation.reporting.intake import receive_report


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk, slug):
    offer = get_public_offer_or_404(pk)
    if offer.is_gone():
        return render(request, "410.html", status=410)
    if request.method != "POST":
        if slug != offer.slug:
            return redirect("moderation:report", offer.pk, offer.slug, permanent=True)
        return _form(request, offer, ReportForm())
    form = ReportForm(request.POST, instance=Report(offer=offer))
    thanks = redirect("moderation:reported", offer.pk, offer.slug)
    if form.is_trapped:
        return thanks
    if not form.is_valid():
        return _form(request, offer, form)
    try:
        receive_report(form.instance, form.submission(offer), client_network(request))
    except RateLimitExceeded as error:
        text = (
            "Plusieurs signalements ont déjà été envoyés depuis cette connexion. Celui-ci n’est pas perdu\u00a0: vous "
            "pourrez l’envoyer dans {delay}."
        )
        return too_many_requests(error, form, text, partial(_form, request, offer, form))
    return thanks


def _form(request, offer, form, status=200):
    return render(request, "moderation/reports/form.html", {"offer": offer, "form": form}, status=status)


@require_safe
@never_cache
def reported(request, pk, slug):
    return render(request, "moderation/reports/thanks.html", {"offer": get_public_offer_or_404(pk)})
