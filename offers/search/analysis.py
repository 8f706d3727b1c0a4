"""The analyzer of French text, for documents and queries.

Tantivy gets the tokens separated by spaces. Its own tokenizers and filters are not used: they cannot map
“développeuse”, “développeur·euse” and “développeur(se)” to one token, nor keep “C++” and “.NET”. Tokens of a chunk (the
text between two spaces) are cached, which is faster too.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from jobboard.text.keys import FOLDED_LETTERS

# Maximum size of the cache of each process, about 15 MB.
MAX_CACHED_CHUNKS = 100_000

_TRANSLATION = str.maketrans(
    FOLDED_LETTERS | dict.fromkeys("’ʼ‘`´", "'") | dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("•‧∙⋅・", "·")
)


def _strip_accents(text: str) -> str:
    """Return `text` without accents that Unicode can decompose."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


# The letters of western and central Europe. One table replaces three passes over the text.
_TRANSLATION |= {code: letter for code in range(0xC0, 0x180) if (letter := _strip_accents(chr(code))).isascii()}

# Stop words, without “si” (système d’information), “it”, “or”, “go” and “ai”.
_STOP_WORDS = """
a au aux avec ce ces cet cette chez comme d dans de des donc dont du elle elles en entre est et etc etre eu eux
f h il ils j je l la le les leur leurs lors lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par pas
pour qu que qui quoi s sa sans se ses soi son sont sous sur t ta te tes toi ton tous tout toute toutes tu un une
vers via vos votre vous y the of and for to in at with our your we you an"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
# Not stop words in capitals: MES is a manufacturing execution system, “mes” is a pronoun.
_ACRONYMS = frozenset({"MES"})

# Compounds are one token in every spelling: “front-end”, “frontend” and, in a query, “front end”.
_COMPOUNDS = """front end|back end|full stack|dev ops|dev sec ops|ml ops|fin ops|data ops|git ops|e commerce|e learning
e mail|open source|data center|data centre|no code|low code|micro service|multi cloud|micro frontend|web design
web designer|web master|help desk|service desk|front office|back office|middle office|big data|cyber securite
cyber defense|cyber attaque|tele travail|type script|java script|power bi|power shell|power apps|power automate|ci cd
pl sql|t sql|my sql|no sql|postgre sql|spring boot|objective c|c level|tech lead|lead tech|scrum master|data warehouse
data lake|data mart|lake house|check point|cross functional|end to end|git hub|git lab|open shift|open stack|vm ware
air flow|block chain|chat bot|smart phone|web service|soft ware|hard ware|life cycle|quick sight|share point|sales force
service now|auto entrepreneur|test driven|serious game|story book|word press|presta shop|elastic search|data bricks
snow flake|kick off|free lance|hot line|on premise|on boarding|time series|deep learning|machine learning|z os|as 400
inter contrat|multi canal|omni canal|cross canal|back log|road map|user story|post gres|wi fi|b to b|b to c|saa s
sous traitance|web app|qa ops|sys ops|no ops|dev net|data viz|data science"""

# Words whose last letter is not an ending.
_UNSTEMMED = frozenset(
    ("azure", "rails", "sales", "teams", "pandas", "express", "sass", "less", "swift", "vite", "ionic")
)

_SUFFIX = (
    "(?:ieres?|eres?|iennes?|euses?|eures?|trices?|rices?|esses?|eurs?|teurs?|ees?|es?|nes?|les?|tes?|ses?|fes?|ves?)"
)
# Ordered rules: a string that every match contains (a fast check), the pattern, the replacement.
_REWRITES = (
    # développeu·r·se, développeu(r/se)
    (
        "eu",
        re.compile(r"(?<![^\W\d_])([^\W\d_]+eu)[·./(\-](?:r[·./(\-]?se|se[·./(\-]?r)\)?(?:[·.\-]?s)?(?![^\W_])"),
        r"\1r",
    ),
    # développeur·euse·s, ingénieur-e, directeur/trice
    ("", re.compile(rf"(?<![^\W\d_])([^\W\d_]{{3,}})[·./\-]{_SUFFIX}(?:[·.\-]s)?(?![^\W_])"), r"\1"),
    # technicien(ne)s
    ("(", re.compile(rf"(?<![^\W\d_])([^\W\d_]{{3,}})\({_SUFFIX}\)s?(?![^\W_])"), r"\1"),
    # l'œuvre, j'ai
    ("'", re.compile(r"(?<![^\W_])(?:j'ai(?![^\W_])|(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)')"), " "),
    # S.A.P.
    (".", re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}[^\W\d_]?(?![^\W_])"), lambda match: match[0].replace(".", "")),
    # R&D
    ("&", re.compile(r"(?<![^\W_])([^\W\d_])&([^\W\d_])(?![^\W_])"), r"\1\2"),
    # Vue.js
    (".js", re.compile(r"([^\W_])\.js(?![^\W_])"), r"\1js"),
)
_GENDER = re.compile(r"[(\[]?[hfm]/[hfm](?:/(?:[xdn]|nb))*[)\]]?")
# A run: words with only a hyphen, a slash or a dot between them. Compounds are joined within runs.
_RUN = re.compile(r"[^\W_](?:[^\W_]|[+#]|[-/.](?=[^\W_]))*|\.net(?![^\W_])")
# Punctuation around words that is never part of one, unlike the “.” of “.NET”, “+” and “#”.
_BEFORE, _AFTER = '(«"*[', ',;:.!?)»"*]'
_TOKEN = re.compile(r"\.net(?![^\W_])|[^\W_]+(?:\+\+|#)|[^\W_]+")
_VERSION = re.compile(r"([^\W\d_]{3,})(\d{1,2})")
_VOWELS = frozenset("aeiouy")


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and ligatures, with plain apostrophes and hyphens."""
    plain = text.casefold().translate(_TRANSLATION)
    return plain if plain.isascii() else _strip_accents(plain)


