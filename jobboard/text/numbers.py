"""Numbers and amounts in French typography."""

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"


def thousands(value: int | None) -> str:
    """Return 1234567 as “1 234 567”, with narrow no-break spaces."""
    return "" if value is None else f"{value:,}".replace(",", NARROW_NBSP)


def euros(amount: int | None) -> str:
    """Return 45000 as “45 000 €”."""
    return "" if amount is None else f"{thousands(amount)}{NBSP}€"
