"""Names of skills and employers: a word within such a name states no condition (“Remote Desktop”, “Nice-Matin”)."""

from collections.abc import Callable
from dataclasses import dataclass

from offers.search.synonyms import EMPTY, Expression, Thesaurus, expression
from offers.search.terms import Corpus
from offers.understanding.tokens import AnnotatedText

# A name has at most so many words before or after those of a condition.
MAX_OTHER_WORDS = 2


@dataclass(frozen=True)
class Names:
    """The names that the site knows. `employs` returns whether words are adjacent in the name of an employer."""

    thesaurus: Thesaurus = EMPTY
    employs: Callable[[Expression], bool] = lambda words: False

    @classmethod
    def of(cls, corpus: Corpus, thesaurus: Thesaurus) -> "Names":
        """Return the names of skills, and of the employers of the published offers."""

        def employs(words: Expression) -> bool:
            if not corpus.has("company", words):
                return False
            return len(words) > 1 and corpus.searcher.search(corpus.plain("company", words), 1).count > 0

        return cls(thesaurus, employs)

    def contain(self, annotated: AnnotatedText, first: int, last: int) -> bool:
        """Return whether the tokens from `first` to before `last` are part of a longer name."""
        inner = expression(annotated.slice(first, last))
        for before in range(MAX_OTHER_WORDS + 1):
            for after in range(MAX_OTHER_WORDS + 1):
                if not before and not after:
                    continue
                start, end = first - before, last + after
                if start < 0 or end > len(annotated.tokens):
                    continue
                if not all(token.continues_name for token in annotated.tokens[start + 1 : end]):
                    continue
                words = expression(annotated.slice(start, end))
                if words != inner and (words in self.thesaurus.skills or self.employs(words)):
                    return True
        return False
