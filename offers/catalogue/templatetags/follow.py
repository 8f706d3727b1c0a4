"""How to hear of the new offers of a search, rendered by templates/jinja2/catalogue/follow.html."""

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()


@register.simple_tag
def feeds(query: str, title: str) -> SafeString:
    """Render links to the feeds of the search with this query string, for the head of a page."""
    return render_macro("catalogue/follow.html", "feeds", query, title)


@register.simple_tag
def follow(query: str, text: str = "Recevoir ces offres par e-mail") -> SafeString:
    """Render links to an alert, as `text`, and to the RSS feed of the search with this query string."""
    return render_macro("catalogue/follow.html", "follow", query, text)
