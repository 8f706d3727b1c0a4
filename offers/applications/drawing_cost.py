"""The content that a reader runs to show a PDF: bounded, because a small file can take hours.

A form that draws two forms, which draw two each, and so on for fifty levels, has a few kilobytes. Part of the inspector
(`inspect_pdf.py`), which runs in a process of its own: import nothing from the site.
"""

from decimal import Decimal
from math import prod

import pikepdf

# For all pages, with each use of a form, an image, a pattern, a mask or a glyph. Vector drawings on sixty pages have a
# tenth of it.
MAX_DRAWN_BYTES = 150_000_000
# Longer content is not split into operators, which takes a second for ten megabytes: each use counts as the most
# expensive one.
MAX_PARSED_BYTES = 2_000_000
# Of the tree of pages.
MAX_DEPTH = 50
A4 = (0, 0, 595, 842)


class TooHigh(Exception):
    """Showing the pages takes more than MAX_DRAWN_BYTES."""


def is_too_high(pdf: pikepdf.Pdf) -> bool:
    """Return whether a reader runs too much content to show the pages."""
    try:
        Drawing().add_pages(pdf)
    except TooHigh:
        return True
    return False


class Drawing:
    """Adds up the bytes of content that a reader runs to show pages. Raises TooHigh over MAX_DRAWN_BYTES."""

    # Setting up a form or an image takes as long as many bytes of content; scaling an image as long as some per pixel.
    USE, PIXELS_PER_BYTE = 200, 100
    # Readers keep simple glyphs of Type 3 fonts as bitmaps.
    SIMPLE_GLYPH_BYTES = 20_000

    def __init__(self):
        self._known: dict[tuple, int] = {}
        self._open: set[tuple] = set()
        self._page = None

    def add_pages(self, pdf) -> None:
        total = 0
        for self._page in (page.obj for page in pdf.pages):
            contents, resources = self._page.get("/Contents"), _inherited(self._page, "/Resources")
            total += self._run(self._page, _items(contents) or [contents], resources)
            for annotation in _items(self._page.get("/Annots")):
                look = _entries(annotation, "/AP").get("/N")
                states = [look] if isinstance(look, pikepdf.Stream) else _values(look).values()
                total += max((self._of(state, resources) for state in states), default=0)
            _bound(total)

    def _of(self, stream, inherited, times=1) -> int:
        """Return the bytes that it takes to draw a form, an image, a pattern or a glyph so many times."""
        if not isinstance(stream, pikepdf.Stream):
            return 0
        if stream.get("/Subtype") == "/Image":
            size = [value for key in ("/Width", "/Height") if isinstance(value := stream.get(key), int)]
            return _bound(times * (self.USE + prod(size) // self.PIXELS_PER_BYTE))
        own = stream.get("/Resources")
        key = (stream.objgen, None if is_node(own) else self._page.objgen)
        if key in self._open:
            # It draws itself.
            raise TooHigh
        if key not in self._known:
            self._open.add(key)
            self._known[key] = self.USE + self._run(stream, [stream], own if is_node(own) else inherited)
            self._open.discard(key)
        return _bound(times * self._known[key])

    def _run(self, target, streams, resources) -> int:
        """Return the bytes that the streams of `target`, a page or a stream, take with all that they draw."""
        data = b"\n".join(_decoded(stream) for stream in streams if isinstance(stream, pikepdf.Stream))
        patterns = _entries(resources, "/Pattern")
        fonts = {key: font for key, font in _entries(resources, "/Font").items() if _is_type_3(font)}
        # By operator, the resources that it uses, and a function that returns what one of them takes.
        uses = {
            "Do": (_entries(resources, "/XObject"), lambda value: self._of(value, resources)),
            "gs": (_entries(resources, "/ExtGState"), lambda value: self._of(_mask(value), resources)),
            "scn": (patterns, lambda value: self._tiled(value, resources)),
            "SCN": (patterns, lambda value: self._tiled(value, resources)),
            # The text that follows has at most as many glyphs as the content has bytes.
            "Tf": (fonts, lambda value: len(data) * self._glyph(value, resources)),
        }
        uses = {operator: use for operator, use in uses.items() if use[0] and operator.encode() in data}
        total, instructions = len(data), _instructions(target, data, uses)
        for operator, name in instructions or ():
            values, cost = uses[operator]
            total = _bound(total + (cost(values[name]) if name in values else 0))
        if instructions is None:
            # Each use may be of any resource that is not being drawn.
            for operator, (values, cost) in uses.items():
                most = max((cost(value) for value in values.values() if not self._is_open(value)), default=0)
                total = _bound(total + data.count(operator.encode()) * most)
        return total

    def _is_open(self, value) -> bool:
        return isinstance(value, pikepdf.Stream) and any(objgen == value.objgen for objgen, _ in self._open)

    def _glyph(self, font, resources) -> int:
        """Return the bytes of the most expensive glyph of a Type 3 font, 0 for simple ones."""
        own = font.get("/Resources")
        own = own if is_node(own) else resources
        most = max((self._of(glyph, own) for glyph in _entries(font, "/CharProcs").values()), default=0)
        return most if most > self.SIMPLE_GLYPH_BYTES else 0

    def _tiled(self, pattern, resources) -> int:
        """Return the bytes of a pattern that covers the page."""
        if not isinstance(pattern, pikepdf.Stream):
            return 0
        left, bottom, right, top = _numbers(_inherited(self._page, "/MediaBox"), 4) or A4
        a, b, c, d, _, _ = _numbers(pattern.get("/Matrix"), 6) or (1, 0, 0, 1, 0, 0)
        steps = _numbers([pattern.get("/XStep"), pattern.get("/YStep")], 2) or (0, 0)
        tile = abs(prod(steps) * (a * d - b * c))
        # A step of 0 is not valid.
        times = abs((right - left) * (top - bottom)) / tile if tile else 1
        return self._of(pattern, resources, times=max(1, int(min(times, MAX_DRAWN_BYTES))))


def _instructions(target, data: bytes, operators) -> list[tuple[str, str]] | None:
    """Return each use of these operators with the name of its resource; None if the content `data` is not split."""
    if not operators:
        return []
    if len(data) > MAX_PARSED_BYTES:
        return None
    try:
        parsed = pikepdf.parse_content_stream(target, " ".join(operators))
    except (pikepdf.PdfError, TypeError):
        return None
    # The name is the last operand; the font has its size after it.
    names = [
        (str(each.operator), list(each.operands)[-2 if str(each.operator) == "Tf" else -1 :][:1]) for each in parsed
    ]
    return [
        (operator, str(name)) for operator, operands in names for name in operands if isinstance(name, pikepdf.Name)
    ]


def _bound(drawn: int) -> int:
    if drawn > MAX_DRAWN_BYTES:
        raise TooHigh
    return drawn


def _decoded(stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:
        return stream.read_raw_bytes()


def _items(value) -> list:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _values(node) -> dict:
    return {key: node[key] for key in list(node.keys())} if is_node(node) else {}


def _entries(node, kind: str) -> dict:
    """Return the entries of a dictionary within `node`, empty if there is none."""
    return _values(node.get(kind)) if is_node(node) else {}


def _inherited(page, key: str):
    """Return an entry of a page, or of a node above it in the tree of pages."""
    for _ in range(MAX_DEPTH):
        if not is_node(page) or key in page:
            break
        page = page.get("/Parent")
    return page.get(key) if is_node(page) else None


def _numbers(values, count: int) -> list[float]:
    """Return the values as numbers, or an empty list if they are not `count` numbers."""
    values = list(values) if isinstance(values, pikepdf.Array | list) else []
    if len(values) != count or not all(isinstance(value, int | float | Decimal) for value in values):
        return []
    return [float(value) for value in values]


def _is_type_3(font) -> bool:
    return is_node(font) and font.get("/Subtype") == "/Type3"


def _mask(state):
    """Return the form of the soft mask of a graphics state, or None."""
    mask = state.get("/SMask") if is_node(state) else None
    return mask.get("/G") if is_node(mask) else None


def is_node(value) -> bool:
    """Return whether a value is a dictionary. Readers take the dictionary of a stream for one."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Stream)
