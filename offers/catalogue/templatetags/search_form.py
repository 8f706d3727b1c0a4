"""The fields of the search, rendered by templates/jinja2/catalogue/search_form.html."""

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()
_TEMPLATE = "catalogue/search_form.html"


@register.simple_tag
def field(search, name: str, oob: bool = False) -> SafeString:
    return render_macro(_TEMPLATE, "field", search, name, oob)


@register.simple_tag
def field_errors(search, name: str, oob: bool = False) -> SafeString:
    return render_macro(_TEMPLATE, "field_errors", search, name, oob)


@register.simple_tag
def choices(search, name: str, oob: bool = False) -> SafeString:
    return render_macro(_TEMPLATE, "choices", search, name, oob)


@register.simple_tag
def skills(search, oob: bool = False) -> SafeString:
    return render_macro(_TEMPLATE, "skills", search, oob)


@register.simple_tag
def brackets(search, name: str, legend: str, oob: bool = False) -> SafeString:
    return render_macro(_TEMPLATE, "brackets", search, name, legend, oob)
