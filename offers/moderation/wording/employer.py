"""The names of a company in texts: its name in every spelling, web site, handles, e-mail domains, SIREN and SIRET.

Used for confidential offers, whose texts must not identify the employer.
"""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from jobboard.text.keys import search_key
from offers.companies.models import Membership
from offers.moderation.wording.phrases import fold

ERROR, WARNING = "error", "warning"
DATA = Path(__file__).resolve().parent.parent / "data" / "employer_names.toml"
_WORDS = {name: frozenset(words.split()) for name, words in tomllib.loads(DATA.read_text("utf-8")).items()}
_LEGAL_FORMS, _PARTS_OF_NAMES = _WORDS["legal_forms"], _WORDS["parts_of_names"]
_ORDINARY_WORDS, _STOP_WORDS = _WORDS["ordinary_words"], _WORDS["stop_words"]
_MAIL_PROVIDERS = _WORDS["mail_providers"]
# Sites where the company is named by the path or the subdomain, not by the domain.
_SHARED_SITES = re.compile(
    rf"(?:^|\.)(?:{'|'.join(sorted(_WORDS['shared_sites']))})\.(?:com|io|fr|site|co|dev|app|org)$"
)
_PUBLIC_SUFFIX = r"\.(?:(?:co|com|org|gouv|asso|net)\.)?[a-z]{2,}$"
# Any separators between the words of a name: “Acme-Soft”, “acme soft”, “acme_soft”.
_BETWEEN = r"[\W_]{0,3}"
_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
MIN_HANDLE_LENGTH = 4
# Matches reported for each spelling in a text.
MAX_MATCHES = 5


@dataclass(frozen=True)
class Identity:
    """What identifies a company: compiled patterns for folded texts, each with the severity of a match."""

    patterns: tuple[tuple[str, re.Pattern], ...]

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """Return (severity, start, end) of the names in `text`, without overlaps, errors first."""
        folded = fold(text)
        found: list[tuple[str, int, int]] = []
        for severity, pattern in self.patterns:
            for match in islice(pattern.finditer(folded.text), MAX_MATCHES):
                start, end = folded.span(*match.span())
                if not any(start < other_end and other_start < end for _, other_start, other_end in found):
                    found.append((severity, start, end))
        return found


def email_domains_of(companies: Collection[int]) -> dict[int, set[str]]:
    """Return the e-mail domains of the members by pk of their company. One query."""
    domains: dict[int, set[str]] = {}
    pks = [pk for pk in companies if pk]
    rows = Membership.objects.filter(company__in=pks).values_list("company", "user__email")
    for company, email in rows if pks else ():
        domains.setdefault(company, set()).add(email.rpartition("@")[2].lower())
    return domains


def identity(company, email_domains=()) -> Identity:
    """Return the identity of a company. `email_domains`: those of its members, public providers included."""
    return _identity(
        company.name,
        company.other_names,
        company.slug,
        company.website,
        company.siret,
        tuple(sorted(set(email_domains))),
    )


@lru_cache(maxsize=256)
def _identity(name, other_names, slug, website, siret, email_domains) -> Identity:
    variants: dict[tuple[str, ...], str] = {}
    for each in (name, *other_names.split(",")):
        _add_name(variants, each)
    # The slug keeps the first name of a company that was renamed.
    _add_derived(variants, tuple(part for part in re.sub(r"-\d+$", "", slug).split("-") if part not in _LEGAL_FORMS))
    for label in _labels(website, email_domains):
        _add_derived(variants, tuple(re.findall(r"[a-z0-9]+", label)))
    patterns = [(severity, re.compile(_pattern(words))) for words, severity in variants.items()]
    hosts = {_host(website), *(domain for domain in email_domains if domain not in _MAIL_PROVIDERS)}
    patterns += [
        (ERROR, re.compile(rf"(?<![a-z0-9-]){re.escape(host)}{_END}"))
        for host in sorted(hosts)
        if host and not _SHARED_SITES.search(host)
    ]
    if siret:
        digits = r"[\s.\-]?".join(siret[:9])
        patterns.append((ERROR, re.compile(rf"(?<!\d)(?:\d\d[\s.\-]?)?{digits}(?:[\s.\-]?\d){{0,5}}(?!\d)")))
    return Identity(tuple(sorted(patterns, key=lambda pair: pair[0] != ERROR)))


def _add_name(variants, name: str) -> None:
    # “AcmeSoft” is also written “Acme Soft”.
    for spelling in (name, re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)):
        words = tuple(word for word in re.findall(r"[a-z0-9]+", search_key(spelling)) if word not in _LEGAL_FORMS)
        _add(variants, words)
        _add(variants, tuple(word for word in words if word not in _PARTS_OF_NAMES))


def _add(variants, words: tuple[str, ...]) -> None:
    if len("".join(words)) >= 2:
        variants.setdefault(words, WARNING if _is_ordinary(words) else ERROR)


def _add_derived(variants, words: tuple[str, ...]) -> None:
    """Add a name that was derived from a URL, unless it is an ordinary word."""
    if not _is_ordinary(words):
        _add(variants, words)


def _is_ordinary(words: tuple[str, ...]) -> bool:
    """Return whether an offer may contain the words without naming the company: one ordinary word at most."""
    return len(set(words) - _STOP_WORDS) <= 1 and (_ORDINARY_WORDS | _STOP_WORDS).issuperset(words)


def _pattern(words: tuple[str, ...]) -> str:
    """Return the pattern of a name: in any spacing, spelled out letter by letter, or as the start of a handle."""
    name = "".join(words)
    spaced = _BETWEEN.join(words)
    alternatives = [f"{_START}{spaced}{_END}"]
    if len(name) >= MIN_HANDLE_LENGTH:
        alternatives.append(_START + r"[\W_]{1,3}".join(name) + _END)
        if not _is_ordinary(words):
            # @acmesoft_jobs, linkedin.com/company/acmesoftgroup, #acmesoft
            alternatives.append(rf"(?<=[@/#.])(?:{_BETWEEN.join(words)})[a-z0-9]*")
    return "|".join(alternatives)


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _labels(website: str, email_domains) -> list[str]:
    """Return the names in URLs and e-mail domains: “acmesoft” of acmesoft.fr or linkedin.com/company/acmesoft."""
    labels = []
    host = _host(website)
    if _SHARED_SITES.search(host):
        subdomain = _SHARED_SITES.sub("", host).removeprefix("www.")
        path = [part for part in urlsplit(website).path.split("/") if part]
        labels += [subdomain, *path[-1:]]
    elif host:
        labels.append(_domain_label(host))
    labels += [_domain_label(domain) for domain in email_domains if domain not in _MAIL_PROVIDERS]
    return [search_key(label) for label in labels if len(label) >= MIN_HANDLE_LENGTH]


def _domain_label(host: str) -> str:
    """Return “acmesoft” of jobs.acmesoft.co.uk."""
    return re.sub(_PUBLIC_SUFFIX, "", host).rpartition(".")[2]
