"""The URLs of a search and of others that differ from it, and the links, chips and notes on its page."""

from functools import cached_property
from urllib.parse import urlencode

from jobboard.reversing import cached_reverse
from jobboard.text.elision import with_de
from jobboard.text.numbers import NBSP
from offers.catalogue.chips import CountedLink, Link, chips, chosen_labels
from offers.catalogue.fields import MultipleChoiceField
from offers.catalogue.parameters import SORT_LABELS, SORTS, Control, names_with
from offers.catalogue.shortcuts import shortcuts, without_pay
from offers.catalogue.understood import text_note
from offers.catalogue.ways_out import WaysOut
from offers.places.areas import area_label, area_name, area_text
from offers.places.gazetteer import gazetteer
from offers.places.territories import Department, Region
from offers.understanding.reading import NEARBY_KM


class SearchLinks:
    """The part of OfferFilter for its page. A search has a URL, from which it can be read again."""

    @property
    def default_sort(self) -> str:
        return "pertinence" if self.understanding.words else "date"

    @property
    def sort_name(self) -> str:
        """Return the effective value of `tri`: relevance requires a search with words."""
        chosen = self.cleaned.get("tri")
        return chosen if chosen and (chosen != "pertinence" or self.understanding.words) else self.default_sort

    @property
    def sort(self) -> str:
        return SORTS[self.sort_name]

    @cached_property
    def path(self) -> str:
        return cached_reverse("catalogue:list")

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the canonical (name, value) pairs: in the order of the form, without duplicates and empty values."""
        pairs = []
        for name, field in self.form.fields.items():
            several = isinstance(field, MultipleChoiceField)
            values = self.data.getlist(name) if several else [self.data.get(name, "")]
            pairs += [(name, value.strip()) for value in dict.fromkeys(values) if value.strip()]
        return [pair for pair in pairs if pair != ("tri", self.default_sort)]

    @property
    def is_filtered(self) -> bool:
        return bool(self.pairs)

    @property
    def title(self) -> str:
        """Return the search in French words."""
        labels = ", ".join(chip.label for chip in self.chips)
        return f"Offres d’emploi\u00a0: {labels}" if labels else "Offres d’emploi de l’informatique"

    @cached_property
    def _encoded(self) -> list[tuple[tuple[str, str], str]]:
        """Return the pairs with their URL-encoded form. Cached: a page has twenty URLs that differ in one pair."""
        return [(pair, urlencode([pair])) for pair in self.pairs]

    @property
    def query_string(self) -> str:
        return "&".join(encoded for _, encoded in self._encoded)

    def url(self, *, without=(), **changes) -> str:
        """Return the URL of the search with changed parameters, without the names and pairs in `without`."""
        encoded = [
            written
            for pair, written in self._encoded
            if pair[0] not in changes and pair[0] not in without and pair not in without
        ]
        encoded += [urlencode({name: value}) for name, value in changes.items() if value]
        return self.path + ("?" + "&".join(encoded) if encoded else "")

    @cached_property
    def ways_out(self) -> WaysOut:
        return WaysOut(self)

    @cached_property
    def shortcuts(self) -> list[CountedLink]:
        return shortcuts(self)

    @cached_property
    def without_pay(self) -> CountedLink | None:
        return without_pay(self)

    @cached_property
    def chips(self) -> list[Link]:
        """Return the labels of the criteria, each with the URL of the search without it."""
        return chips(self)

    def chosen_labels(self, names) -> list[str]:
        """Return the labels of the values of the parameters `names`."""
        return [label for name in names for label in chosen_labels(self, name)]

    @cached_property
    def unfiltered_url(self) -> str:
        """Return the URL of the search without its filters: with words, place, company and order only."""
        return self.url(without={name for name, _ in self.pairs} - {"q", "ou", "exact", "entreprise", "tri"})

    @cached_property
    def suggestions(self) -> dict[str, list[Link]]:
        """Return links to other areas that “ou”, or a name in “q”, may refer to."""
        self.errors  # noqa: B018 - validation fills `other_areas`
        other_areas = self.form.other_areas
        return {
            "ou": [Link(area_label(area), self._area_url(area)) for area in other_areas.get("ou", ())],
            "q": [
                Link(area_label(area), self.url(q=self.understanding.replaced(condition, area_text(area))))
                for condition in self.understanding.of("ou")
                for area in condition.values[0].alternatives
            ],
        }

    @property
    def notes(self) -> dict[str, str]:
        """Return by field how its value was read, if that is not obvious."""
        self.errors  # noqa: B018 - validation fills `notes`
        return {**self.form.notes, "q": text_note(self.understanding)}

    def _area_url(self, area) -> str:
        if isinstance(area, (Region, Department)):
            name = "region" if isinstance(area, Region) else "departement"
            return self.url(without=("ou", "rayon"), **{name: area.value})
        return self.url(ou=area_name(area))

    def has_errors(self, names) -> bool:
        """Return whether one of the parameters `names` has an error."""
        return any(name in self.errors for name in names)

    @property
    def has_folded_errors(self) -> bool:
        """Return whether a field of the filters, which are closed on phones, has an error."""
        return bool(set(self.errors) - {"q", "ou", *names_with(Control.HIDDEN)})

    @property
    def exact_link(self) -> Link:
        """Return the link to the search for the text as it is: without conditions and corrections."""
        return Link(self.cleaned["q"], self.url(exact="1"))

    @property
    def sort_links(self) -> list[tuple[Link, bool]]:
        """Return (link, is_current) of each order."""
        return [
            (
                Link(label, self.url(without=("tri",), **({} if name == self.default_sort else {"tri": name}))),
                name == self.sort_name,
            )
            for name, label in SORT_LABELS.items()
            if name != "pertinence" or self.understanding.words
        ]

    @property
    def wider_link(self) -> Link | None:
        """Return the link to the search around the place, if the search is for one commune."""
        areas = self.areas
        if len(areas) != 1 or not areas[0].place or self.radius:
            return None
        place = areas[0].place
        # Only the department tells a commune from its namesakes.
        name = str(place) if gazetteer().has_namesakes(place) else place.name
        return Link(f"{NEARBY_KM}{NBSP}km autour {with_de(name, is_place=True)}", self.url(rayon=NEARBY_KM))
