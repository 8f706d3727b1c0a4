"""The search form of the home page."""

from functools import cached_property
from typing import ClassVar

from django.http import QueryDict

from offers.catalogue.chips import Link
from offers.catalogue.fields import CriteriaForm
from offers.catalogue.filters import OfferFilter


class EmptySearch:
    """The empty search form of the home page, without the index and without queries."""

    data = QueryDict()
    suggestions: ClassVar[dict[str, list[Link]]] = {}
    notes: ClassVar[dict[str, str]] = {}

    @cached_property
    def form(self) -> CriteriaForm:
        return OfferFilter.get_form_class()()


# One instance for all requests, so that its form is built once.
EMPTY_SEARCH = EmptySearch()
