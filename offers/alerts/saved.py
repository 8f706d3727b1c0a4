"""A saved search: one query string for all searches that mean the same, and back.

Only valid values are saved, each as the site itself writes it. Left out is what says nothing of an offer that has just
been published: the order, and the days since its publication. Corrected words are saved as they were searched, so that
an alert sends what its page showed and never corrects anything by itself.
"""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import QueryDict

from jobboard.text.lines import in_one_line
from offers.alerts.models import Alert
from offers.catalogue.filters import OfferFilter
from offers.catalogue.parameters import PARAMETERS
from offers.places.lookup import area_name


class TooLong(Exception):
    """More than an alert can hold."""


def canonical(search: OfferFilter, searched: str = "") -> str:
    """The query string that means the same as `search`; `searched` is the text that was searched for it."""
    cleaned = search.cleaned
    text = " ".join((searched or cleaned.get("q") or "").split())
    same = replace(search.criteria, q=text, since=None)
    where = cleaned.get("ou")
    written = [area_name(where.area), search.data["ou"].strip()] if where else [""]
    for area in written:
        query = urlencode(_pairs({**cleaned, "q": text, "ou": area}))
        again = replay(query)
        # A name may be that of two areas: then what was typed is what they were told apart by.
        if not again.errors and again.criteria == same:
            break
    else:
        raise ValueError("a search that was understood is not understood again")
    if len(query) > Alert.QUERY_LENGTH:
        raise TooLong
    return query


def _pairs(values: dict) -> list[tuple[str, str]]:
    """Return the query string of the saved parameters, as sorted pairs."""
    pairs = []
    for parameter in PARAMETERS:
        value = values.get(parameter.name)
        if parameter.saved and value not in (None, "", []):
            several = value if isinstance(value, list) else [value]
            pairs += [(parameter.name, parameter.written(each)) for each in several]
    return sorted(pairs)


def replay(query: str) -> OfferFilter:
    """The search that a query string means. With errors, something that it names is no longer there."""
    return OfferFilter(QueryDict(query))


def names_what_is_gone(query: str) -> bool:
    """Whether the search names a role, a skill or a company that the site no longer has: it then finds nothing."""
    return bool(replay(query).errors)


def label(search: OfferFilter, *, own_words: bool = True) -> str:
    """The search in words, on one line. Without `own_words`, nothing in it was typed by somebody."""
    labels = [chip.label for chip in search.chips]
    if search.cleaned.get("q") and not own_words:
        labels[0] = "vos mots-clés"
    text = in_one_line(", ".join(labels)) or "toutes les offres"
    length = Alert._meta.get_field("label").max_length
    return text if len(text) <= length else text[: length - 1] + "…"
