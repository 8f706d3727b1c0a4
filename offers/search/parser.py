"""Parser of the search text: words, quoted phrases and excluded words. Every text is valid."""

import re
from dataclasses import dataclass

from offers.search.analysis import words

MAX_LENGTH = 100
# Words about searching for a job, ignored if there is another word or a phrase.
_FILLER_WORDS = """
emploi offre poste job jobs travail travailler travaille annonce recrutement recrute cherche recherche trouver
voudrais souhaite veux aimerais besoin opportunité métier"""
_FILLERS = frozenset(word for text in _FILLER_WORDS.split() for word in words(text))
_CHUNK = re.compile(r"(?P<minus>(?<!\S)[-–—])?(?:[\"“”«»](?P<quoted>[^\"“”«»]*)[\"“”«»]|(?P<chunk>[^\s\"“”«»]+))")


@dataclass(frozen=True)
class ParsedText:
    """A parsed text. `pieces` are the original texts of `words`; `phrases` and `excluded` are tuples of words."""

    text: str = ""
    words: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()

    def __bool__(self):
        return bool(self.words or self.phrases or self.excluded)


def parse_text(text: str) -> ParsedText:
    """Parse the first MAX_LENGTH characters of `text`."""
    text = text[:MAX_LENGTH].strip()
    tokens, pieces, phrases, excluded = [], [], [], []
    for match in _CHUNK.finditer(text):
        piece = match["quoted"] if match["quoted"] is not None else match["chunk"]
        expression = tuple(words(piece))
        if not expression:
            continue
        if match["minus"]:
            excluded.append(expression)
        elif match["quoted"] is not None:
            phrases.append(expression)
        else:
            for word in expression:
                # “développeuse ou développeur” is one token.
                if tokens[-1:] != [word]:
                    tokens.append(word)
                    pieces.append(piece)
    significant = [index for index, word in enumerate(tokens) if word not in _FILLERS]
    if significant or phrases:
        tokens, pieces = [tokens[index] for index in significant], [pieces[index] for index in significant]
    return ParsedText(text, tuple(tokens), tuple(pieces), tuple(phrases), tuple(excluded))
