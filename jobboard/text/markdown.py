"""Render the Markdown of curators and recruiters as sanitized HTML."""

import re
from urllib.parse import quote

import nh3
from cmarkgfm.cmark import Options, markdown_to_html_with_extensions
from django.utils.safestring import SafeString, mark_safe

from jobboard.text.cleaning import clean_text, remove_invisible
from jobboard.text.links import label_links
from jobboard.text.pasted import MARK, as_typed

# An explicit list: the defaults of nh3 allow images, which would send requests to third parties.
_TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "ul", "ol", "li", "a", "blockquote", "code", "pre"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
# “Unsafe”: URLs and tags are only filtered by nh3, so that there is a single list.
_EXTENSIONS = ["table", "strikethrough"]
_OPTIONS = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE | Options.CMARK_OPT_UNSAFE
# The longest Markdown field. A longer text, in a preview, is cut.
MAX_LENGTH = 20_000
# Quotes and lists that begin on one line. nh3 takes quadratic time for nested tags: 40 s for 20,000 “>”.
MAX_NESTING = 10
_MARKER = r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))"
_NESTED = re.compile(rf"^({_MARKER}{{{MAX_NESTING}}}){_MARKER}+", re.MULTILINE)
# Cells of the widest table, if all lines were its rows. With more there are no tables: cmark-gfm adds the cells that
# are missing in a row, 5 MB for 20,000 characters.
MAX_CELLS = 5_000
_DELIMITER_ROW = re.compile(r"(?<![-:]):?-+:?[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)*")
# URLs that are defined once, “[a]: https://…”, if each bracket repeated the longest one. With more they are text:
# cmark-gfm repeats up to 100,000 bytes, 500 kB of HTML for 2,000 characters.
MAX_REPEATED = 5_000
_DEFINED_URL = re.compile(r"\]:\s*(\S+)")
# A “<” that starts HTML: neither an autolink nor escaped by an odd number of backslashes. During rendering it is
# replaced by a private-use character, which Markdown leaves alone.
_BRACKET = re.compile(r"(?<!\\)((?:\\\\)*)<(?!(?:(?:https?://|mailto:)[^\s<>]+|[\w.+-]+@[\w.-]+)>)")
_PLACEHOLDER = "\ue000"
_ENCODED_PLACEHOLDER = "%EE%80%80"
# Images are not shown, their text is; links with a scheme that nh3 refuses have no destination.
_IMAGE = re.compile(r'[<]img src="[^"]*" alt="([^"]*)"(?: title="[^"]*")? />')
_LINK_REL = "nofollow noopener"
_REFUSED_LINK = re.compile(rf'[<]a rel="{_LINK_REL}">(.*?)[<]/a>', re.DOTALL)
_HEADING = re.compile(r"<(/?)h([1-6])>")


def render(text: str) -> SafeString:
    """Return `text` as sanitized HTML; raw HTML is escaped. Depth and size of the result are bounded.

    A link whose text names another host than it opens shows the host too.

    Heading levels are adjusted for screen readers: the first one is an h3, below the h2 of the page section, and no
    heading is more than one level below the previous one.
    """
    text = as_typed(clean_text(text[:MAX_LENGTH]).replace(_PLACEHOLDER, ""))
    text = _BRACKET.sub(rf"\1{_PLACEHOLDER}", _NESTED.sub(r"\1", text))
    columns = max((row.group().count("|") + 1 for row in _DELIMITER_ROW.finditer(text)), default=0)
    defined = max((len(url) for url in _DEFINED_URL.findall(text)), default=0)
    if defined * text.count("]") > MAX_REPEATED:
        text = text.replace("]:", f"]{MARK}:")
    has_tables = columns * (text.count("\n") + 1) <= MAX_CELLS
    html = markdown_to_html_with_extensions(text, _OPTIONS, _EXTENSIONS if has_tables else _EXTENSIONS[1:])
    # Typed as “&#x202e;”. Before nh3, which must see the final URLs.
    html = _IMAGE.sub(r"\1", remove_invisible(html))
    level = 2

    def replace_heading(match: re.Match) -> str:
        nonlocal level
        slash, typed_level = match.groups()
        if not slash:
            level = min(int(typed_level) + 2, level + 1, 6)
        return f"<{slash}h{level}>"

    html = _HEADING.sub(replace_heading, html).replace(_PLACEHOLDER, "&lt;").replace(_ENCODED_PLACEHOLDER, "%3C")
    html = html.replace(MARK, "").replace(quote(MARK), "")
    html = nh3.clean(
        html,
        tags=_TAGS,
        # For all tags, nh3 would allow `title` and `lang`.
        attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
        url_schemes={"https", "http", "mailto"},
        link_rel=_LINK_REL,
    )
    html = label_links(_REFUSED_LINK.sub(r"\1", html))
    return mark_safe(html)  # noqa: S308  # nosec B308 B703 # sanitized by nh3
