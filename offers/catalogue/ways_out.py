"""Ways out of a search without results: searches with fewer criteria that have offers, each with its count."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from jobboard.text.numbers import NBSP
from offers.catalogue.cards import Card, published_cards
from offers.catalogue.chips import CountedLink, Link
from offers.fields import FULLY_REMOTE, REMOTE
from offers.places.areas import area_label, area_name
from offers.search.criteria import Criteria
from offers.search.parser import parse_text
from offers.understanding.durations import RADII
from offers.understanding.reading import NEARBY_KM

# Offers that match a part of the search.
MAX_PARTIAL = 5
# With more words, the count of each would take longer than the search.
MAX_WORDS = 5
_PLACE_PARAMETERS = ("ou", "rayon", "region", "departement")


@dataclass(frozen=True)
class Group:
    """Ways of one kind, under a title."""

    title: str
    ways: list[CountedLink]


class WaysOut:
    """The ways out of `search`, an OfferFilter. Every way is a search of its own on the same index."""

    def __init__(self, search):
        self._search = search
        self._read = search.understanding
        parsed = parse_text(self._read.words)
        has_operators = bool(parsed.phrases or parsed.alternatives or parsed.excluded)
        self._words = [] if has_operators else list(dict.fromkeys(parsed.pieces))[:MAX_WORDS]

    @cached_property
    def groups(self) -> list[Group]:
        """Return the groups that have a way with offers."""
        groups = [
            Group("Un critère de moins", [self._way(link) for link in self._one_less()]),
            Group("Plus loin", self._further()),
            Group("Sans déménager", [self.fully_remote] if self.fully_remote else []),
            Group("Chaque critère seul", [self._way(link) for link in self._alone()]),
        ]
        return [group for group in groups if any(way.count for way in group.ways)]

    @cached_property
    def partial(self) -> tuple[str, list[Card]]:
        """Return a heading and the cards of offers that match a part of the search; without cards if there are none."""
        links = [*self._at_home(f"À 100{NBSP}% en télétravail")]
        if len(self._words) > 1:
            links.append(self._with_words(" OU ".join(self._words), "Avec une partie des mots"))
        for link in links:
            results = self._search.variant(link.url).answer(limit=MAX_PARTIAL)
            if cards := published_cards(results.ids):
                return link.label, cards
        return "", []

    def _way(self, link: Link) -> CountedLink:
        return CountedLink(link.label, link.url, self._search.variant(link.url).count())

    def _one_less(self) -> Iterator[Link]:
        chips = self._search.chips
        if len(chips) > 1:
            for chip in chips:
                if not chip.is_text or len(self._words) < 2:
                    yield Link(f"sans «\u00a0{chip.label}\u00a0»", chip.url)
        if len(self._words) > 2:
            for word in self._words:
                others = " ".join(each for each in self._words if each != word)
                yield self._with_words(others, f"sans «\u00a0{word}\u00a0»")

    def _further(self) -> list[CountedLink]:
        """Return the radii up to the first one with offers, and the whole country."""
        if not self._search.has_place:
            return []
        ways = []
        if self._search.has_communes:
            for km in RADII:
                if km > (self._search.radius or 0) and not any(way.count for way in ways):
                    ways.append(self._way(Link(f"à {km}{NBSP}km", self._search.url(rayon=str(km)))))
        return [*ways, self._way(Link("dans toute la France", self._everywhere()))]

    def _everywhere(self, **changes) -> str:
        places = [condition for condition in self._read.conditions if condition.parameter in ("ou", "rayon")]
        return self._search.url(without=_PLACE_PARAMETERS, q=self._read.without(places), **changes)

    @cached_property
    def fully_remote(self) -> CountedLink | None:
        """Return the fully remote offers that a search for a place leaves out; None if there are none."""
        links = [*self._at_home()]
        if not links:
            return None
        count = self._search.count(self.fully_remote_criteria)
        return CountedLink(links[0].label, links[0].url, count) if count else None

    @property
    def fully_remote_criteria(self) -> Criteria:
        # Without the form of another search, since the list counts these offers at every search for a place.
        elsewhere = self._search.criteria.without(["places", "regions", "departments", "centres"])
        return replace(elsewhere, choices=elsewhere.choices | {(REMOTE.facet, FULLY_REMOTE)})

    def _at_home(self, label: str = f"à 100{NBSP}% en télétravail") -> Iterator[Link]:
        if self._search.has_place and not self._search.criteria.chosen(REMOTE.facet):
            yield Link(label, self._everywhere(**{REMOTE.parameter: FULLY_REMOTE}))

    def _alone(self) -> Iterator[Link]:
        """Yield the searches for one word, and for the place and its surroundings, without any other criterion."""
        if len(self._search.chips) < 2 and len(self._words) < 2:
            return
        for word in self._words:
            yield self._search_for(f"«\u00a0{word}\u00a0»", q=word)
        if self._search.has_communes and len(self._search.areas) == 1:
            area = self._search.areas[0].area
            yield self._search_for(
                f"{area_label(area)} et {NEARBY_KM}{NBSP}km autour", ou=area_name(area), rayon=NEARBY_KM
            )

    def _search_for(self, label: str, **criteria) -> Link:
        return Link(label, f"{self._search.path}?{urlencode(criteria)}")

    def _with_words(self, words: str, label: str) -> Link:
        return Link(label, self._search.url(q=self._read.with_words(words)))
