"""Prepare text for Markdown so that what people paste from Word, a PDF or a mail looks as it did there.

Markdown stays available: **bold**, *italic*, lists, headings with “#”, links, tables, code between backquotes.
"""

import re

# A space for the rules of Markdown about “**”, removed from the HTML. A character that keyboards do not have.
MARK = "\u1680"
# Line starts of lists in other programs, with those of the fonts Symbol and Wingdings.
_BULLET = re.compile(
    r"(?:[•·‣◦●○▪▫■□⁃∙➢➤\uf0b7\uf0a7\uf0d8\uf0fc][ \t\u00a0]*|[–—*-][ \t\u00a0]+"
    r"|(?:o(?=[\t\u00a0])|[o§](?=\t|[ \t\u00a0]{2}))[ \t\u00a0]+)(?=\S)"
)
# Dashes before a letter are bullets if there are several: “-Xmx512m” alone is none.
_TIGHT_BULLET = re.compile(r"[–—-](?=[^\W\d_])")
_TIGHT_LINES = re.compile(r"^[ \t\u00a0]*[–—-][ \t\u00a0]*[^\W\d_]", re.MULTILINE)
_NUMBER = re.compile(r"([0-9]{1,9})([.)])([ \t\u00a0]+)(?=\S)")
_RULE = re.compile(r"([-=_~*])(?:[ \t]*\1){2,}[ \t]*")
_SHORT_RULE = re.compile(r"[-=]{1,2}[ \t]*")
_FENCE, _CLOSING_FENCE = re.compile(r"[ \t]*```[^`]*"), re.compile(r"[ \t]*```+[ \t]*")
# Tildes start code in Markdown, without the rest of their line: “~~~ Nos missions ~~~”.
_TILDES = re.compile(r"~{3,}")
# Other line starts that Markdown would swallow: “+ de 10 ans”, “> 5 ans”, “>5 ans”.
_SIGN = re.compile(r"\+[ \t]|>[ \t]*(?=[\d=])|>(?=[^\s>])")
_DEFINITION = re.compile(r"(\[[^\]\n]+\]):")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")

# Parts of a line that stay as they are: code, autolinks, destinations of links.
_LITERAL = re.compile(
    r"(?<![\\`])(`{1,3})(?!`)[^`\n]+\1(?!`)"
    r"|<(?:https?://|mailto:)[^\s<>]+>"
    r"|\]\([^\s()]*(?:\([^\s()]*\)[^\s()]*)*\)"
)
_MASK = re.compile("\ue001(\\d+)\ue002")
# A path of Windows, in which “\_” is no escape: a backslash before a letter.
_PATH = re.compile(r"(?<!\S)(\*\*)?((?:[A-Za-z]:|\\|[\w.$%~-]+(?=\\))\S*?\\[^\W_]\S*?)(\*\*)?(?!\S)")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_UNDERSCORED = re.compile(
    r"(?<![^\s(«\"'\[])(?P<mark>__?)(?=[^\s_])(?P<text>[^_\n]+)(?P=mark)(?=[.,;:!?)»\"'\]]*(?:\s|$))"
)
_BOLD = re.compile(r"(?<![\\*])\*\*(?!\*)([^*\n]+)\*\*(?!\*)")


def as_typed(text: str) -> str:
    """Return `text` as Markdown in which numbers, signs, underscores and paths are not taken for markup."""
    lines, output, lists = re.sub(f"[{MARK}\ue001\ue002]", " ", text).split("\n"), [], _Lists()
    lists.has_tight_bullets = len(_TIGHT_LINES.findall(text)) > 1
    last_fence = max((index for index, line in enumerate(lines) if _CLOSING_FENCE.fullmatch(line)), default=0)
    in_code = False
    for index, line in enumerate(lines):
        if in_code or (index < last_fence and _FENCE.fullmatch(line)):
            in_code = not in_code or not _CLOSING_FENCE.fullmatch(line)
            output.append(line)
        else:
            output.extend(_line(line, lists, text))
    return "\n".join(output)


class _Lists:
    """The open lists: the indentation of each level, and the last number and the delimiter of each."""

    def __init__(self):
        self.indents: list[int] = []
        self.numbers: list[int] = []
        self.delimiter = "."
        self.after_blank = False
        # Whether “-item” starts an item.
        self.has_tight_bullets = False

    def open_item(self, indent: int) -> str:
        """Return the indentation of an item in Markdown, four spaces a level."""
        while self.indents and indent < self.indents[-1]:
            self.indents.pop()
        if not self.indents or indent > self.indents[-1] + 1:
            self.indents.append(indent)
        return "    " * (len(self.indents) - 1)

    def open_number(self, indent: int, number: int) -> str:
        """Return the start of a numbered item in Markdown, or an empty string if `number` does not count on."""
        before = list(self.indents)
        margin = self.open_item(indent)
        level = len(self.indents) - 1
        last = self.numbers[level] if level < len(self.numbers) else 0
        if number not in (1, last + 1):
            self.indents = before
            return ""
        if number == 1 and last:
            # Another list: with the same delimiter it would go on as 2.
            self.delimiter = ")" if self.delimiter == "." else "."
        self.numbers = [*self.numbers[:level], *[0] * (level - len(self.numbers)), number]
        return f"{margin}{number}{self.delimiter} "

    def close(self) -> None:
        """Close all lists. The numbers at the margin may go on after a paragraph."""
        self.indents, self.numbers = [], self.numbers[:1]


