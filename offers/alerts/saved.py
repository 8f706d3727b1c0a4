"""Saved searches: one canonical query string for equivalent searches, and back.

Only valid values are saved, in the spelling of the site. The order and the days since publication are omitted: they do
not apply to new offers. The text of the search box is saved as it was typed, and read again at each search. Corrected
words are saved with their correction, so an alert matches the offers that its page showed, and alerts are searched
without correction.
"""

from dataclasses import replace
from itertools import product
from urllib.parse import urlencode

from django.http import QueryDict

from jobboard.text.lines import in_one_line
from offers.alerts.models import Alert
from offers.catalogue.filters import OfferFilter
from offers.catalogue.parameters import PARAMETERS
from offers.places.areas import area_name


class QueryTooLong(Exception):
    """The query string exceeds Alert.QUERY_LENGTH."""


def canonical(search: OfferFilter, searched: str = "") -> str:
    """Return the canonical query string of `search`; `searched` is the corrected text, if it was corrected.

    Raise QueryTooLong.
    """
    if searched and searched != search.understanding.words:
        # The correction may be a condition: “freelnace”.
        query = QueryDict(mutable=True)
        query.update(search.data)
        query["q"] = search.understanding.with_words(searched)
        search = OfferFilter(query)
    cleaned = search.cleaned
    text = " ".join(search.understanding.text.split())
    expected = replace(search.criteria, since=None)
    where = cleaned.get("ou")
    area_texts = [area_name(where.area), search.data["ou"].strip()] if where else [""]
    # Words that are no conditions need no `exact`: alerts are not corrected.
    exact_values = (None, True) if cleaned.get("exact") else (None,)
    for area, exact in product(area_texts, exact_values):
        query = urlencode(_pairs({**cleaned, "q": text, "ou": area, "exact": exact}))
        replayed = replay(query)
        # Two areas may share a name: then use the text of the field.
        if not replayed.errors and replace(replayed.criteria, since=None) == expected:
            break
    else:
        raise ValueError("the canonical query string does not give the same search")
    if len(query) > Alert.QUERY_LENGTH:
        raise QueryTooLong
    return query


def _pairs(values: dict) -> list[tuple[str, str]]:
    """Return the query string of the saved parameters, as sorted pairs."""
    pairs = []
    for parameter in PARAMETERS:
        value = values.get(parameter.name)
        if parameter.saved and value not in (None, "", []):
            several = value if isinstance(value, list) else [value]
            pairs += [(parameter.name, parameter.to_query(each)) for each in several]
    return sorted(pairs)


def replay(query: str) -> OfferFilter:
    """Return the search of a saved query string. It has errors if it refers to a deleted object."""
    return OfferFilter(QueryDict(query))


def names_deleted_object(query: str) -> bool:
    """Return whether the search refers to a deleted role, skill or company; it then has no results."""
    return bool(replay(query).errors)


def label(search: OfferFilter, *, own_words: bool = True) -> str:
    """Return the search in words, on one line. Without `own_words`, omit the text entered by the user."""
    labels = [chip.label if own_words or not chip.is_text else "vos mots-clés" for chip in search.chips]
    text = in_one_line(", ".join(labels)) or "toutes les offres"
    length = Alert._meta.get_field("label").max_length
    return text if len(text) <= length else text[: length - 1] + "…"
