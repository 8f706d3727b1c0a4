"""Count the words of docstrings and comments: `python -m tests.vocabulary [path …]`.

Prints, for each package, how often the words of each column occur in 1,000 words of docstrings and comments. Five open
Django projects (les-emplois, djangoproject.com, simonwillisonblog, healthchecks, aides-territoires) are the reference:

                                              before 1.0    the five
    somebody, nobody, anybody, whoever        6.0           0
    what                                      19.8          0.1–0.6
    user(s)                                   0.2           0.6–11
    URL(s)                                    0.2           2.0–6.8
    return(s)                                 0.3           2.3–8.7
    cached, pk, datetime, idempotent, …       0             common
    phrases to avoid                          not measured  0
"""

import argparse
import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("jobboard", "careers", "offers")

COLUMNS = {
    "-body": r"(?:some|no|any)body|whoever|whomever",
    "what": r"what",
    "users": r"users?",
    "URL": r"URLs?",
    "return": r"returns?",
    "terms": r"cached|pks?|datetimes?|idempotent|invalidat\w+|stemmers?",
    "avoid": (
        r"anew|what is (?:asked|shown|said|found|kept)|is kept|was kept|a moment|the engine|by its number"
        r"|that (?:is|are) out|rooms?"
    ),
}
_PATTERNS = {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in COLUMNS.items()}
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line number and the text of each docstring, then of each block of comments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _DOCUMENTED) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text
    block, last = [], 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or re.match(r"#\s*(?:noqa|fmt:|type:)", token.string):
            continue
        line, text = token.start[0], token.string.lstrip("# ").partition("noqa:")[0]
        if block and line != last + 1:
            yield last - len(block) + 1, " ".join(block)
            block = []
        block.append(text)
        last = line
    if block:
        yield last - len(block) + 1, " ".join(block)


def python_files(path: Path) -> list[Path]:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [file for file in files if "migrations" not in file.parts]


def package_of(file: Path) -> str:
    """Return the directory that a file is counted under, at most two levels deep: `offers/search`."""
    path = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return "/".join(path.parent.parts[:2]) or "."


def count(files: list[Path]) -> dict[str, Counter]:
    """Return, by package, the number of words and of matches of each column."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for file in files:
        for _, text in prose(file.read_text("utf-8")):
            for package in (package_of(file), "total"):
                counts[package]["words"] += len(_WORD.findall(text))
                counts[package].update({name: len(p.findall(text)) for name, p in _PATTERNS.items()})
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / package for package in PACKAGES])
    parser.add_argument("--list", choices=COLUMNS, help="list the occurrences of one column instead")
    options = parser.parse_args()
    files = [file for path in options.paths for file in python_files(path.resolve())]
    if options.list:
        for file in files:
            for line, text in prose(file.read_text("utf-8")):
                if _PATTERNS[options.list].search(text):
                    print(f"{package_of(file)}/{file.name}:{line}: {' '.join(text.split())}")
        return
    print(f"{'package':32}{'words':>8}" + "".join(f"{name:>8}" for name in COLUMNS))
    counts = count(files)
    for package in sorted(counts, key=lambda package: (package == "total", package)):
        row, words = counts[package], counts[package]["words"] or 1
        print(f"{package:32}{row['words']:>8}" + "".join(f"{1000 * row[name] / words:8.1f}" for name in COLUMNS))


if __name__ == "__main__":
    main()
