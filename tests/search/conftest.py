import pytest
import tantivy

from offers.fields import CHOICE_FILTERS
from offers.models import Offer
from offers.search import documents, synonyms
from offers.search.criteria import Criteria, choices
from offers.search.query import search

FACETS = {each.facet for each in CHOICE_FILTERS}


def as_criteria(q="", **values):
    """Return criteria; the values of choice filters are given by facet, as `contract={"cdi"}`."""
    chosen = {name: values.pop(name) for name in FACETS & values.keys()}
    return Criteria(q=q, choices=choices(**chosen), **values)


class MemoryIndex:
    """An index in memory of the offers in the test database, built at the first search."""

    def __init__(self, sets=()):
        self.sets = sets
        self._searcher = None
        self._thesaurus = None

    @property
    def searcher(self):
        if self._searcher is None:
            index = tantivy.Index(documents.schema())
            documents.register(index)
            writer = index.writer(15_000_000, 1)
            for _, document in documents.build_documents():
                writer.add_json(document)
            writer.commit()
            index.reload()
            self._searcher = index.searcher()
        return self._searcher

    @property
    def thesaurus(self):
        if self._thesaurus is None:
            self._thesaurus = synonyms.load_thesaurus(self.sets)
        return self._thesaurus

    def search(self, q="", *, sort="relevance", offset=0, limit=20, exact=False, **criteria):
        return search(
            self.searcher,
            as_criteria(q, **criteria),
            thesaurus=self.thesaurus,
            sort=sort,
            offset=offset,
            limit=limit,
            exact=exact,
        )

    def titles(self, q="", **criteria):
        """Return the titles of the matches in order."""
        titles = dict(Offer.objects.values_list("pk", "title"))
        return [titles[pk] for pk in self.search(q, **criteria).ids]


@pytest.fixture
def index(db):
    return MemoryIndex()
