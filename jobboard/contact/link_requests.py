"""Requests for a mail with signed links to what an e-mail address has on this site: alerts, applications.

The response is the same whether or not the address has any: only the mail depends on it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.shortcuts import redirect, render

from jobboard.contact.models import RateLimitExceeded, Sender
from jobboard.contact.responses import too_many_requests
from jobboard.form_token import SpamProtectedForm
from jobboard.network import client_network
from jobboard.text.fields import EmailField


class LinkRequestForm(SpamProtectedForm):
    """The e-mail address to which a mail with signed links is sent."""

    email = EmailField(
        label="Adresse e-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@dataclass(frozen=True)
class LinkRequestLimit:
    """The rate limit of requests from one network, and of mails to one address: the setting with the count per hour."""

    purpose: str
    setting: str

    def count_request(self, network: str) -> None:
        """Count a request. Raise RateLimitExceeded when `network` exceeds its rate limit."""
        self._count(network, self.purpose)

    def may_mail(self, email: str) -> bool:
        """Count a mail, and return whether `email` is below its rate limit, against flooding a mailbox."""
        try:
            self._count(email.lower(), f"{self.purpose}-mails")
        except RateLimitExceeded:
            return False
        return True

    def _count(self, key: str, purpose: str) -> None:
        Sender.objects.count_message(key, purpose=purpose, limit=getattr(settings, self.setting))


def link_request_response(request, form, action: Callable[[dict, str], None], *, page: str, sent: str, **context):
    """Render the template `page` with `form`; redirect to the URL name `sent` once it is submitted.

    Call `action` with the cleaned data and the network of the client. If it raises RateLimitExceeded, answer 429 with
    Retry-After.
    """

    def show(status: int = 200):
        return render(request, page, {**context, "form": form}, status=status)

    if request.method != "POST":
        return show()
    if form.is_trapped:
        return redirect(sent)
    if not form.is_valid():
        return show()
    try:
        action(form.cleaned_data, client_network(request))
    except RateLimitExceeded as error:
        text = "Plusieurs demandes ont déjà été envoyées depuis cette connexion. Réessayez dans {delay}."
        return too_many_requests(error, form, text, show)
    return redirect(sent)
