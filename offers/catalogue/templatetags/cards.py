"""Offers as items of a list, rendered by templates/jinja2/catalogue/cards.html."""

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro
from offers.search import excerpts

register = template.Library()


@register.filter
def highlight(text: str, words: frozenset[str] | None) -> str:
    """Mark the searched `words` in `text`."""
    return render_macro("catalogue/cards.html", "mark", excerpts.highlight(text, words)) if words else text


@register.filter
def excerpt(description: str, words: frozenset[str]) -> SafeString:
    """Return an excerpt of the Markdown text `description` with most of the searched `words`, which are marked."""
    return render_macro("catalogue/cards.html", "mark", excerpts.excerpt(description, words))


@register.simple_tag
def cards(offers, words: frozenset[str] | None = None) -> SafeString:
    """Render a list item for each of `offers`: cards, or those of OfferQuerySet.for_cards.

    Mark the searched `words`, and add excerpts of descriptions that contain them.
    """
    return render_macro("catalogue/cards.html", "cards", offers, words, timezone.localdate())


@register.simple_tag
def card(offer) -> SafeString:
    return cards([offer])


@register.simple_tag
def logo(company, size: int) -> SafeString:
    """Render the logo of a company, `size` CSS pixels wide, or an empty string without one."""
    return render_macro("catalogue/cards.html", "logo", company, size)
