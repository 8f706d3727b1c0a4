"""One way to compare what people type with what is stored."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss"})
# `+`, `#` and `.` carry meaning in the names of technologies: C++, C#, .NET; a dot that ends a word is punctuation.
_SEPARATORS = re.compile(r"(?:[^\w+#.]|_|\.(?!\w))+")


def search_key(text: str) -> str:
    """`text` without case, accents, ligatures and punctuation, words separated by one space.

    >>> search_key("L’Haÿ-les-Roses")
    'l hay les roses'
    >>> search_key("Développeur C++ / .NET")
    'developpeur c++ .net'
    >>> search_key("Node.js, etc.")
    'node.js etc'
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", plain).strip()
