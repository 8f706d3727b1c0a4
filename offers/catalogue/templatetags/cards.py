"""Offers as items of a list, rendered by templates/jinja2/catalogue/cards.html."""

import re
from collections.abc import Container
from functools import lru_cache
from operator import itemgetter

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro
from offers.search import excerpts

register = template.Library()


# The skills of a card, and the characters of its excerpt, which is one line.
MAX_TAGS, EXCERPT_LENGTH = 5, 140

register.filter("highlight", excerpts.highlight)


@register.filter
def card_tags(offer, words: frozenset[str] | None, skills: Container[int]) -> list[tuple[str, bool]]:
    """Return (name, is_match) of at most five skills of an offer.

    Those among the searched `skills`, given by pk, and those that contain one of the searched `words` stand first.
    """
    rows = offer.card_skills or ()
    if not skills and not words:
        return [(name, False) for _, name in rows[:MAX_TAGS]]
    tags = []
    for pk, name in rows:
        is_match = bool(words and excerpts.matches(name, words))
        tags.append((not (is_match or pk in skills), name, is_match))
    # A stable sort: by name otherwise.
    tags.sort(key=itemgetter(0))
    return [(name, is_match) for _, name, is_match in tags[:MAX_TAGS]]


@register.filter
def card_excerpt(offer, words: frozenset[str]) -> list[excerpts.Fragment]:
    """Return the highlights of an offer, or else an excerpt of its description, if they contain one of the `words`."""
    for text in (offer.highlights_line, offer.description):
        fragments = excerpts.excerpt(text, words, EXCERPT_LENGTH) if text else []
        if any(is_match for _, is_match in fragments):
            return fragments
    return []


@register.filter
@lru_cache(maxsize=2_000)
def initials(name: str) -> str:
    """Return the initials of the first two words of a name, in place of a logo."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    return "".join(word[0] for word in words[:2]).upper()


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
