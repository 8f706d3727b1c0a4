"""Common words of job offers and searches (`data/common_words.txt`)."""

from pathlib import Path

from offers.search.analysis import words

FILE = Path(__file__).resolve().parent / "data" / "common_words.txt"


def _read() -> frozenset[str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in words(line))


COMMON_WORDS = _read()
