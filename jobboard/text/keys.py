"""The normalized form in which user input and stored names are compared."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss"})
# Keep `+`, `#` and `.`, which distinguish C++, C# and .NET; a dot at the end of a word is punctuation.
_SEPARATORS = re.compile(r"(?:[^\w+#.]|_|\.(?!\w))+")


def search_key(text: str) -> str:
    """Return `text` without case, accents, ligatures and punctuation, with single spaces between words.

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
