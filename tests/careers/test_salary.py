"""Geometry of the salary chart and position of an offer in a salary band, without a database."""

import pytest

from careers import salary
from careers.models import SalaryBand


def make_band(minimum, maximum, level="expert", zone="paris"):
    return SalaryBand(level=level, zone=zone, minimum=minimum, maximum=maximum, source="Enquête", year=2026)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [([60, 140], (60, 140, 20)), ([75], (75, 76, 1)), ([41, 59], (40, 60, 5)), ([10, 999], (0, 1000, 200))],
)
def test_scale_has_round_limits(figures, expected):
    scale = salary.scale(figures)
    assert (scale.low, scale.high, scale.step) == expected
    assert len(scale.ticks) <= 6


def test_chart_orders_levels_and_zones():
    bands = [make_band(100, 140), make_band(60, 65, "confirme", "regions"), make_band(75, 95, "confirme", "paris")]
    chart = salary.salary_chart(bands, median=93)
    assert [group.level for group in chart.groups] == ["confirme", "expert"]
    assert [bar.label for bar in chart.groups[0].bars] == ["Paris", "Régions"]
    assert chart.groups[1].bars[0].x == chart.scale.x(100)
    ys = [bar.y for group in chart.groups for bar in group.bars]
    assert ys == sorted(set(ys))
    assert max(ys) < chart.bottom < chart.height
    assert salary.salary_chart([]) is None


def test_median_outside_the_bands_widens_the_scale():
    chart = salary.salary_chart([make_band(60, 65)], median=93)
    assert chart.scale.low <= 60
    assert chart.scale.high >= 93


@pytest.mark.parametrize(
    ("pay", "verdict"),
    [
        ((50_000, 59_999), "below"),
        ((50_000, 60_000), "low"),
        ((60_000, 80_000), "within"),
        ((65_000, 65_000), "within"),
        ((70_000, 80_500), "high"),
        ((80_001, 90_000), "above"),
        ((50_000, 90_000), "wider"),
    ],
)
def test_position_of_an_offer_in_its_band(pay, verdict):
    position = salary.position(make_band(60, 80), *pay)
    assert position.verdict == verdict
    assert position.sentence.startswith("Cette offre")
    starts = [float(percent.rstrip("%")) for percent in (position.band_start, position.pay_start)]
    shares = [float(percent.rstrip("%")) for percent in (position.band_share, position.pay_share)]
    for start, share in zip(starts, shares, strict=True):
        assert 0 <= start <= 100
        assert share >= 2
        assert start + share <= 100.1


def test_format_of_amounts():
    assert salary.amounts(75, 95) == "75\u00a0–\u00a095"
    assert salary.amounts(52.5, 52.5) == "52,5"
    assert salary.amounts(45.0, 60.25) == "45\u00a0–\u00a060,2"
