"""Template tags of the page layout: header, cached includes, pagination.

Header and footer depend on a few values only, so their HTML is cached by these values.
"""

from functools import lru_cache
from urllib.parse import urlencode

from django import forms, template
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import get_urlconf
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()


@register.simple_tag
def cached_include(template: str, **values) -> SafeString:
    """Include `template` with `values` as its only context. The HTML is cached by template, values and URLconf."""
    render = _render_cached.__wrapped__ if settings.DEBUG else _render_cached
    return render(template, tuple(values.items()), get_urlconf())


@lru_cache(maxsize=200)
def _render_cached(template: str, values: tuple, urlconf: str | None) -> SafeString:
    return render_to_string(template, dict(values))


# Sections of the site with a link in the header, by URL namespace.
_SECTIONS = {
    **dict.fromkeys(["catalogue", "applications", "moderation", "alerts", "companies"], "offers"),
    "careers": "careers",
    "contact": "contact",
}
# The URL names of these links.
_SECTION_PAGES = {"offers": "catalogue:list", "careers": "careers:list", "contact": "contact:form"}
_RECRUITERS = "/recruteurs/"


@register.simple_tag(takes_context=True)
def page_header(context) -> SafeString:
    """Return the header with the current section marked. Works without a request, as in the page of error 500."""
    section, exact = _section(context["request"]) if context.get("request") else ("", False)
    user, site = context.get("user"), context.get("site") or {}
    return cached_include(
        "includes/_header.html",
        section=section,
        # Values of aria-current.
        current="page" if exact else "true",
        signed_in=bool(user and user.is_authenticated),
        name=site.get("name", ""),
    )


def _section(request) -> tuple[str, bool]:
    """Return the section of the requested page, and whether it is the page the header links to."""
    path, match = request.path, request.resolver_match
    if path.startswith(_RECRUITERS):
        return "recruiters", path == _RECRUITERS
    if match and match.view_name == "home":
        return "home", True
    section = _SECTIONS.get(match.namespace, "") if match else ""
    # The header links to the form for recruiters, the footer to the form for all subjects.
    if section == "contact" and request.GET.get("sujet") != "recruteur":
        section = ""
    return section, bool(section) and match.view_name == _SECTION_PAGES[section]


@register.filter
def list_errors(form: forms.BaseForm | list[forms.BaseForm]) -> list[tuple[forms.BoundField | None, str]]:
    """Return the errors of a form or of several, in the order of the fields, each with its field if it is visible."""
    errors = []
    for each in [form] if isinstance(form, forms.BaseForm) else form:
        errors += [(None, error) for error in each.non_field_errors()]
        for field in each:
            errors += [(None if field.is_hidden else field, error) for error in field.errors]
    return errors


@register.simple_tag(takes_context=True)
def pagination(context, page, fragment: str = "") -> str:
    """Render links to the other pages of a list, which keep the rest of the query string.

    `fragment`, such as “#offres”, is needed if the list is not at the top of the page.
    """
    if not page.has_other_pages():
        return ""
    return render_macro("pagination.html", "pagination", page, without_page(context["request"].GET), fragment)


@register.filter
def without_page(query: QueryDict) -> str:
    """Return the query string without the page number."""
    return urlencode([(name, values) for name, values in query.lists() if name != "page"], doseq=True)