def stem(word: str) -> str:
    """Return a folded word without the endings of gender and number.

    Other endings are kept: “développeur” must not match “développement”.
    """
    if len(word) < 4 or word in _UNSTEMMED or word.endswith("js") or not word.isalpha():
        return word
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    elif word.endswith("aux") and len(word) > 5:
        word = word[:-1] if word.endswith("eaux") else word[:-2] + "l"
    if word.endswith("trice"):
        return word[:-4] + "eur"
    if word.endswith("euse"):
        return word[:-2] + "r"
    if word.endswith("eux") and len(word) > 5:
        return word[:-1] + "r"
    if word.endswith("ive") and len(word) > 4:
        return word[:-2] + "f"
    if len(word) > 4 and word.endswith("e") and word not in _UNSTEMMED:
        word = word.rstrip("e") if len(word.rstrip("e")) > 3 else word
        # cheffe, technicienne, professionnelle
        if len(word) > 4 and word[-1] == word[-2] and word[-1] not in _VOWELS and not word.endswith("ss"):
            word = word[:-1]
    return word


_STEMMED_STOP_WORDS = STOP_WORDS | {stem(word) for word in STOP_WORDS}


def _compounds() -> dict[tuple[str, ...], str]:
    compounds = {}
    for line in _COMPOUNDS.splitlines():
        for name in line.split("|"):
            parts = name.split()
            compounds[tuple(stem(part) for part in parts)] = stem("".join(parts))
    return compounds


COMPOUNDS = _compounds()
# The parts of COMPOUNDS as they are spelled.
COMPOUND_SPELLINGS = {
    tuple(map(stem, name.split())): tuple(name.split()) for line in _COMPOUNDS.splitlines() for name in line.split("|")
}
# The inverse of COMPOUNDS, to match texts that spell a compound as separate words.
PARTS = {joined: parts for parts, joined in COMPOUNDS.items()}
_MAX_COMPOUND_WORDS = max(map(len, COMPOUNDS))


def join_compounds(tokens: Sequence[str]) -> list[str]:
    """Return `tokens` with each compound joined into one token."""
    return [COMPOUNDS.get(unit, unit[0]) for unit in split_compounds(tokens)]


def split_compounds(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the compounds of `tokens` as tuples of their parts, and the other tokens as tuples of one."""
    position = 0
    while position < len(tokens):
        for size in range(min(_MAX_COMPOUND_WORDS, len(tokens) - position), 1, -1):
            if tuple(tokens[position : position + size]) in COMPOUNDS:
                break
        else:
            size = 1
        yield tuple(tokens[position : position + size])
        position += size


def _run_tokens(run: str) -> list[str]:
    tokens = []
    for token in _TOKEN.findall(run):
        version = _VERSION.fullmatch(token)
        tokens += [stem(version[1]), version[2]] if version else [stem(token)]
    return join_compounds(tokens) if len(tokens) > 1 else tokens


def _analyse_chunk(chunk: str) -> list[list[str]]:
    """Return the tokens of a chunk, grouped by runs: a run has only hyphens, slashes or dots between its words."""
    text = fold(chunk)
    word = text.lstrip(_BEFORE).rstrip(_AFTER)
    if word.isalpha():
        return [[stem(word)]] if word not in STOP_WORDS or chunk.strip(",;:.()") in _ACRONYMS else []
    if _GENDER.fullmatch(text.strip(",;:.-")):
        return []
    for sign, pattern, other in _REWRITES:
        if sign in text:
            text = pattern.sub(other, text)
    runs = []
    for run in _RUN.findall(text):
        tokens = []
        for token in _run_tokens(run):
            # “développeur/développeuse” gives one token.
            if (token not in _STEMMED_STOP_WORDS or chunk.strip(",;:.()") in _ACRONYMS) and token not in tokens:
                tokens.append(token)
        if tokens:
            runs.append(tokens)
    return runs


class _ChunkCache(dict):
    def __missing__(self, chunk: str) -> str:
        if len(self) >= MAX_CACHED_CHUNKS:
            self.clear()
        words = " ".join(token for run in _analyse_chunk(chunk) for token in run)
        self[chunk] = words
        return words


_chunk_cache = _ChunkCache()


def analyse(text: str) -> str:
    """Return the tokens of `text`, separated by spaces."""
    return " ".join(map(_chunk_cache.__getitem__, text.split()))


def words(text: str) -> list[str]:
    """Return the tokens of `text` in order, without stop words."""
    return analyse(text).split()


def bigrams(words: Sequence[str]) -> list[str]:
    """Return the pairs of adjacent words as tokens, joined by “_”, which no word contains."""
    return ["_".join(pair) for pair in pairwise(words)]


def runs(text: str) -> list[list[str]]:
    """Return the tokens of `text`, grouped by runs (“ci/cd”, “data-engineer”)."""
    return [run for chunk in text.split() for run in _analyse_chunk(chunk)]
