"""Offers as items of a list, rendered by templates/jinja2/catalogue/cards.html."""

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro
from offers.search import excerpts

register = template.Library()


register.filter("highlight", excerpts.highlight)
register.filter("excerpt", excerpts.excerpt)


@register.simple_tag
def cards(offers, words: frozenset[str] | None = None) -> SafeString:
    """Render a list item for each of `offers`: cards, or those of OfferQuerySet.for_cards.

    Mark the searched `words`, and add excerpts of descriptions that contain them.
    """
    return render_macro("catalogue/cards.html", "cards", offers, words)


@register.simple_tag
def card(offer) -> SafeString:
    return cards([offer])


@register.simple_tag
def logo(company, size: int) -> SafeString:
    """Render the logo of a company, `size` CSS pixels wide, or an empty string without one."""
    return render_macro("catalogue/cards.html", "logo", company, size)


@register.simple_tag
def tick() -> SafeString:
    """Render the tick of a verified company."""
    return render_macro("catalogue/cards.html", "tick")
