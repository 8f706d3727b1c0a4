"""Markdown that curators and recruiters write, as HTML that is safe to show."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# An explicit list: nh3's default keeps images, which would be requests to someone else.
_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "ul", "ol", "li", "a", "blockquote", "code", "pre"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def render(text: str) -> SafeString:
    """HTML of `text`; raw HTML is shown as typed.

    The first heading is an h3, since it stands below a section's own h2, and none is more than one level below the
    one before it, whatever was typed: screen readers go by levels.
    """
    tokens = _parser.parse(text)
    level = 2
    for token in tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + 2, level + 1, 6)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{level}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(  # noqa: S308 - nh3 has just cleaned it
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"https", "http", "mailto"},
            link_rel="nofollow noopener",
        )
    )
