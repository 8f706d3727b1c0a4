"""Drafts, and the form data that a browser posts from the pages of recruiters."""

from django.urls import reverse

from offers.enums import OfferStatus
from offers.models import Offer
from tests.factories import make_offer

DESCRIPTION = (
    "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la production. " * 4
)
DRAFT = {"status": OfferStatus.DRAFT, "published_at": None, "expires_at": None}


def url(name, *args) -> str:
    return reverse(f"posting:{name}", args=args)


def step_url(offer, slug) -> str:
    return url("step", offer.pk, slug)


def make_draft(company, **fields) -> Offer:
    """Return a draft that could be submitted."""
    values = {"title": "Développeur Java", "description": DESCRIPTION, "pay_min": 45_000, "pay_max": 55_000, **DRAFT}
    return make_offer(company=company, **{**values, **fields})


def step_data(response, **changes) -> dict:
    """Return the data that a browser would post from a step; a change of None leaves the field out."""
    data = {**initial_data(response.context["form"]), **changes}
    return {name: value for name, value in data.items() if value is not None}


def initial_data(form) -> dict:
    """Return the data that a browser would post from the unchanged form."""
    return {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}


def post_step(client, path, **changes):
    """Post the step with the changes to its form as it stands."""
    return client.post(path, step_data(client.get(path), **changes))


def form_errors(response) -> dict[str, str]:
    """Return the errors of the form by field."""
    return {name: " ".join(errors) for name, errors in response.context["form"].errors.items()}


def post_edit_form(client, offer, **changes):
    """Post the page that edits a published offer, with the changes to its forms as they stand."""
    page = client.get(url("edit", offer.pk))
    data = {"version_offre": page.context["version"]}
    for form in page.context["forms"]:
        data |= initial_data(form)
    return client.post(url("edit", offer.pk), {**data, **changes})
