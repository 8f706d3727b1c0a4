"""The queries of a search text: words, synonyms, quoted phrases and alternatives, scored by the field that matches."""

from functools import cached_property
from itertools import chain, pairwise

from tantivy import Occur, Query

from offers.search import ambiguous, spelling
from offers.search.analysis import COMPOUNDS, PARTS, split_compounds
from offers.search.parser import ParsedText
from offers.search.query_builder import QueryBuilder, join
from offers.search.synonyms import MAX_WORDS, Expression, Thesaurus
from offers.search.terms import (
    Corpus,
    all_of,
    any_of,
    any_term,
    constant_score,
    disjunction_max,
    term,
    terms,
)

# Scores of a word by the field that contains it; `all` contains every word.
TITLE, HIGHLIGHTS, COMPANY, ALL = 10.0, 2.0, 3.5, 1.0
# Scores of a role or skill of the offer with exactly this name, and with the word in one of its names.
ROLE, ROLE_WORD, SKILL, SKILL_WORD = 9.0, 4.0, 6.0, 2.5
# Score of two adjacent words of the query in a title.
TITLE_PAIR = 4.0
# Weights of a synonym and of another title of the same role.
SYNONYM, SAME_ROLE = 0.75, 0.6
# Score of a narrower expression that the offer is about: below ALL, even in a text five times as long as others.
NARROWER = 0.25
# Score of a mention in passing, see `asides`, and the count of better offers from which there are no such matches.
ASIDE, ENOUGH = 0.05, 20
# Weight of two words written as one.
SPELLING = 0.95


