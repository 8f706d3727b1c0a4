"""The palette of static/css/tokens.css is the only one, for the site, the admin, mails and charts."""

import re
from itertools import chain
from pathlib import Path

import pytest

from jobboard.palette import TOKENS, palette

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = ("light", "dark")
COLOUR = re.compile(
    r"(?<![&\w])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![\w-])|\b(?:rgba?|hsla?|oklch)\([^)]*\)", re.I
)
# A QR code in black on white, an image that a test uploads, and this module.
EXCLUDED_FILES = {"templates/mfa/totp/_qr.html", "tests/browser/seed.py", "tests/site/test_palette.py"}


def iterate_sources():
    folders = ("static", "templates", "jobboard", "careers", "offers", "docs", "tests")
    for path in chain.from_iterable((ROOT / folder).rglob("*.*") for folder in folders):
        if path.suffix in {".css", ".html", ".js", ".py", ".svg", ".txt"} and path != TOKENS:
            yield path


def test_every_colour_is_a_token_of_the_palette():
    """Icons and the theme colour load no style sheet: they repeat the value of a token."""
    values = {value for scheme in SCHEMES for value in palette(scheme).values()}
    unknown = [
        f"{path.relative_to(ROOT)}:{index}: {colour}"
        for path in iterate_sources()
        if str(path.relative_to(ROOT)) not in EXCLUDED_FILES
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for colour in COLOUR.findall(line)
        if path.suffix == ".css" or colour.lower() not in values
    ]
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tokens_have_plain_values(scheme):
    tokens = palette(scheme)
    assert tokens["accent"] == tokens["ok"]
    assert not [name for name, value in tokens.items() if "var(" in value or "light-dark(" in value]
    assert palette("light")["paper"] != palette("dark")["paper"]


def test_every_token_is_declared_once_and_used():
    text = TOKENS.read_text(encoding="utf-8")
    names = re.findall(r"^ +--([\w-]+):", text, re.MULTILINE)
    assert len(names) == len(set(names))
    assert set(names) == set(palette("light"))
    used = text + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "static/css").glob("*.css"))
    assert not [name for name in names if f"var(--{name})" not in used]


def test_every_variable_of_a_style_sheet_is_defined():
    sheets = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static/css").glob("*.css")}
    defined = {name: set(re.findall(r"(--[\w-]+):", text)) for name, text in sheets.items()}
    for name, text in sheets.items():
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined[name] | defined["tokens.css"], name


def relative_luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb as defined by WCAG 2."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("text", "background"),
    [
        *((text, background) for text in ("ink", "muted", "accent") for background in ("paper", "surface", "sunken")),
        *((text, f"{text}-soft") for text in ("accent", "warn", "error")),
        ("accent-ink", "accent"),
        ("accent-ink", "accent-strong"),
        ("ink", "mark"),
    ],
)
def test_text_has_a_contrast_of_at_least_4_5(scheme, text, background):
    tokens = palette(scheme)
    darker, lighter = sorted(relative_luminance(tokens[name]) for name in (text, background))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
