"""Parse the text of a query into words, quoted phrases and excluded words. No text is an error."""

import re
from dataclasses import dataclass

from offers.search.analysis import words

MAX_LENGTH = 100
# Words about the search itself. They are ignored if there is another word.
_FILLER_WORDS = """
emploi offre poste job jobs travail travailler travaille annonce recrutement recrute cherche recherche trouver
voudrais souhaite veux aimerais besoin opportunité métier"""
_FILLERS = frozenset(word for text in _FILLER_WORDS.split() for word in words(text))
_PARTS = re.compile(r"(?P<minus>(?<!\S)[-–—])?(?:[\"“”«»](?P<quoted>[^\"“”«»]*)[\"“”«»]|(?P<chunk>[^\s\"“”«»]+))")


@dataclass(frozen=True)
class ParsedText:
    """`words` in order, each with the piece of text that it comes from; `phrases` and `excluded` as tuples of words."""

    text: str = ""
    words: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()

    def __bool__(self):
        return bool(self.words or self.phrases or self.excluded)


def parse_text(text: str) -> ParsedText:
    text = text[:MAX_LENGTH].strip()
    found, pieces, phrases, excluded = [], [], [], []
    for part in _PARTS.finditer(text):
        piece = part["quoted"] if part["quoted"] is not None else part["chunk"]
        expression = tuple(words(piece))
        if not expression:
            continue
        if part["minus"]:
            excluded.append(expression)
        elif part["quoted"] is not None:
            phrases.append(expression)
        else:
            for word in expression:
                # “développeuse ou développeur” is one token.
                if found[-1:] != [word]:
                    found.append(word)
                    pieces.append(piece)
    telling = [index for index, word in enumerate(found) if word not in _FILLERS]
    if telling or phrases:
        found, pieces = [found[index] for index in telling], [pieces[index] for index in telling]
    return ParsedText(text, tuple(found), tuple(pieces), tuple(phrases), tuple(excluded))