def _line(line: str, lists: _Lists, text: str) -> list[str]:
    """Return the lines that replace `line`."""
    content = line.lstrip(" \t\u00a0")
    if not content:
        lists.after_blank = True
        return [""]
    after_blank, lists.after_blank = lists.after_blank, False
    indent = len(line[: len(line) - len(content)].expandtabs(4))
    if _RULE.fullmatch(content):
        # After an empty line, or the line above would be a heading.
        lists.close()
        return ["", "---", ""]
    if _SHORT_RULE.fullmatch(content):
        return [f"\\{content}"]
    bullet = _BULLET.match(content) or (lists.has_tight_bullets and _TIGHT_BULLET.match(content))
    if bullet:
        return [f"{lists.open_item(indent)}- {_item(content[bullet.end() :])}"]
    if number := _NUMBER.match(content):
        # A year at the start of a line is no rank, and “1)” would become “1.”.
        if number[2] == "." and (start := lists.open_number(indent, int(number[1]))):
            return [start + _item(content[number.end() :])]
        # Not in the item above.
        before = [""] if lists.indents and not indent and not after_blank else []
        if before:
            lists.close()
        return [*before, _item(content)]
    if indent and lists.indents and after_blank:
        return ["    " * len(lists.indents) + _inline(content)]
    if after_blank or _HEADING.match(content):
        lists.close()
    definition = _DEFINITION.match(content)
    if _SIGN.match(content) or (definition and text.count(definition[1]) == 1):
        return [f"\\{content[0]}{_inline(content[1:])}"]
    # Without its indentation: four spaces would make it code.
    return [_inline(content)]


def _item(content: str) -> str:
    """Return the text of an item; a number or a sign at its start is text, not another list: “- 1) Java”."""
    if number := _NUMBER.match(content):
        return f"{number[1]}\\{number[2]} {_inline(content[number.end() :])}"
    if _SIGN.match(content):
        return f"\\{content[0]}{_inline(content[1:])}"
    return _inline(content)


def without_bullet(line: str) -> str:
    """Return a line of a pasted list without its bullet."""
    line = line.strip()
    bullet = _BULLET.match(line) or _TIGHT_BULLET.match(line)
    return line[bullet.end() :] if bullet else line


def _inline(line: str) -> str:
    """Return a line with underscores in words and paths escaped, and with marks of bold text that Markdown reads."""
    kept: list[str] = []

    def mask(part: str) -> str:
        kept.append(part)
        return f"\ue001{len(kept) - 1}\ue002"

    def unmask(match: re.Match) -> str:
        # A path may contain code or a URL.
        return _MASK.sub(unmask, kept[int(match[1])])

    if _FENCE.match(line):
        # No code: it is not closed, or in the item of a list.
        return line.replace("`", "\\`")
    line = _LITERAL.sub(lambda match: mask(match[0]), line)
    if "\\" in line:
        line = _PATH.sub(
            lambda match: (match[1] or "") + mask(_PUNCTUATION.sub(r"\\\g<0>", match[2])) + (match[3] or ""), line
        )
    if "_" in line:
        line = re.sub(r"(?<!\\)_", r"\\_", _UNDERSCORED.sub(_stars, line))
    if "*" in line:
        line = re.sub(r"(?<=\d)\*(?=\d)", r"\\*", _BOLD.sub(_bold, line))
    if "~" in line:
        line = _TILDES.sub(lambda match: "\\~" * len(match[0]), line)
    return _MASK.sub(unmask, line)


def _stars(match: re.Match) -> str:
    """Return emphasis with underscores as emphasis with stars. `__init__` is a name."""
    if match["mark"] == "__" and re.fullmatch(r"[a-z0-9]+", match["text"]):
        return match[0]
    stars = "*" * len(match["mark"])
    content = match["text"].rstrip()
    return f"{stars}{content}{stars}{match['text'][len(content) :]}"


def _bold(match: re.Match) -> str:
    """Return bold text without spaces inside of its marks. In “2 ** 3 ** 4” they are signs."""
    content = match[1].strip()
    before, after = match[1][: -len(match[1].lstrip())], match[1][len(match[1].rstrip()) :]
    if not content or (before and after):
        return match[0]
    return f"{before or MARK}**{content}**{after or MARK}"
