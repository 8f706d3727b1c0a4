"""How to hear of the new offers of a search. Written without templates, as the fields of the search are."""

from html import escape

from django import template
from django.utils.safestring import SafeString

from jobboard.addresses import address_of

register = template.Library()
_FEEDS = (("rss", "RSS", "rss+xml"), ("atom", "Atom", "atom+xml"), ("json", "JSON", "feed+json"))


@register.simple_tag
def feeds(query: str, title: str) -> SafeString:
    """For readers of feeds to find: the search with this query string, under its title."""
    return SafeString(
        "".join(
            f'<link rel="alternate" type="application/{kind}" title="{escape(title)} ({name})"'
            f' href="{_with(address_of("catalogue:feed", form), query)}">\n'
            for form, name, kind in _FEEDS
        )
    )


@register.simple_tag
def follow(query: str, text: str = "Recevoir ces offres par e-mail") -> SafeString:
    """Links to an alert, as `text`, and to the feed of the search with this query string."""
    alert, feed = _with(address_of("alerts:new"), query), _with(address_of("catalogue:feed", "rss"), query)
    return SafeString(
        f'<p class="follow"><a rel="nofollow" href="{alert}">{escape(text)}</a>'
        f' <a rel="nofollow" href="{feed}">Flux RSS</a></p>\n'
    )


def _with(address: str, query: str) -> str:
    return f"{address}?{escape(query)}" if query else address
