"""The alternatives of an unscored query, and compounds written as one word."""

from collections.abc import Iterable

from tantivy import Query

from offers.search.analysis import COMPOUNDS, join_compounds, stem
from offers.search.synonyms import Expression, Thesaurus
from offers.search.terms import Corpus, any_of, terms


class QueryBuilder:
    """Collects the alternatives of an unscored query without duplicates: expressions of the text, roles and skills."""

    def __init__(self, thesaurus: Thesaurus, with_asides: bool = True):
        self.thesaurus = thesaurus
        self.with_asides = with_asides
        self.texts: set[Expression] = set()
        self.roles: set[int] = set()
        self.skills: set[int] = set()
        self.queries: list[Query] = []

    def add_named(self, expression: Expression):
        """Add the roles and skills that have exactly this name."""
        self.roles.update(self.thesaurus.roles.get(expression, ()))
        self.skills.update(self.thesaurus.skills.get(expression, ()))

    def add_word(self, word: str, texts: Iterable[Expression] | None = None):
        """Add the word in the text, or instead the expressions `texts`, and the roles and skills with it in a name."""
        self.texts.update([(word,)] if texts is None else texts)
        self.roles.update(self.thesaurus.role_words.get(word, ()))
        self.skills.update(self.thesaurus.skill_words.get(word, ()))

    def add_compound(self, parts: Expression):
        """Add the parts of a compound as a phrase, and the joined word."""
        self.texts.add(parts)
        self.add_word(COMPOUNDS[parts])

    def query(self, corpus: Corpus) -> Query:
        queries = [
            corpus.plain("all", text) if self.with_asides else corpus.without_asides(corpus.plain("all", text), text)
            for text in sorted(self.texts)
            if corpus.has("all", text)
        ]
        queries += terms("role", self.roles) + terms("skill", self.skills)
        queries += self.queries
        return any_of(queries) if queries else Query.empty_query()


def join(expression: Expression) -> Expression | None:
    """Return the expression with its compounds, or else its two words, written as one; None if that is the same."""
    if len(expression) == 1:
        return None
    words = tuple(join_compounds(expression))
    if words != expression:
        return words
    word = stem("".join(expression))
    return (word,) if len(expression) == 2 and len(word) > 4 else None
