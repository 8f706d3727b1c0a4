from django import template

from offers.moderation import queue as moderation

register = template.Library()


@register.filter
def word_changes(difference) -> list[tuple[str, str]]:
    return moderation.word_changes(difference.before, difference.after)
