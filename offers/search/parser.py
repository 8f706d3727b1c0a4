"""Parser of the search text: words, quoted phrases, alternatives and excluded words. Every text is valid.

The operators are `-`, “ou” and “sauf”, and in capitals OR, NOT, ET and AND.
A slash (“react/angular”), and a comma before a single word (“développeur react, angular”), mean OU.
"""

import re
from dataclasses import dataclass

from offers.search.analysis import words

MAX_LENGTH = 100
# Words about searching for a job, ignored if there is another word or a phrase.
_FILLER_WORDS = """
emploi offre poste job jobs travail travailler travaille annonce recrutement recrute cherche recherche trouver
voudrais souhaite veux aimerais besoin opportunité métier urgent boulot position informatique"""
_FILLERS = frozenset(word for text in _FILLER_WORDS.split() for word in words(text))
OR, NOT, AND = "or", "not", "and"
_OPERATORS = {"ou": OR, "OU": OR, "OR": OR, "sauf": NOT, "SAUF": NOT, "NOT": NOT, "ET": AND, "AND": AND}
_OPERATOR = re.compile(rf"(?<!\S)(?:{'|'.join(_OPERATORS)})(?!\S)")
# A hyphen before a word excludes it.
_MINUS = re.compile(r"(?<!\S)[-–—]+(?=\S)")
_CHUNK = re.compile(r"(?P<minus>(?<!\S)[-–—])?(?:[\"“”«»](?P<quoted>[^\"“”«»]*)[\"“”«»]|(?P<chunk>[^\s\"“”«»]+))")


@dataclass(frozen=True)
class ParsedText:
    """A parsed text. `pieces` are the original texts of `words`; `phrases` and `excluded` are tuples of words.

    Each of `alternatives` has several expressions, tuples of words, of which an offer needs one.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    alternatives: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def __bool__(self):
        return bool(self.words or self.phrases or self.excluded or self.alternatives)


@dataclass
class _Group:
    """Expressions joined by OU, in the order of the text, each with its original text."""

    expressions: list[tuple[str, ...]]
    piece: str
    quoted: bool
    excluded: bool


def without_operators(title: str) -> str:
    """Return a title as a search text that matches it: its “ou” and its hyphens are no operators."""
    return " ".join(_OPERATOR.sub("", _MINUS.sub("", title)).split())


def parse_text(text: str) -> ParsedText:
    """Parse the first MAX_LENGTH characters of `text`."""
    text = text[:MAX_LENGTH].strip()
    tokens, pieces, phrases, excluded, alternatives = [], [], [], [], []
    for group in _groups(text):
        expression, *others = group.expressions
        if group.excluded:
            excluded += group.expressions
        elif others:
            alternatives.append(tuple(group.expressions))
        elif group.quoted:
            phrases.append(expression)
        else:
            for word in expression:
                # “développeuse ou développeur” is one token.
                if tokens[-1:] != [word]:
                    tokens.append(word)
                    pieces.append(group.piece)
    significant = [
        index for index, word in enumerate(tokens) if word not in _FILLERS and not _is_version(tokens, index)
    ]
    if significant or phrases or alternatives:
        tokens, pieces = [tokens[index] for index in significant], [pieces[index] for index in significant]
    return ParsedText(text, tuple(tokens), tuple(pieces), tuple(phrases), tuple(excluded), tuple(alternatives))


def _is_version(tokens: list[str], index: int) -> bool:
    """Return whether a token is a small number after a word: few offers name the version of “java 17”."""
    before, number, after = (*tokens[index - 1 : index], ""), tokens[index], tokens[index + 1 : index + 2]
    return before[0].isalpha() and number.isdigit() and len(number) < 3 and not "".join(after).isdigit()


def has_only_fillers(text: str) -> bool:
    """Return whether a text has no word to search but those about searching for a job: “offres d’emploi”."""
    parsed = parse_text(text)
    return not (parsed.phrases or parsed.excluded or parsed.alternatives) and _FILLERS.issuperset(parsed.words)


def _groups(text: str) -> list[_Group]:
    """Return the expressions of the text, joined and marked by the operators between them.

    An operator without an expression beside it has no effect.
    """
    groups: list[_Group] = []
    joins = excludes = False
    commas_join = _commas_join(text)
    for match in _CHUNK.finditer(text):
        quoted = match["quoted"] is not None
        piece = match["quoted"] if quoted else match["chunk"]
        operator = None if quoted or match["minus"] else _OPERATORS.get(piece)
        if operator == OR:
            joins = bool(groups)
        elif operator == NOT:
            excludes = True
        elif operator is None and (expressions := _expressions(piece, quoted)):
            is_excluded = excludes or bool(match["minus"])
            if joins and (groups[-1].excluded or not is_excluded):
                groups[-1].expressions += [each for each in expressions if each not in groups[-1].expressions]
            else:
                groups.append(_Group(expressions, piece, quoted, is_excluded))
            joins, excludes = commas_join and not quoted and piece.endswith(","), False
    return groups


def _expressions(chunk: str, quoted: bool) -> list[tuple[str, ...]]:
    """Return the expression of a chunk, or those of its parts if it has slashes between words, as in “react/angular”.

    A compound (“CI/CD”), a gender (“H/F”), a number (“24/7”) and a letter (“S/4HANA”) are no alternatives.
    """
    expression = tuple(words(chunk))
    parts = [] if quoted or len(expression) < 2 else [tuple(words(part)) for part in chunk.split("/")]
    if len(parts) > 1 and all(map(_is_word, parts)):
        return list(dict.fromkeys(parts))
    return [expression] if expression else []


def _is_word(expression: tuple[str, ...]) -> bool:
    text = "".join(expression)
    return len(text) > 1 and not text.isdigit()


def _commas_join(text: str) -> bool:
    """Return whether the commas of a text are between single words, except for the words before the first one."""
    _, *others = text.split(",")
    return bool(others) and '"' not in text and all(len(each.split()) == 1 for each in others)