class TextQuery:
    """A parsed search text, and the queries that offers match it by."""

    def __init__(self, corpus: Corpus, parsed: ParsedText, thesaurus: Thesaurus):
        self.corpus = corpus
        self.parsed = parsed
        self.thesaurus = thesaurus

    def __bool__(self):
        """Return whether the text has anything to score by."""
        return bool(self.parsed.words or self.parsed.phrases or self.parsed.alternatives)

    def excluded(self) -> list[Query]:
        """Return the queries that no offer may match."""
        return list(map(self._excluded, self.parsed.excluded))

    def preferred(self) -> list[Query]:
        """Return scored queries for adjacent words in titles, which offers need not match."""
        queries = []
        for pair in pairwise(chain.from_iterable(self.expressions)):
            if self.corpus.is_in_title(pair):
                score = TITLE_PAIR * sum(map(self.corpus.importance, pair))
                queries.append(self.corpus.scored_in_title(pair, score))
        return queries

    def count(self) -> int:
        """Return the count of offers that match the text, whatever other criteria."""
        must = [(Occur.Must, query) for query in self.required(scored=False) or [Query.all_query()]]
        query = Query.boolean_query([*must, *((Occur.MustNot, query) for query in self.excluded())])
        return self.corpus.searcher.search(query, 1).count

    def required(self, scored: bool) -> list[Query]:
        """Return the queries that offers must match all of."""
        queries = [self._expression(expression, scored) for expression in self.expressions]
        queries += [self._quoted(phrase, scored) for phrase in self.parsed.phrases]
        for group in self.parsed.alternatives:
            alternatives = [self._alternative(expression, scored) for expression in group]
            queries.append(disjunction_max(alternatives) if scored else any_of(alternatives))
        return queries

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Return the words, grouped into known expressions."""
        expressions, words, position = [], self.parsed.words, 0
        while position < len(words):
            size = self._expression_at(position)
            expressions.append(words[position : position + size])
            position += size
        return tuple(dict.fromkeys(expressions))

    def _expression_at(self, position: int) -> int:
        """Return the count of words of the longest known expression at `position`; 1 if there is none."""
        words = self.parsed.words
        for size in range(min(MAX_WORDS, len(words) - position), 1, -1):
            expression = words[position : position + size]
            if self.thesaurus.knows(expression):
                return size
            # “micro services” in the query, “microservices” in offers or in the thesaurus.
            joined = join(expression)
            if joined and (
                self.thesaurus.knows(joined) or (len(joined) == 1 and self.corpus.frequency("all", *joined))
            ):
                return size
        return 1

    def _synonyms(self, expression: Expression) -> list[tuple[Expression, float]]:
        """Return the synonyms of an expression with their weights."""
        others = dict.fromkeys(self.thesaurus.same.get(expression, ()), SYNONYM)
        if joined := join(expression):
            others.setdefault(joined, SPELLING)
            for other in self.thesaurus.same.get(joined, ()):
                others.setdefault(other, SYNONYM)
            others.pop(expression, None)
        return list(others.items())

    def _titles(self, expression: Expression) -> list[Expression]:
        """Return the other titles of the roles with this title that occur in titles of offers.

        They are searched in titles only: a description may mention a colleague with that title.
        """
        titles = self.thesaurus.titles.get(expression, ())
        if joined := join(expression):
            titles = dict.fromkeys((*titles, *self.thesaurus.titles.get(joined, ())))
        return [title for title in titles if self.corpus.is_in_title(title)]

    def _expression(self, expression: Expression, scored: bool) -> Query:
        if not scored:
            return self._matching(expression)
        importance = sum(map(self.corpus.importance, expression))
        queries = self._named(expression, importance)
        if narrower := self._narrower(expression):
            queries.append(constant_score(any_of(narrower), NARROWER * importance))
        if len(expression) == 1:
            queries.append(self._word(expression[0], 1.0, named=True))
        elif expression in COMPOUNDS:
            queries += self._compound(expression)
        else:
            queries.append(all_of(list(map(self._unit, split_compounds(expression)))))
        for other, weight in self._synonyms(expression):
            if len(other) == 1:
                share = weight * importance / self.corpus.importance(other[0])
                queries.append(self._word(other[0], share, named=True, typed=False))
            elif self.corpus.has("all", other):
                queries.append(self._text(other, weight * importance))
            queries += self._named(other, weight * importance)
        for title in self._titles(expression):
            queries.append(self.corpus.scored_in_title(title, SAME_ROLE * TITLE * importance))
        return disjunction_max(queries)

    def _matching(self, expression: Expression) -> Query:
        """Return the query of `_expression` without scores and duplicate terms: Tantivy would read each of them."""
        builder = QueryBuilder(self.thesaurus, self.shows_asides)
        builder.add_named(expression)
        if len(expression) == 1:
            self._add_word(builder, expression[0])
        elif expression in COMPOUNDS:
            builder.add_compound(expression)
        else:
            builder.queries.append(all_of(list(map(self._matching_unit, split_compounds(expression)))))
        for other, _ in self._synonyms(expression):
            builder.add_named(other)
            if len(other) == 1:
                self._add_word(builder, other[0], typed=False)
            else:
                builder.texts.add(other)
        builder.queries += map(self.corpus.in_title, self._titles(expression))
        builder.queries += self._narrower(expression)
        return builder.query(self.corpus)

    def _compound(self, parts: Expression) -> list[Query]:
        """Return the scored queries for a compound that the query spells as several words (“front end”)."""
        return [self._text(parts, sum(map(self.corpus.importance, parts))), self._word(COMPOUNDS[parts], 1.0)]

    def _unit(self, unit: Expression) -> Query:
        """Return the scored query for a word or compound within a longer expression, or its synonyms in titles.

        “Ingénieur cyber” is one of “ingénieur cybersécurité”, a text that has both words in some sense is not.
        """
        queries = [self._word(unit[0], 1.0)] if len(unit) == 1 else self._compound(unit)
        score = SYNONYM * TITLE * sum(map(self.corpus.importance, unit))
        return disjunction_max(
            [*queries, *(self.corpus.scored_in_title(other, score) for other in self._title_synonyms(unit))]
        )

    def _title_synonyms(self, unit: Expression) -> list[Expression]:
        return [other for other, _ in self._synonyms(unit) if self.corpus.is_in_title(other)]

    def _matching_unit(self, unit: Expression) -> Query:
        builder = QueryBuilder(self.thesaurus, self.shows_asides)
        if len(unit) == 1:
            self._add_word(builder, unit[0])
        else:
            builder.add_compound(unit)
        builder.queries += map(self.corpus.in_title, self._title_synonyms(unit))
        return builder.query(self.corpus)

    def _add_word(self, builder: QueryBuilder, word: str, typed: bool = True):
        """Add a word to an unscored query, an ambiguous name only where it is the skill (or company, if typed)."""
        texts = self._ambiguous_texts(word, typed)
        builder.add_word(word, texts)
        if texts and typed and self.corpus.frequency("company", word):
            builder.queries.append(term("company", word))

    def _ambiguous_texts(self, word: str, typed: bool) -> list[Expression] | None:
        """Return the expressions of the text by which an ambiguous name matches, None for another word.

        They are the marked token, see `ambiguous`, and for a typed word its pairs with adjacent words of the query
        (“go live”). A typed word is like any other word if it is the skill or in the title of no offer, or if no offer
        matches all words (“swift paiements”).
        """
        if word not in ambiguous.NAMES or (typed and not (self._names_offers(word) and self.is_careful)):
            return None
        pairs = [pair for pair in pairwise(self.parsed.words) if word in pair] if typed else []
        return [(ambiguous.marked(word),), *pairs]

    @cached_property
    def shows_asides(self) -> bool:
        """Return whether mentions in passing match: unless ENOUGH others match the words, whatever other criteria."""
        parsed = self.parsed
        expressions = [*self.expressions, *parsed.phrases, *chain.from_iterable(parsed.alternatives)]
        expressions += [other for each in self.expressions for other, _ in self._synonyms(each)]
        if not any(map(self.corpus.asides, expressions)):
            return True
        text = TextQuery(self.corpus, self.parsed, self.thesaurus)
        text.is_careful, text.shows_asides = self.is_careful, False
        return text.count() < ENOUGH

    @property
    def matching(self) -> tuple:
        """Return how the words match, which offers decide that may be outside of the other criteria."""
        parsed = self.parsed
        expressions = chain([parsed.words], parsed.excluded, *parsed.alternatives)
        typed = ambiguous.NAMES.intersection(chain.from_iterable(expressions))
        careful = {word for word in typed if self._ambiguous_texts(word, typed=True) is not None}
        return careful, self.shows_asides

    @cached_property
    def is_careful(self) -> bool:
        """Return whether typed ambiguous names match only where they are the skill, whatever the other criteria."""
        if len(self.parsed.words) == 1 or ambiguous.NAMES.isdisjoint(self.parsed.words):
            return True
        text = TextQuery(self.corpus, self.parsed, self.thesaurus)
        text.is_careful = text.shows_asides = True
        return text.count() > 0

    def _names_offers(self, word: str) -> bool:
        """Return whether an offer has the word in its title, or a role or skill of this name."""
        terms = [("title", word)]
        terms += [("role", pk) for pk in self.thesaurus.roles.get((word,), ())]
        terms += [("skill", pk) for pk in self.thesaurus.skills.get((word,), ())]
        return any(self.corpus.frequency(*each) for each in terms)

    def _narrower(self, expression: Expression) -> list[Query]:
        """Return the queries for offers with a narrower expression in the title, or as the name of a role or skill.

        Texts are not searched: an offer of another job may mention it.
        """
        roles, skills, queries = set(), set(), []
        narrower = self.thesaurus.narrower.get(expression, ())
        if joined := join(expression):
            narrower = {*narrower, *self.thesaurus.narrower.get(joined, ())}
        for other in narrower:
            roles.update(self.thesaurus.roles.get(other, ()))
            skills.update(self.thesaurus.skills.get(other, ()))
            if self.corpus.is_in_title(other):
                queries.append(self.corpus.in_title(other))
        return queries + terms("role", roles) + terms("skill", skills)

    def _named(self, expression: Expression, importance: float) -> list[Query]:
        """Return the queries for offers with a role or skill of exactly this name."""
        queries = []
        if roles := self.thesaurus.roles.get(expression):
            queries.append(constant_score(any_term("role", roles), ROLE * importance))
        if skills := self.thesaurus.skills.get(expression):
            queries.append(constant_score(any_term("skill", skills), SKILL * importance))
        return queries

    def _word(self, word: str, weight: float, named: bool = False, typed: bool = True) -> Query:
        """Return the query for offers with the word in their text, or in a name of their role or of a skill.

        With `named`, omit the roles and skills of exactly this name: `_named` gives them a higher score. A synonym is
        not `typed`.
        """
        importance = weight * self.corpus.importance(word)
        texts = self._ambiguous_texts(word, typed)
        if texts is None:
            queries = [self._text((word,), importance)]
        else:
            queries = self._ambiguous_text(word, texts, importance, typed)
        for name, by_word, by_name, score in (
            ("role", self.thesaurus.role_words, self.thesaurus.roles, ROLE_WORD),
            ("skill", self.thesaurus.skill_words, self.thesaurus.skills, SKILL_WORD),
        ):
            pks = by_word.get(word, frozenset()) - (by_name.get((word,), frozenset()) if named else frozenset())
            if pks:
                queries.append(constant_score(any_term(name, pks), score * importance))
        return disjunction_max(queries) if queries else Query.empty_query()

    def _ambiguous_text(self, word: str, texts: list[Expression], importance: float, typed: bool) -> list[Query]:
        """Return, in a list of at most one, the query of `_text` for an ambiguous name, which matches by `texts`."""
        weights = [("title", (word,), TITLE), *(("all", text, ALL) for text in texts)]
        weights += [("company", (word,), COMPANY)] if typed else []
        queries = [
            self.corpus.phrase(name, text, weight * importance)
            for name, text, weight in weights
            if self.corpus.has(name, text)
        ]
        return [any_of(queries)] if queries else []

    def _text(self, expression: Expression, importance: float) -> Query:
        """Return the query for an expression in the text, scored by field."""
        # A flat disjunction, since `all` contains the other fields: optional clauses take a third longer.
        weights = (("title", TITLE), ("company", COMPANY), ("highlights", HIGHLIGHTS))
        matching = [(name, weight) for name, weight in weights if self.corpus.has(name, expression)]
        queries = [self.corpus.phrase(name, expression, weight * importance) for name, weight in matching]
        text = self.corpus.phrase("all", expression, ALL * importance)
        if asides := self.corpus.asides(expression):
            text = self.corpus.without_asides(text, expression)
            if self.shows_asides:
                # Such an offer has the word in no other field.
                mention = any_of([term("all", token) for token in asides])
                if len(expression) > 1:
                    mention = all_of([self.corpus.plain("all", expression), mention])
                queries.append(constant_score(mention, ASIDE * importance))
        return any_of([text, *queries])

    def _quoted(self, phrase: Expression, scored: bool) -> Query:
        if not scored:
            builder = QueryBuilder(self.thesaurus, self.shows_asides)
            builder.texts.add(phrase)
            builder.add_named(phrase)
            return builder.query(self.corpus)
        importance = sum(map(self.corpus.importance, phrase))
        return disjunction_max([self._text(phrase, importance), *self._named(phrase, importance)])

    def _alternative(self, expression: Expression, scored: bool) -> Query:
        is_phrase = len(expression) > 1 and expression not in COMPOUNDS
        return self._quoted(expression, scored) if is_phrase else self._expression(expression, scored)

    def _excluded(self, expression: Expression) -> Query:
        """Return the query for “-word”: the word itself and the skill of that name, without synonyms."""
        texts = self._ambiguous_texts(expression[0], typed=True) if len(expression) == 1 else None
        queries = [self.corpus.plain("all", texts[0] if texts else expression)]
        if len(expression) == 1 and expression[0] in PARTS:
            queries.append(self.corpus.plain("all", PARTS[expression[0]]))
        if skills := self.thesaurus.skills.get(expression):
            queries.append(any_term("skill", skills))
        return any_of(queries)

    @cached_property
    def highlighted(self) -> frozenset[str]:
        """Return the words to highlight: those of the query and their synonyms."""
        marked = set(self.parsed.words)
        for expression in chain(self.parsed.phrases, *self.parsed.alternatives):
            marked.update(expression)
        words = self.parsed.words
        for start in range(len(words)):
            for size in range(1, min(MAX_WORDS, len(words) - start) + 1):
                expression = words[start : start + size]
                for table in (self.thesaurus.same, self.thesaurus.narrower):
                    for other in table.get(expression, ()):
                        marked.update(other)
        return frozenset(marked)

    @cached_property
    def corrected(self) -> str | None:
        """Return the text with corrections for words that match no offer, or None without any."""
        text = self.parsed.text
        # Tokens of alternatives have no piece of their own.
        chunks = dict.fromkeys(chain.from_iterable(chain.from_iterable(self.parsed.alternatives)), "")
        chunks |= zip(self.parsed.words, self.parsed.pieces, strict=True)
        unknown = [word for word in chunks if self._is_unknown(word)]
        pieces = spelling.split_pieces(text) if unknown else []
        spelled = {token: text[start:end] for start, end, token in pieces}
        compounds = spelling.correct_compounds([token for *_, token in pieces])
        corrections = {}
        for word in unknown:
            piece = spelled.get(word, chunks[word])
            correction = compounds.get(word) or spelling.suggest_spelling(
                self.corpus.searcher, word, piece, self.thesaurus
            )
            if not correction:
                return None
            if word in spelled:
                corrections[word] = correction
            else:
                # An inclusive form, for example, which is no single piece.
                text = text.replace(piece, correction)
        return spelling.replace_words(text, corrections) if unknown else None

    @property
    def has_unknown_alternative(self) -> bool:
        """Return whether no offer contains a word of one of the alternatives (“react/anglar”)."""
        return any(map(self._is_unknown, chain.from_iterable(chain.from_iterable(self.parsed.alternatives))))

    def _is_unknown(self, word: str) -> bool:
        return not (
            self.corpus.frequency("all", word) or self.thesaurus.knows_word(word) or word in spelling.KNOWN_WORDS
        )
