"""The search for offers, rendered by templates/jinja2/catalogue/search.html."""

from django import template
from django.utils.safestring import SafeString

from jobboard.jinja2 import render_macro

register = template.Library()


@register.simple_tag
def offer_search(search, page, results, take_focus: bool) -> SafeString:
    """Render form and results. `page` has the cards of `results`; `take_focus` moves the focus to the results."""
    return render_macro("catalogue/search.html", "search_section", search, page, results, take_focus)


@register.simple_tag
def search_line(search) -> SafeString:
    """Render the fields for words and place, and the button."""
    return render_macro("catalogue/search_form.html", "search_line", search)
