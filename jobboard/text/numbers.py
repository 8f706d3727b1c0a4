"""Numbers and amounts in French typography."""

from math import ceil

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"


def thousands(value: int | None) -> str:
    """Return 1234567 as “1 234 567”, with narrow no-break spaces."""
    return "" if value is None else f"{value:,}".replace(",", NARROW_NBSP)


def euros(amount: int | None) -> str:
    """Return 45000 as “45 000 €”."""
    return "" if amount is None else f"{thousands(amount)}{NBSP}€"


def plural(count: float, endings: str = "s") -> str:
    """Return the ending of a French word after a count, plural from 2 on: “0 offre”, “1 offre”, “2 offres”.

    `endings` is that of the plural, or those of the singular and the plural: “s”, “x”, “al,aux”, “,nt”.
    """
    singular, _, several = endings.rpartition(",")
    return several if abs(count) >= 2 else singular


def counted(count: int, words: str) -> str:
    """Return a count with a noun and its adjectives, which all take an “s”: “0 ligne effacée”, “2 lignes effacées”."""
    return f"{thousands(count)}{NBSP}{' '.join(word + plural(count) for word in words.split())}"


def megabytes(size: int) -> str:
    """Return 5000001 bytes as “5,1 Mo” and 5000000 as “5 Mo”: rounded up, in megabytes of 10⁶ bytes.

    Rounded up, because a size beyond a limit must not read like the limit.
    """
    tenths = ceil(size / 100_000)
    return f"{tenths / 10:g}".replace(".", ",") + f"{NBSP}Mo"
