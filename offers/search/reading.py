"""What people type, understood: words, quoted phrases, words to leave out. Nothing typed is an error."""

import re
from dataclasses import dataclass

from offers.search.analysis import words

LONGEST_TEXT = 100
# What people say of the search itself. It narrows nothing as long as there is another word.
_SAID = """
emploi offre poste job jobs travail travailler travaille annonce recrutement recrute cherche recherche trouver
voudrais souhaite veux aimerais besoin opportunité métier"""
_FILLERS = frozenset(word for text in _SAID.split() for word in words(text))
_PARTS = re.compile(r"(?P<minus>(?<!\S)[-–—])?(?:[\"“”«»](?P<quoted>[^\"“”«»]*)[\"“”«»]|(?P<chunk>[^\s\"“”«»]+))")


@dataclass(frozen=True)
class Reading:
    """`words` in order, each with the piece of text it was read from; `phrases` and `excluded` as words."""

    text: str = ""
    words: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()

    def __bool__(self):
        return bool(self.words or self.phrases or self.excluded)


def read(text: str) -> Reading:
    text = text[:LONGEST_TEXT].strip()
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
                # “développeuse ou développeur” is one word.
                if found[-1:] != [word]:
                    found.append(word)
                    pieces.append(piece)
    telling = [index for index, word in enumerate(found) if word not in _FILLERS]
    if telling or phrases:
        found, pieces = [found[index] for index in telling], [pieces[index] for index in telling]
    return Reading(text, tuple(found), tuple(pieces), tuple(phrases), tuple(excluded))
