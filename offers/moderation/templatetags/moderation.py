from django import template

from offers.moderation import queue as moderation

register = template.Library()


@register.filter
def word_diff(difference):
    """Render a `Difference` with deletions in <del> and insertions in <ins>."""
    return moderation.word_diff(difference.before, difference.after)
