"""Template filters for Markdown, numbers, dates and names."""

from django import template
from django.template.defaultfilters import stringfilter

from jobboard.text import dates, elision, lines, numbers
from jobboard.text.markdown import render

register = template.Library()

register.filter("thousands", numbers.thousands)
register.filter("euros", numbers.euros)
register.filter("plural", numbers.plural)
register.filter("long_date", dates.long_date)
register.filter("long_datetime", dates.long_datetime)
register.filter("day_code", dates.iso_date)
register.filter("ago", dates.ago)
register.filter("local_day", dates.local_date)
register.filter("with_de", stringfilter(elision.with_de), is_safe=True)
register.filter("with_a", stringfilter(elision.with_a), is_safe=True)
register.filter("colon", lines.colon)


@register.filter
def markdown(text):
    return render(text or "")


@register.filter(is_safe=True)
@stringfilter
def in_one_line(text: str) -> str:
    """Return `text` on one line, for sentences and attributes that a template writes on several lines."""
    return lines.in_one_line(text)
