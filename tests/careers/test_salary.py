"""Geometry only: no database."""

import pytest

from careers import salary
from careers.models import SalaryBand


def band(low, high, level="expert", zone="paris"):
    return SalaryBand(level=level, zone=zone, minimum=low, maximum=high, source="Enquête", year=2026)


@pytest.mark.parametrize(
    ("figures", "ends"),
    [([60, 140], (60, 140, 20)), ([75], (75, 76, 1)), ([41, 59], (40, 60, 5)), ([10, 999], (0, 1000, 200))],
)
def test_scale_ends_on_round_figures(figures, ends):
    scale = salary.scale(figures)
    assert (scale.low, scale.high, scale.step) == ends
    assert len(scale.ticks) <= 6


def test_picture_puts_levels_and_zones_in_their_order():
    bands = [band(100, 140), band(60, 65, "confirme", "regions"), band(75, 95, "confirme", "paris")]
    picture = salary.salary_chart(bands, median=93)
    assert [group.level for group in picture.groups] == ["confirme", "expert"]
    assert [bar.label for bar in picture.groups[0].bars] == ["Paris", "Régions"]
    assert picture.groups[1].bars[0].x == picture.scale.x(100)
    ys = [bar.y for group in picture.groups for bar in group.bars]
    assert ys == sorted(set(ys))
    assert max(ys) < picture.bottom < picture.height
    assert salary.salary_chart([]) is None


def test_median_beyond_the_ranges_widens_the_scale():
    picture = salary.salary_chart([band(60, 65)], median=93)
    assert picture.scale.low <= 60
    assert picture.scale.high >= 93


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
def test_position_of_an_offer(pay, verdict):
    position = salary.position(band(60, 80), *pay)
    assert position.verdict == verdict
    assert position.sentence.startswith("Cette offre")
    starts = [float(place.rstrip("%")) for place in (position.band_start, position.pay_start)]
    shares = [float(place.rstrip("%")) for place in (position.band_share, position.pay_share)]
    for start, share in zip(starts, shares, strict=True):
        assert 0 <= start <= 100
        assert share >= 2
        assert start + share <= 100.1


def test_amounts_in_words():
    assert salary.amounts(75, 95) == "75\u00a0–\u00a095"
    assert salary.amounts(52.5, 52.5) == "52,5"
    assert salary.amounts(45.0, 60.25) == "45\u00a0–\u00a060,2"
