"""Parts of the regular expressions for conditions with a number. They match folded text: lower case without accents."""

import re
from collections.abc import Iterator

from offers.search.analysis import fold
from offers.understanding.tokens import AnnotatedText

# Not within a word, a code or a longer number: “802.11”, “az-104”.
START, END = r"(?<![\w.,/+#-])", r"(?!\w)"
# Between the two numbers of a range.
TO = r"\s?(?:-|–|—|a|/|et|ou|to|and)\s?"


def one_of(words: str) -> str:
    """Return the pattern of any of the expressions in `words`, separated by commas, the longest first."""
    expressions = sorted((" ".join(fold(each).split()) for each in words.split(",")), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(each).replace(r"\ ", r"\s") for each in expressions) + ")"


def optional(*parts: str) -> str:
    """Return the pattern of parts, each of which may be missing, with or without a space before it."""
    return "".join(rf"(?:\s?{part})?" for part in parts)


def compiled(*parts: str) -> re.Pattern:
    """Return the pattern of the parts in order, from START to END."""
    return re.compile(START + "".join(parts) + END)


def matches(pattern: re.Pattern, annotated: AnnotatedText) -> Iterator[re.Match]:
    """Yield the matches in the free text of a annotated. A match that is taken is no longer searched."""
    position = 0
    while match := pattern.search(annotated.folded, position):
        yield match
        position = max(match.end(), match.start() + 1)
