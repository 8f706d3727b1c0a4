import re
from functools import partial
from urllib.parse import urlsplit

from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jobboard.contact.enums import ContactSubject
from jobboard.contact.forms import ContactForm
from jobboard.contact.intake import receive
from jobboard.contact.models import RateLimitExceeded, retention_periods
from jobboard.contact.responses import too_many_requests
from jobboard.network import client_network


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request):
    if request.method != "POST":
        role = _role(request.GET.get("metier", ""))
        # Only recruiters come from a role profile.
        subject = request.GET.get("sujet", ContactSubject.RECRUITER if role else "")
        initial = {
            "subject": subject if subject in ContactSubject.values else "",
            "role": role,
            "page": _origin(request),
        }
        return _form(request, ContactForm(initial=initial))

    form = ContactForm(request.POST)
    if form.is_trapped:
        return redirect("contact:thanks")
    if not form.is_valid():
        return _form(request, form)
    try:
        receive(form.instance, form.submission(), client_network(request))
    except RateLimitExceeded as error:
        text = (
            "Plusieurs messages sont déjà partis de cette connexion. Celui-ci n’est pas perdu\u00a0: il peut être "
            "envoyé dans {delay}."
        )
        return too_many_requests(error, form, text, partial(_form, request, form))
    return redirect("contact:thanks")


def _form(request, form, status=200):
    context = {"form": form, "subject": form["subject"].value(), "retention": retention_periods()}
    return render(request, "contact/form.html", context, status=status)


@require_safe
def thanks(request):
    return render(request, "contact/thanks.html")


def _role(text: str) -> str:
    """Return the name of a role from `?metier=`: a slug with its hyphens as spaces, any other text unchanged."""
    text = text.strip()[:120]
    return text.replace("-", " ") if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text) else text


def _origin(request) -> str:
    """Return the path of the page of this site that linked here, from the referer."""
    referer = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return urlsplit(referer).path
    return request.path
