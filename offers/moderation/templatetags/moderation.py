from django import template

from offers.moderation import queue as moderation

register = template.Library()


@register.filter
def marked(difference):
    """A difference with what is gone in <del> and what is new in <ins>."""
    return moderation.marked(difference.before, difference.after)
