"""Draw the chart of docs/benchmarks.md: p50 and p95 of each case by number of offers, on a logarithmic scale."""

import math
from html import escape

from jobboard.palette import palette
from tests.bench.targets import FOR_TIMES, Runs

# Tokens of the series, by number of offers in ascending order.
SERIES = ("band", "accent", "ink")
WIDTH, LEFT, RIGHT, TOP, BAND, STEP = 900, 300, 30, 84, 14, 12
# Class, property and colour token (static/css/tokens.css) of each element.
COLOURS = [
    ("paper", "fill", "surface"),
    ("ink", "fill", "ink"),
    ("quiet", "fill", "muted"),
    ("line", "stroke", "line"),
    ("stripe", "fill", "paper"),
    ("target", "stroke", "warn"),
    ("bare", "stroke", "muted"),
    *((f"s{index}", attribute, token) for index, token in enumerate(SERIES) for attribute in ("fill", "stroke")),
]
FONTS = """
    text { font: 13px system-ui, sans-serif; font-variant-numeric: tabular-nums }
    .title { font-size: 17px; font-weight: 700 } .small { font-size: 12px }
    .end { text-anchor: end } .mid { text-anchor: middle }
"""


def style() -> str:
    """Return the style sheet of the chart: light and dark colours of the palette, and fonts."""
    light, dark = (
        "\n".join(f"    .{name} {{ {attribute}: {palette(scheme)[token]} }}" for name, attribute, token in COLOURS)
        for scheme in ("light", "dark")
    )
    return f"\n{light}\n    @media (prefers-color-scheme: dark) {{\n{dark}\n    }}{FONTS}"


def chart(runs: Runs) -> str:
    sizes = [size for size, run in runs.items() if run["cases"]]
    rows = list(dict.fromkeys(slug for size in sizes for slug in runs[size]["cases"]))
    names = {slug: case["name"] for size in sizes for slug, case in runs[size]["cases"].items()}
    figures = [case[FOR_TIMES] for size in sizes for case in runs[size]["cases"].values()]
    if not figures:
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {TOP}"/>\n'
    low = 10 ** math.floor(math.log10(min(min(each["p50"], each["bare"]["p50"]) for each in figures) * 1000))
    high = max(max(each["p95"] for each in figures) * 1000 * 1.2, 120)

    def x(ms: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * math.log(ms / low) / math.log(high / low), 1)

    row_height = BAND + STEP * len(sizes)
    bottom = TOP + row_height * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 46}"'
        ' role="img" aria-labelledby="t d">',
        '  <title id="t">Time of each case by number of offers</title>',
        '  <desc id="d">The same figures stand in the tables of the page.</desc>',
        f"  <style>{style()}  </style>",
        f'  <rect class="paper" width="{WIDTH}" height="{bottom + 46}"/>',
        '  <text class="ink title" x="20" y="30">Milliseconds from request to complete response</text>',
        *_legend(sizes),
    ]
    for index in range(0, len(rows), 2):
        y = TOP + index * row_height
        parts.append(f'  <rect class="stripe" x="0" y="{y}" width="{WIDTH}" height="{row_height}"/>')
    for ms in (tick * power for power in (0.1, 1, 10, 100, 1000) for tick in (1, 2, 5)):
        if low <= ms <= high:
            kind = "target" if ms == 100 else "line"
            dashes = ' stroke-dasharray="4 3"' if ms == 100 else ""
            parts.append(f'  <line class="{kind}" x1="{x(ms)}" x2="{x(ms)}" y1="{TOP}" y2="{bottom}"{dashes}/>')
            parts.append(f'  <text class="quiet small mid" x="{x(ms)}" y="{bottom + 18}">{ms:g}</text>')
    parts.append(
        f'  <text class="quiet small end" x="{WIDTH - RIGHT}" y="{bottom + 38}">ms, logarithmic;'
        " dashes: the target of 100 ms</text>"
    )
    for row, slug in enumerate(rows):
        y = TOP + row * row_height
        parts.append(f'  <text class="ink" x="20" y="{y + row_height / 2 + 4:g}">{escape(names[slug])}</text>')
        for series, size in enumerate(sizes):
            if slug in runs[size]["cases"]:
                parts += _figure(runs[size]["cases"][slug][FOR_TIMES], x, y + BAND / 2 + STEP * (series + 0.5), series)
    return "\n".join([*parts, "</svg>", ""])


def _figure(figures: dict, x, y: float, series: int) -> list[str]:
    p50, p95, bare = (x(value * 1000) for value in (figures["p50"], figures["p95"], figures["bare"]["p50"]))
    return [
        f'  <line class="bare" x1="{bare}" x2="{bare}" y1="{y - 5:g}" y2="{y + 5:g}" stroke-width="2"/>',
        f'  <line class="s{series}" x1="{p50}" x2="{p95}" y1="{y:g}" y2="{y:g}" stroke-width="2"/>',
        f'  <circle class="s{series}" cx="{p50}" cy="{y:g}" r="4.5"/>',
        f'  <line class="s{series}" x1="{p95}" x2="{p95}" y1="{y - 3:g}" y2="{y + 3:g}" stroke-width="2"/>',
    ]


def _legend(sizes: list[int]) -> list[str]:
    parts, left = [], 20
    for series, size in enumerate(sizes):
        parts.append(f'  <circle class="s{series}" cx="{left + 5}" cy="54" r="4.5"/>')
        parts.append(f'  <text class="quiet" x="{left + 16}" y="58">{size:,} offers</text>')
        left += 130
    parts.append(f'  <line class="bare" x1="{left + 5}" x2="{left + 5}" y1="49" y2="59" stroke-width="2"/>')
    parts.append(f'  <text class="quiet" x="{left + 16}" y="58">bare view of the same size, p50</text>')
    parts.append(f'  <text class="quiet" x="{left + 250}" y="58">dot p50, end of the line p95</text>')
    return parts
