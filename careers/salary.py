"""The geometry of salary charts: functions from K€ to positions on a scale, without HTML.

The page of a role renders its whole grid (`salary_chart`), the page of an offer its pay relative to one band:

    band = role.bands.filter(level=offer.experience, zone=offer.place.zone).first()
    context["position"] = salary.position(band, offer.pay_min, offer.pay_max) if band and offer.pay_min else None

    {% include "careers/_band.html" with position=position only %}

`position` takes the pay of an offer, in € gross a year; the grid has no daily rates. Positions on a scale are SVG
percentages, with a decimal point in every language.
"""

import math
from dataclasses import dataclass, field

from careers.enums import Level, Zone

# Width of the chart of a whole grid, in SVG units: labels on the left, the scale, amounts on the right.
WIDTH = 640
SCALE_LEFT, SCALE_RIGHT = 128, 540
TOP = 26
LEVEL_HEIGHT, ROW_HEIGHT, LEVEL_GAP = 28, 27, 12
BAR_HEIGHT = 14

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200)
EN_DASH = "\u2013"
NBSP = "\u00a0"


@dataclass(frozen=True)
class SalaryScale:
    """A linear scale in K€ whose ends are round numbers."""

    low: int
    high: int
    step: int

    @property
    def ticks(self) -> list[int]:
        return list(range(self.low, self.high + 1, self.step))

    def share(self, amount: float) -> float:
        """Return the position of `amount` between the ends, from 0 to 1; amounts beyond an end are clamped."""
        return min(max((amount - self.low) / (self.high - self.low), 0), 1)

    def percent(self, amount: float) -> str:
        return _percent(self.share(amount))

    def x(self, amount: float) -> int:
        """Return the x coordinate of `amount` in the chart of a whole grid."""
        return round(SCALE_LEFT + self.share(amount) * (SCALE_RIGHT - SCALE_LEFT))


def _percent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


def scale(amounts, ticks: int = 6) -> SalaryScale:
    """Return a scale that contains all `amounts` (K€), with at most `ticks` round ticks, its ends included."""
    low, high = min(amounts), max(amounts)
    for step in STEPS:
        start = math.floor(low / step) * step
        end = math.ceil(high / step) * step
        if end == start:
            end += step
        if (end - start) // step < ticks:
            break
    return SalaryScale(start, end, step)


def amounts(minimum: float, maximum: float) -> str:
    """Return “75 – 95”, or “70” when both are the same, with one decimal at most: “52,5 – 60”."""
    low, high = _figure(minimum), _figure(maximum)
    return low if low == high else f"{low}{NBSP}{EN_DASH}{NBSP}{high}"


def _figure(amount: float) -> str:
    return f"{round(amount, 1):g}".replace(".", ",")


@dataclass(frozen=True)
class SalaryBar:
    """The bar of one band: `x`, `y` and `width` in SVG units in the wide chart, `start` and `share` in percent."""

    band: object
    label: str
    scale: SalaryScale
    y: int = 0

    @property
    def main(self) -> bool:
        return self.band.zone == Zone.PARIS

    @property
    def amounts(self) -> str:
        return amounts(self.band.minimum, self.band.maximum)

    @property
    def x(self) -> int:
        return self.scale.x(self.band.minimum)

    @property
    def width(self) -> int:
        """Return the width, at least the height, so that a single amount is visible."""
        return max(self.scale.x(self.band.maximum) - self.x, BAR_HEIGHT)

    @property
    def start(self) -> str:
        return self.scale.percent(self.band.minimum)

    @property
    def share(self) -> str:
        return _percent(max(self.scale.share(self.band.maximum) - self.scale.share(self.band.minimum), 0.02))

    @property
    def bar_y(self) -> int:
        return self.y - BAR_HEIGHT // 2


@dataclass(frozen=True)
class LevelGroup:
    """The bars of one level of experience."""

    level: Level
    bars: list[SalaryBar]
    y: int = 0


