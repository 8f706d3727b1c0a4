"""Invariants of the functions that read text of recruiters: cleaning, Markdown, links.

Random tests, the seed corpus and the fuzzer (`python -m tests.fuzz`) check the same ones.
"""

import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import unquote

from jobboard.text import markdown
from jobboard.text.cleaning import clean_line, clean_text
from jobboard.text.markdown import MAX_LENGTH, render
from jobboard.text.pasted import as_typed

VOID = {"br", "hr"}
ALLOWED_ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}}
SCHEMES = {"https", "http", "mailto"}
# Depth by indentation: a list in the list of the line above takes two more spaces each time.
MAX_DEPTH = 2 * 150 + 2 * markdown.MAX_NESTING + 5
# Markup of the densest text: an item of a list, or a heading, for two characters.
MAX_SIZE = 16
# Characters of HTML for a character of a URL: four bytes, each percent-encoded.
MAX_ENCODED = 12
# Host names in the text of a link that need no knowledge of the code to be recognized.
_HOST = re.compile(
    r"(?<![\w.@+-])(?:www\.)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|example|fr|org))(?![\w.@-])", re.IGNORECASE
)
# Characters that browsers remove from URLs: at both ends, and anywhere.
_ENDS, _ANYWHERE = "".join(map(chr, range(33))), re.compile(r"[\t\n\r]")
# Characters that hide or reverse text.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The letter that Word pastes for a bullet is replaced.
_BULLET_O = re.compile(r"^[ \t\u00a0]*o(?:[\t\u00a0]|[ \t\u00a0]{2})[ \t\u00a0]*(?=\S)", re.MULTILINE)
_MARKUP = re.compile(r"[\[\]<&`\\|]")


class Link:
    """A link: its URL, its text, and the text that follows it. Without a URL (nh3 removed it) it opens nothing."""

    def __init__(self, href: str | None):
        self.href, self.text, self.following = href, "", None


class Outline(HTMLParser):
    """The depth, the text and the links of some HTML. Fails on markup that is not allowed or not closed."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.open, self.depth, self.text = [], 0, ""
        self.links: list[Link] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in markdown._TAGS, tag
        names = [name for name, _ in attrs]
        assert set(names) <= ALLOWED_ATTRIBUTES.get(tag, set()), names
        assert len(names) == len(set(names)), names
        if tag == "a":
            attributes = dict(attrs)
            assert "a" not in self.open
            assert attributes.get("rel") == "nofollow noopener"
            self.links.append(Link(attributes.get("href")))
        if tag == "ol" and attrs:
            assert re.fullmatch(r"\d{1,10}", attrs[0][1]), attrs
        self.end_following()
        if tag not in VOID:
            self.open.append(tag)
            self.depth = max(self.depth, len(self.open))

    def handle_startendtag(self, tag, attrs):
        raise AssertionError("a tag that closes itself")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "a":
            self.links[-1].following = ""
        else:
            self.end_following()

    def handle_data(self, data):
        self.text += data
        if "a" in self.open:
            self.links[-1].text += data
        elif self.links and self.links[-1].following == "":
            self.links[-1].following = data

    def end_following(self):
        if self.links and self.links[-1].following == "":
            self.links[-1].following = " "

    def handle_comment(self, data):
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def check_html(html: str) -> Outline:
    """Check rendered HTML: tags, attributes, URL schemes, and links that show where they lead."""
    outline = Outline(html)
    assert outline.depth <= MAX_DEPTH
    for link in outline.links:
        if link.href is not None:
            check_link(link)
    return outline


def check_link(link: Link) -> None:
    href = _ANYWHERE.sub("", link.href.strip(_ENDS)).replace("\\", "/")
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", href, re.IGNORECASE)
    assert not scheme or scheme[1].lower() in SCHEMES, link.href
    named = {name.lower() for name in _HOST.findall(unicodedata.normalize("NFKC", link.text))}
    is_labelled = (link.following or "").startswith("\u00a0(")
    if not scheme:
        assert not href.startswith("//"), link.href
        assert not named, (link.text, link.href)
    elif scheme[1].lower() == "mailto":
        address = unquote(href.partition(":")[2].partition("?")[0]).strip()
        assert not named or address.lower() in link.text.lower() or is_labelled, (link.text, link.href)
    else:
        authority = re.fullmatch(r"https?://([^/?#]+)([/?#].*)?", href, re.IGNORECASE | re.DOTALL)
        assert authority, link.href
        # A backslash ends the host for browsers only.
        assert "\\" not in link.href, link.href
        host = unquote(authority[1]).lower().removesuffix(":80").removesuffix(":443").removesuffix(":")
        assert re.fullmatch(r"(?:[\w-]+\.)+(?!\d+$)[\w-]{2,}", host), link.href
        assert named <= {host.removeprefix("www.")} or is_labelled, (link.text, link.href)


def check_markdown(text: str) -> None:
    """Render `text` and check the HTML, its size, and that no letter of plain text is lost."""
    html = render(text)
    outline = check_html(html)
    text = text[:MAX_LENGTH]
    repeated = MAX_ENCODED * markdown.MAX_REPEATED if "]:" in text else 0
    assert len(html) <= MAX_SIZE * len(text) + 200 + repeated
    assert not {markdown._PLACEHOLDER, *"\ue001\ue002"} & set(html) or "&" in text
    assert not _INVISIBLE.search(outline.text), ascii(outline.text)
    if not _MARKUP.search(text):
        assert letters(outline.text) == letters(_BULLET_O.sub("", clean_text(text))), outline.text


def check_cleaning(text: str) -> None:
    """Check that cleaned text is not changed by another cleaning: a form that is saved twice changes nothing."""
    for clean in (clean_line, clean_text):
        cleaned = clean(text)
        assert clean(cleaned) == cleaned, (clean.__name__, ascii(cleaned))
    assert not re.search(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", clean_line(text))
    typed = clean_text(text)
    prepared = as_typed(typed)
    # From both: in code it is no bullet.
    assert letters(_BULLET_O.sub("", prepared)) == letters(_BULLET_O.sub("", typed)), ascii(prepared)


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())


def check(text: str) -> None:
    """Check all invariants for `text`, and for a link made of its first two lines."""
    check_cleaning(text)
    check_markdown(text)
    label, newline, target = text.partition("\n")
    if newline and len(text) < 300:
        check_markdown(f"[{label}](<{target}>)")
