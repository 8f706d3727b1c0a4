"""From what somebody asks to the offers that answer it, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain, pairwise, product

from django.utils import timezone
from tantivy import Occur, Order, Query, Searcher

from offers.models import Offer
from offers.search import reading, spelling
from offers.search.analysis import COMPOUNDS, PARTS, stem
from offers.search.documents import CONDITIONS, ID_BITS, NUMBER_OF_AREA, NUMBER_OF_COMBINATION, newest_key, week
from offers.search.synonyms import EMPTY, LONGEST, Expression, Thesaurus
from offers.search.terms import (
    Corpus,
    all_of,
    any_of,
    at_least,
    best_of,
    counting_for,
    each_of,
    has,
    has_one_of,
    ids_of,
)

MAX_RESULTS = 10_000
RELEVANCE, DATE, SALARY = "relevance", "date", "salary"

# What a word counts for by where it stands. `ALL` is what every found word counts for at least.
TITLE, HIGHLIGHTS, COMPANY, ALL = 10.0, 2.0, 3.5, 1.0
# The offer's role, or one of its skills, goes by exactly these words; or has the word among those of its names.
ROLE, ROLE_WORD, SKILL, SKILL_WORD = 9.0, 4.0, 6.0, 2.5
# Two words in their order and side by side in the title.
TITLE_PAIR = 4.0
# Another way to say it, and the title of a colleague in the same role.
SYNONYM, SAME_ROLE = 0.75, 0.6
# The same word in one piece.
SPELLING = 0.95
# What an offer of this week, of the last one and of that before counts for among those alike.
FRESH_WEEKS = (1.5, 1.0, 0.5)
# All of up to so many matches are noted with a page of them: their values are read sooner than counted by the engine.
FEW_MATCHES = 300


@dataclass(frozen=True)
class Criteria:
    """A search. Empty means that everything will do; values within one field widen, fields narrow.

    All of `skills` are wanted; `salary` (€ a year) and `daily_rate` together mean either.
    """

    q: str = ""
    places: frozenset[int] | None = None
    regions: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    remote: frozenset[str] = frozenset()
    experience: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    roles: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    company: int | None = None
    salary: int | None = None
    daily_rate: int | None = None
    since: datetime | None = None

    @property
    def conditions(self) -> tuple[frozenset[str], ...]:
        """In the order of CONDITIONS."""
        return self.contracts, self.remote, self.experience, self.kinds


NOTHING = Criteria()


@dataclass(frozen=True)
class Results:
    """`ids` of one page in order, out of `total`. `searched` is the text that was searched: what was typed, or what was
    searched `instead` because the exact words find nothing. `words` are those to highlight. `matches` are for `facets`:
    where the engine has all that was found, None where they are many."""

    ids: tuple[int, ...]
    total: int
    searched: str = ""
    instead: bool = False
    words: frozenset[str] = frozenset()
    matches: Sequence | None = field(default=None, repr=False, compare=False)


def search(
    searcher: Searcher,
    criteria: Criteria,
    *,
    thesaurus: Thesaurus = EMPTY,
    sort: str = RELEVANCE,
    offset: int = 0,
    limit: int = 20,
    exact: bool = False,
) -> Results:
    """A page of at most `limit` offers. With `exact`, what was typed is searched even if it finds nothing."""
    asked = Asked(searcher, criteria, thesaurus)
    found = asked.page(sort, offset, limit)
    if found.total == 0 and asked.reading.words and not exact and (text := asked.corrected):
        other = Asked(searcher, replace(criteria, q=text), thesaurus).page(sort, offset, limit)
        if other.total:
            return replace(other, searched=text, instead=True)
    return found


def similar(searcher: Searcher, offer: Offer, skills: Iterable[int], limit: int = 4) -> tuple[int, ...]:
    """The numbers of the offers most like `offer`, which asks for the skills of these numbers: same work first.

    A union of terms and nothing else: the engine then passes over what cannot come among the first, and looks at a
    hundredth of the offers that have something in common with this one.
    """
    corpus = Corpus(searcher)
    words = [word for word in dict.fromkeys(reading.parse_text(offer.title).words) if corpus.frequency("title", word)]
    # Something of the work itself has to be the same.
    work = [("skill", skill, 3.0) for skill in skills]
    work += [("role", offer.role_id, 12.0)] if offer.role_id else []
    work += [("title", word, 2 * corpus.importance(word)) for word in words]
    # Not the contract: most offers have the same.
    terms = [("place", offer.place_id, 3.0), ("experience", offer.experience, 2.0)]
    if offer.place_id:
        terms.append(("area", NUMBER_OF_AREA[offer.place.department], 2.0))
    terms = [term for term in terms if term[1]]
    this_week = week(timezone.now())
    terms += [("week", this_week - ago, weight) for ago, weight in enumerate(FRESH_WEEKS)]
    if not work:
        return ()

    def best(reasons, above: float) -> list[int]:
        query = Query.boolean_query([(Occur.Should, corpus.term(*reason)) for reason in reasons])
        # One more than wanted: nothing is as much like the offer as itself.
        hits = searcher.search(query, limit + 1, count=False).hits
        found = ids_of(searcher, [hit for hit in hits if hit[0] > above])
        return [pk for pk in found if pk != offer.pk][:limit]

    # More than everything beside the work could come to, with a little room for how the engine rounds.
    found = best(work + terms, 1.01 * sum(weight for *_, weight in terms))
    if len(found) < limit:
        found = list(dict.fromkeys([*found, *best(work, 0.0)]))[:limit]
    return tuple(found)


def newest_of(searcher: Searcher, company: int, limit: int) -> tuple[int, ...]:
    """The numbers of the newest offers that a company signs."""
    query = has("employer", company)
    return ids_of(searcher, searcher.search(query, limit, order_by_field="newest", order=Order.Desc, count=False).hits)


def _combined(conditions: dict[str, frozenset[str]]) -> list[int]:
    """Every way to meet them, as the field `combination` has it."""
    ways = product(*(conditions.get(name, values) for name, values in CONDITIONS.items()))
    return [NUMBER_OF_COMBINATION[way] for way in ways]


class _Ways:
    """By what an offer is found, whatever it counts for: expressions in its text, numbers of roles and skills."""

    def __init__(self, thesaurus: Thesaurus):
        self.thesaurus = thesaurus
        self.texts: set[Expression] = set()
        self.roles: set[int] = set()
        self.skills: set[int] = set()
        self.queries: list[Query] = []

    def add_named(self, expression: Expression):
        """What goes by exactly this name."""
        self.roles.update(self.thesaurus.roles.get(expression, ()))
        self.skills.update(self.thesaurus.skills.get(expression, ()))

    def add_word(self, word: str):
        """What has the word, in its text or in a name."""
        self.texts.add((word,))
        self.roles.update(self.thesaurus.role_words.get(word, ()))
        self.skills.update(self.thesaurus.skill_words.get(word, ()))

    def query(self, corpus: Corpus) -> Query:
        queries = [corpus.plain("all", text) for text in sorted(self.texts) if corpus.has("all", text)]
        queries += each_of("role", self.roles) + each_of("skill", self.skills)
        queries += self.queries
        return any_of(queries) if queries else Query.empty_query()


class Asked:
    """A search put to the index as it is now."""

    def __init__(self, searcher: Searcher, criteria: Criteria, thesaurus: Thesaurus = EMPTY):
        self.searcher = searcher
        self.criteria = criteria
        self.thesaurus = thesaurus
        self.reading = reading.parse_text(criteria.q)
        self.corpus = Corpus(searcher)

    # Asking

    def page(self, sort: str, offset: int, limit: int) -> Results:
        """What `search` gives, but for another text to search."""
        limit = max(min(limit, MAX_RESULTS - offset), 0)
        if limit == 0:
            return self._results((), self.count())
        by_relevance = sort == RELEVANCE and self._scores
        if by_relevance:
            order = {"weight_by_field": "fresh"}
        else:
            order = {"order_by_field": "best_paid" if sort == SALARY else "newest", "order": Order.Desc}
        query, end = self.query(scored=by_relevance), offset + limit
        # A few more than wanted take hardly longer.
        first, most = (0, FEW_MATCHES) if end <= FEW_MATCHES else (offset, limit)
        found = self.searcher.search(query, most, offset=first, **order)
        # The engine writes them down at each look.
        hits = found.hits
        ids = ids_of(self.searcher, hits[offset - first : end - first])
        few = first == 0 and found.count <= most
        return self._results(ids, found.count, [address for _, address in hits] if few else None)

    def _results(self, ids: tuple[int, ...], total: int, matches: Sequence | None = None) -> Results:
        return Results(ids, total, self.reading.text, False, self.highlighted, matches)

    def count(self) -> int:
        return self.searcher.search(self.query(scored=False), 1).count

    @property
    def _scores(self) -> bool:
        return bool(self.reading.words or self.reading.phrases)

    def query(self, *, scored: bool, without: tuple[str, ...] = ()) -> Query:
        """Everything that was asked but the criteria `without`."""
        must = [(Occur.Must, query) for query in self._words(scored)]
        filters = self._filters(without)
        must += [(Occur.Must, counting_for(query, 0.0) if scored else query) for query in filters]
        if not must:
            must = [(Occur.Must, Query.all_query())]
        must += [(Occur.MustNot, self._exactly(expression)) for expression in self.reading.excluded]
        if scored:
            for pair in pairwise(chain.from_iterable(self.expressions)):
                if self.corpus.has_title(pair):
                    score = TITLE_PAIR * sum(map(self.corpus.importance, pair))
                    must.append((Occur.Should, self.corpus.titled_for(pair, score)))
        return must[0][1] if len(must) == 1 else Query.boolean_query(must)

    def _filters(self, without: tuple[str, ...]) -> list[Query]:
        asked = replace(self.criteria, **{name: getattr(NOTHING, name) for name in without})
        queries = []
        if asked.places is not None:
            queries.append(has_one_of("place", asked.places) if asked.places else Query.empty_query())
        conditions = {name: values for name, values in zip(CONDITIONS, asked.conditions, strict=True) if values}
        if len(conditions) > 1:
            queries.append(has_one_of("combination", _combined(conditions)))
            conditions = {}
        for name, values in (
            ("region", asked.regions),
            ("area", [NUMBER_OF_AREA[code] for code in asked.departments]),
            *conditions.items(),
            ("role", asked.roles),
        ):
            if values:
                queries.append(has_one_of(name, values))
        queries += [has("skill", skill) for skill in sorted(asked.skills)]
        if asked.company is not None:
            queries.append(has("employer", asked.company) if asked.company else Query.empty_query())
        pay = [at_least(name, amount) for name, amount in self._amounts(asked) if amount]
        if pay:
            queries.append(any_of(pay))
        if asked.since:
            queries.append(at_least("newest", newest_key(asked.since) >> ID_BITS << ID_BITS))
        return queries

    @staticmethod
    def _amounts(asked: Criteria):
        return (("pay_year", asked.salary), ("pay_day", asked.daily_rate))

    # Words

    def _words(self, scored: bool) -> list[Query]:
        queries = [self._expression(expression, scored) for expression in self.expressions]
        return queries + [self._quoted(phrase, scored) for phrase in self.reading.phrases]

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The words, those together that have a meaning of their own; “développeuse ou développeur” asks once."""
        expressions, words, position = [], self.reading.words, 0
        while position < len(words):
            size = self._expression_at(position)
            expressions.append(words[position : position + size])
            position += size
        return tuple(dict.fromkeys(expressions))

    def _expression_at(self, position: int) -> int:
        """How many words from here on make the longest expression that has a meaning of its own."""
        words = self.reading.words
        for size in range(min(LONGEST, len(words) - position), 1, -1):
            if self.thesaurus.knows(words[position : position + size]):
                return size
        # “micro services” where offers say “microservices”.
        pair = stem("".join(words[position : position + 2]))
        return 2 if len(words) > position + 1 and len(pair) > 4 and self.corpus.frequency("all", pair) else 1

    def _others(self, expression: Expression) -> list[tuple[Expression, float]]:
        """The other ways to say it, each with what it counts for."""
        others = dict.fromkeys(self.thesaurus.same.get(expression, ()), SYNONYM)
        if len(expression) == 2:
            others.setdefault((stem("".join(expression)),), SPELLING)
        return list(others.items())

    def _titles(self, expression: Expression) -> list[Expression]:
        """Other titles of a role that goes by this one, as far as an offer has them.

        They are looked for in titles only: who tells of a colleague with that title looks for somebody else.
        """
        return [title for title in self.thesaurus.titles.get(expression, ()) if self.corpus.has_title(title)]

    def _expression(self, expression: Expression, scored: bool) -> Query:
        if not scored:
            return self._matching(expression)
        importance = sum(map(self.corpus.importance, expression))
        ways = self._named(expression, importance)
        if len(expression) == 1:
            ways.append(self._word(expression[0], 1.0, named=True))
        elif expression in COMPOUNDS:
            # “front end” is one word that was typed in two.
            ways += [self._text(expression, importance), self._word(COMPOUNDS[expression], 1.0)]
        else:
            ways.append(all_of([self._word(word, 1.0) for word in expression]))
        for other, weight in self._others(expression):
            if len(other) == 1:
                part = weight * importance / self.corpus.importance(other[0])
                ways.append(self._word(other[0], part, named=True))
            elif self.corpus.has("all", other):
                ways.append(self._text(other, weight * importance))
            ways += self._named(other, weight * importance)
        for title in self._titles(expression):
            ways.append(self.corpus.titled_for(title, SAME_ROLE * TITLE * importance))
        return best_of(ways)

    def _matching(self, expression: Expression) -> Query:
        """What `_expression` finds, each way to it once: the engine walks through all that it is given."""
        ways = _Ways(self.thesaurus)
        ways.add_named(expression)
        if len(expression) == 1:
            ways.add_word(expression[0])
        elif expression in COMPOUNDS:
            ways.texts.add(expression)
            ways.add_word(COMPOUNDS[expression])
        else:
            ways.queries.append(all_of([self._matching_word(word) for word in expression]))
        for other, _ in self._others(expression):
            ways.add_named(other)
            if len(other) == 1:
                ways.add_word(other[0])
            else:
                ways.texts.add(other)
        ways.queries += map(self.corpus.titled, self._titles(expression))
        return ways.query(self.corpus)

    def _matching_word(self, word: str) -> Query:
        ways = _Ways(self.thesaurus)
        ways.add_word(word)
        return ways.query(self.corpus)

    def _named(self, expression: Expression, importance: float) -> list[Query]:
        """Offers whose role or one of whose skills goes by exactly this name."""
        ways = []
        if roles := self.thesaurus.roles.get(expression):
            ways.append(counting_for(has_one_of("role", roles), ROLE * importance))
        if skills := self.thesaurus.skills.get(expression):
            ways.append(counting_for(has_one_of("skill", skills), SKILL * importance))
        return ways

    def _word(self, word: str, weight: float, named: bool = False) -> Query:
        """Offers that have the word, or whose role or one of whose skills has it in a name.

        `named`: what goes by exactly this name is looked for beside it, and counts for more there.
        """
        importance = weight * self.corpus.importance(word)
        ways = [self._text((word,), importance)]
        for name, by_word, by_name, score in (
            ("role", self.thesaurus.role_words, self.thesaurus.roles, ROLE_WORD),
            ("skill", self.thesaurus.skill_words, self.thesaurus.skills, SKILL_WORD),
        ):
            numbers = by_word.get(word, frozenset()) - (by_name.get((word,), frozenset()) if named else frozenset())
            if numbers:
                ways.append(counting_for(has_one_of(name, numbers), score * importance))
        return best_of(ways)

    def _text(self, expression: Expression, importance: float) -> Query:
        """Offers that have the expression, for more the better the place where it stands."""
        # Side by side, since `all` has what the others have: to look into them for each offer takes a third longer.
        places = (("title", TITLE), ("company", COMPANY), ("highlights", HIGHLIGHTS))
        found = [(name, weight) for name, weight in places if self.corpus.has(name, expression)]
        return any_of(
            [self.corpus.phrase(name, expression, weight * importance) for name, weight in (("all", ALL), *found)]
        )

    def _quoted(self, phrase: Expression, scored: bool) -> Query:
        if not scored:
            ways = _Ways(self.thesaurus)
            ways.texts.add(phrase)
            ways.add_named(phrase)
            return ways.query(self.corpus)
        importance = sum(map(self.corpus.importance, phrase))
        return best_of([self._text(phrase, importance), *self._named(phrase, importance)])

    def _exactly(self, expression: Expression) -> Query:
        """What “-word” leaves out: the word itself and the skill of that name, nothing that merely means the same."""
        ways = [self.corpus.plain("all", expression)]
        if len(expression) == 1 and expression[0] in PARTS:
            ways.append(self.corpus.plain("all", PARTS[expression[0]]))
        if skills := self.thesaurus.skills.get(expression):
            ways.append(has_one_of("skill", skills))
        return any_of(ways)

    # Telling

    @cached_property
    def highlighted(self) -> frozenset[str]:
        found = set(self.reading.words)
        for phrase in self.reading.phrases:
            found.update(phrase)
        words = self.reading.words
        for start in range(len(words)):
            for size in range(1, min(LONGEST, len(words) - start) + 1):
                for other in self.thesaurus.same.get(words[start : start + size], ()):
                    found.update(other)
        return frozenset(found)

    @cached_property
    def corrected(self) -> str | None:
        """The text with the words that no offer has replaced by near ones; None when nothing is to be corrected."""
        words = self.reading.words
        near = {}
        for word, piece in zip(words, self.reading.pieces, strict=True):
            if self.corpus.frequency("all", word) or self.thesaurus.knows_word(word):
                continue
            found = spelling.suggest_spelling(self.searcher, word, piece, self.thesaurus)
            if not found:
                return None
            near[piece] = found
        text = self.reading.text
        for piece, found in near.items():
            text = text.replace(piece, found)
        return text if near else None
