"""The page of an offer, rendered by templates/jinja2/catalogue/offer_page.html."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()
_TEMPLATE = "catalogue/offer_page.html"


@register.simple_tag
def offer_header(offer, is_open: bool) -> SafeString:
    return render_macro(_TEMPLATE, "header", offer, is_open)


@register.simple_tag
def offer_texts(offer, skills) -> SafeString:
    """Render highlights, description and `skills`, which have `name` and `slug`."""
    return render_macro(_TEMPLATE, "texts", offer, skills)


@register.simple_tag
def offer_aside(offer, is_open: bool, ended_at: datetime | None, company_offers) -> SafeString:
    """Render how to apply, the facts of the offer and of its employer, and the cards `company_offers` as links."""
    return render_macro(_TEMPLATE, "aside", offer, is_open, ended_at, company_offers)
