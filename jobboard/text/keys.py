"""The normalized form in which user input and stored names are compared."""

import re
import unicodedata

# Letters in lower case that Unicode does not decompose, and characters without width. Also for the search of offers.
FOLDED_LETTERS = {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "ĸ": "k",
    "ɓ": "b",
    "ɗ": "d",
    "ə": "e",
    "ɛ": "e",
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
_TRANSLATION = str.maketrans(FOLDED_LETTERS)
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
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_TRANSLATION))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", plain).strip()
