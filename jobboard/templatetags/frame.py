"""What stands around the content of pages.

Header, footer and the like are the same for everybody but for a few values, so each is drawn once for these and kept.
"""

from functools import lru_cache
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_urlconf
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()


@register.simple_tag
def once(template: str, **values) -> SafeString:
    """Include `template`, which needs nothing but `values`; it is drawn once for these."""
    draw = _draw.__wrapped__ if settings.DEBUG else _draw
    return draw(template, tuple(values.items()), get_urlconf())


@lru_cache(maxsize=200)
def _draw(template: str, values: tuple, urlconf: str | None) -> SafeString:
    return render_to_string(template, dict(values))


# The sections of the site that the header names, by the URL namespaces of their pages.
_SECTIONS = {
    **dict.fromkeys(["catalogue", "applications", "moderation", "alerts", "companies"], "offers"),
    "careers": "careers",
    "contact": "contact",
}
# The page that each of them leads to.
_SECTION_PAGES = {"offers": "catalogue:list", "careers": "careers:list", "contact": "contact:form"}
_RECRUITERS = "/recruteurs/"


@register.simple_tag(takes_context=True)
def page_header(context) -> SafeString:
    """The header, which says in what part of the site the page is. Needs nothing: error 500 has no request."""
    part, exact = _part(context["request"]) if context.get("request") else ("", False)
    user, site = context.get("user"), context.get("site") or {}
    return once(
        "includes/_header.html",
        part=part,
        # As aria-current has it.
        current="page" if exact else "true",
        signed_in=bool(user and user.is_authenticated),
        name=site.get("name", ""),
    )


def _part(request) -> tuple[str, bool]:
    """The part of the site that a page belongs to, and whether it is the very page that the header leads to."""
    path, match = request.path, request.resolver_match
    if path.startswith(_RECRUITERS):
        return "recruiters", path == _RECRUITERS
    if match and match.view_name == "home":
        return "home", True
    section = _SECTIONS.get(match.namespace, "") if match else ""
    return section, bool(section) and match.view_name == _SECTION_PAGES[section]


@register.simple_tag(takes_context=True)
def pages(context, page, fragment: str = "") -> str:
    """Render links to the other pages of a list, which keep the rest of the query string.

    Pass `fragment`, such as “#offres”, where the list is not at the top of the page.
    """
    if not page.has_other_pages():
        return ""
    rest = urlencode([(name, values) for name, values in context["request"].GET.lists() if name != "page"], doseq=True)
    return render_macro("pages.html", "pages", page, rest, fragment)