@dataclass(frozen=True)
class SalaryChart:
    """The chart of a whole grid on one scale."""

    scale: SalaryScale
    groups: list[LevelGroup]
    median: int | None
    height: int
    top: int = TOP
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT
    median_anchor: str = field(default="middle")

    @property
    def bottom(self) -> int:
        return self.height - 24

    @property
    def ticks(self) -> list[tuple[int, int]]:
        """Return (K€, x) of each tick."""
        return [(tick, self.scale.x(tick)) for tick in self.scale.ticks]

    @property
    def median_x(self) -> int:
        return self.scale.x(self.median)

    @property
    def median_percent(self) -> str:
        return self.scale.percent(self.median)


def salary_chart(bands, median: int | None = None) -> SalaryChart | None:
    """Return the grid as bars, by level from the least experienced, then by zone; None without bands."""
    bands = list(bands)
    if not bands:
        return None
    figures = [amount for band in bands for amount in (band.minimum, band.maximum)]
    chart_scale = scale([*figures, median] if median else figures)
    cells = {(band.level, band.zone): band for band in bands}
    groups, y = [], TOP + 6
    for level in Level:
        row = [(zone, cells[level, zone]) for zone in Zone if (level, zone) in cells]
        if not row:
            continue
        heading = y + LEVEL_HEIGHT // 2
        y += LEVEL_HEIGHT
        bars = []
        for zone, band in row:
            bars.append(SalaryBar(band, zone.label, chart_scale, y + ROW_HEIGHT // 2))
            y += ROW_HEIGHT
        groups.append(LevelGroup(level, bars, heading))
        y += LEVEL_GAP
    anchor = "middle"
    if median:
        share = chart_scale.share(median)
        anchor = "start" if share < 0.12 else "end" if share > 0.97 else "middle"
    return SalaryChart(chart_scale, groups, median, y + 24 - LEVEL_GAP // 2, median_anchor=anchor)


@dataclass(frozen=True)
class PayPosition:
    """The position of the pay of an offer relative to a band. `pay_min` and `pay_max` are in K€."""

    band: object
    pay_min: float
    pay_max: float
    scale: SalaryScale

    @property
    def verdict(self) -> str:
        """Return below, above, within, wider (than the band), low or high (across that end of the band)."""
        band = self.band
        if self.pay_max < band.minimum:
            return "below"
        if self.pay_min > band.maximum:
            return "above"
        if self.pay_min >= band.minimum and self.pay_max <= band.maximum:
            return "within"
        if self.pay_min < band.minimum and self.pay_max > band.maximum:
            return "wider"
        return "low" if self.pay_min < band.minimum else "high"

    @property
    def sentence(self) -> str:
        return {
            "below": "Cette offre se situe au-dessous de la fourchette.",
            "above": "Cette offre se situe au-dessus de la fourchette.",
            "within": "Cette offre se situe dans la fourchette.",
            "wider": "Cette offre déborde la fourchette des deux côtés.",
            "low": "Cette offre commence au-dessous de la fourchette et la rejoint.",
            "high": "Cette offre commence dans la fourchette et la dépasse.",
        }[self.verdict]

    @property
    def band_amounts(self) -> str:
        return amounts(self.band.minimum, self.band.maximum)

    @property
    def pay_amounts(self) -> str:
        return amounts(self.pay_min, self.pay_max)

    # Percentages of the width of the chart.

    @property
    def band_start(self) -> str:
        return self.scale.percent(self.band.minimum)

    @property
    def band_share(self) -> str:
        return _percent(max(self.scale.share(self.band.maximum) - self.scale.share(self.band.minimum), 0.02))

    @property
    def pay_start(self) -> str:
        """Return the start in percent; the bar is at least 2 % wide, and grows leftward at the right end."""
        return _percent(min(self.scale.share(self.pay_min), 0.98))

    @property
    def pay_share(self) -> str:
        return _percent(max(self.scale.share(self.pay_max) - self.scale.share(self.pay_min), 0.02))


def position(band, pay_min: int, pay_max: int) -> PayPosition:
    """Return the position of the pay of an offer, in € gross a year, relative to `band`, a SalaryBand."""
    low, high = pay_min / 1000, pay_max / 1000
    # A margin on both sides, so that the ends of the bars are visible.
    ends = (min(low, band.minimum), max(high, band.maximum))
    margin = max((ends[1] - ends[0]) * 0.15, 2)
    return PayPosition(band, low, high, scale((max(ends[0] - margin, 0), ends[1] + margin)))
