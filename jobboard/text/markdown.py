"""Markdown that curators and recruiters write, as HTML that is safe to show."""

import re

import nh3
from cmarkgfm.cmark import Options, markdown_to_html_with_extensions
from django.utils.safestring import SafeString, mark_safe

# An explicit list: nh3's default keeps images, which would be requests to someone else.
_TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "ul", "ol", "li", "a", "blockquote", "code", "pre"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
# “Unsafe” leaves it to nh3 what addresses and tags may be: one list and not two.
_OPTIONS = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE | Options.CMARK_OPT_UNSAFE
_EXTENSIONS = ["table", "strikethrough"]
# What would begin HTML: not an address between angle brackets, nor what an odd number of backslashes makes a sign of.
# What stands for it meanwhile means nothing to Markdown and, being for private use, to anybody.
_BRACKET = re.compile(r"(?<!\\)((?:\\\\)*)<(?!(?:(?:https?://|mailto:)[^\s<>]+|[\w.+-]+@[\w.-]+)>)")
_STAND_IN = "\ue000"
_ENCODED = "%EE%80%80"
_HEADING = re.compile(r"<(/?)h([1-6])>")


def render(text: str) -> SafeString:
    """HTML of `text`; raw HTML is shown as typed.

    The first heading is an h3, since it stands below a section's own h2, and none is more than one level below the
    one before it, whatever was typed: screen readers go by levels.
    """
    text = _BRACKET.sub(rf"\1{_STAND_IN}", text.replace(_STAND_IN, ""))
    html = markdown_to_html_with_extensions(text, _OPTIONS, _EXTENSIONS)
    level = 2

    def heading(found: re.Match) -> str:
        nonlocal level
        end, typed = found.groups()
        if not end:
            level = min(int(typed) + 2, level + 1, 6)
        return f"<{end}h{level}>"

    html = _HEADING.sub(heading, html).replace(_STAND_IN, "&lt;").replace(_ENCODED, "%3C")
    return mark_safe(  # noqa: S308 - nh3 has just cleaned it
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"https", "http", "mailto"},
            link_rel="nofollow noopener",
        )
    )
