"""Links in rendered Markdown whose text names one host or e-mail address, and that open another.

`[www.banque.fr](https://evil.example)` is shown as “www.banque.fr (evil.example)”. A link whose URL people, browsers
and Python may read differently (see `web_urls`) is shown as text, with its URL.
"""

import re
import unicodedata
from html import escape, unescape
from urllib.parse import unquote

from jobboard.text.cleaning import remove_invisible
from jobboard.text.numbers import NBSP
from jobboard.text.web_urls import InvalidURL, parse, web_host

# The links that nh3 writes. Its result is balanced, and links are not nested.
_LINK = re.compile(r'[<]a href="([^"]*)" rel="nofollow noopener">(.*?)[<]/a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# Absolute URLs, and those that browsers take for absolute, with two slashes or backslashes.
_ABSOLUTE = re.compile(r"(?:https?:|[/\\]{2})", re.IGNORECASE)
# Words that may be a host, an e-mail address or the authority of a URL. One pass, as the text has 20,000 characters.
_WORD = re.compile(r"(//)?([\w.+@-]+)")
_ENDING = re.compile(r"[^\W\d_][\w-]+")
# Characters that look like dots; browsers take some of them for dots in a host.
_DOTS = str.maketrans(dict.fromkeys("。｡．․", "."))
# Endings that are no top-level domains: Node.js, cv.pdf.
_NOT_DOMAINS = frozenset(
    [
        *("js", "ts", "jsx", "tsx", "css", "html", "json", "xml", "yml", "yaml"),
        *("txt", "csv", "pdf", "doc", "docx", "odt", "xls", "xlsx", "ods", "ppt", "pptx"),
    ]
)


def label_links(html: str) -> str:
    """Return sanitized HTML in which links show where they lead if their text names another place."""
    return _LINK.sub(_label, html)


def _label(match: re.Match) -> str:
    href, content = unescape(match[1]), match[2]
    text = unicodedata.normalize("NFKC", unescape(_TAG.sub("", content))).translate(_DOTS)
    hosts, emails = _names(text)
    if href.lower().startswith("mailto:"):
        hidden = [each for each in _recipients(href) if each.lower() not in emails]
        return match[0] + _in_brackets(", ".join(hidden) if hosts else "")
    try:
        url = parse(_decode_authority(href))
    except InvalidURL:
        if not _ABSOLUTE.match(href) and not hosts:
            # A path of this site.
            return match[0]
        return content + _in_brackets("" if text.strip() == href else href)
    opened = _without_www(url.host)
    differs = any(_host_key(name) != opened for name in hosts)
    return match[0] + _in_brackets(web_host(str(url)) if differs else "")


def _names(text: str) -> tuple[list[str], set[str]]:
    """Return the hosts that `text` names, those of e-mail addresses included, and these addresses in lower case."""
    hosts, emails = [], set()
    for slashes, word in _WORD.findall(text):
        word = word.strip(".-")
        local, at, domain = word.rpartition("@")
        # What precedes “@” is a user in a URL, which looks like its host, and the name of a mailbox elsewhere.
        names = "+".join([domain, *(local.split("@") if slashes else ())])
        hosts += [name for each in names.split("+") if _is_host(name := each.strip(".-"))]
        if at:
            emails.add(word.lower())
    return hosts, emails


def _is_host(name: str) -> bool:
    *labels, ending = name.split(".")
    if not labels:
        return False
    is_ip = len(labels) == 3 and all(label.isdecimal() for label in (*labels, ending))
    return is_ip or (_ENDING.fullmatch(ending) is not None and ending.lower() not in _NOT_DOMAINS)


def _host_key(name: str) -> str:
    """Return the host of a name in ASCII without “www.”, or "" if it is not valid."""
    try:
        return _without_www(parse(f"https://{name}").host)
    except InvalidURL:
        return ""


def _without_www(host: str) -> str:
    return host.removeprefix("www.")


def _decode_authority(href: str) -> str:
    """Return the URL with a decoded host: cmark-gfm writes “soci%C3%A9t%C3%A9.fr”, which browsers decode."""
    scheme, separator, rest = href.partition("://")
    authority = re.match(r"[^/?#]*", rest)[0]
    return f"{scheme}{separator}{unquote(authority)}{rest[len(authority) :]}"


def _recipients(href: str) -> list[str]:
    """Return the addresses that a mailto: URL writes to, copies included."""
    addresses, _, query = href.partition(":")[2].partition("?")
    headers = [header.partition("=") for header in query.split("&")]
    lists = [addresses, *(value for name, _, value in headers if name.lower() in {"to", "cc", "bcc"})]
    return [address.strip() for each in lists for address in unquote(each).split(",") if address.strip()]


def _in_brackets(target: str) -> str:
    target = escape(remove_invisible(target))
    return f"{NBSP}({target})" if target else ""
