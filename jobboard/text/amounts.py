"""Parse amounts in euros as people type them."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from jobboard.text.numbers import NBSP, thousands

_MAX_LENGTH = 40
_SPACES = re.compile(r"\s+")
_CURRENCY = r"(?:€|eur|euros?)"
_AMOUNT = re.compile(
    rf"{_CURRENCY}?[ ]?(?P<number>[0-9][0-9 .,'’]*?)[ ]?(?P<kilo>k?)[ ]?{_CURRENCY}?(?:[ ](?:bruts?|ht))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"[0-9k€] ?(?:-|–|—|à|a|/|et) ?[0-9]", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(?:([ .,'’])[0-9]{3})(?:\1[0-9]{3})*")
_DECIMAL = re.compile(r"(?P<whole>.*?)(?:[.,](?P<fraction>[0-9]{1,3}))?")
# A number below it in a field for yearly pay is an amount in thousands. Above, up to 999, it may be a daily rate.
_MAX_THOUSANDS = 200


def parse_amount(text: str, *, assume_thousands: bool = False) -> int:
    """Return an amount in whole euros. Raise ValidationError if it is not one, or if it has two meanings.

    With `assume_thousands`, for yearly pay, “45” and “45,5” are thousands.

    >>> parse_amount("45,5 k€"), parse_amount("45.500 €"), parse_amount("45", assume_thousands=True)
    (45500, 45500, 45000)
    """
    typed = _SPACES.sub(" ", text).strip()
    match = _AMOUNT.fullmatch(typed) if len(typed) <= _MAX_LENGTH else None
    if match is None:
        if len(typed) <= _MAX_LENGTH and _RANGE.search(typed):
            raise ValidationError("Un seul montant ici, pas une fourchette.", code="range")
        raise _invalid(assume_thousands)
    kilo = bool(match["kilo"])
    amounts = {_scale(number, kilo, assume_thousands) for number in _readings(match["number"].strip(), kilo)}
    if not amounts:
        raise _invalid(assume_thousands)
    if len(amounts) > 1:
        raise ValidationError(
            f"«{NBSP}{typed}{NBSP}» a deux sens{NBSP}: écrivez le montant sans point ni virgule, par exemple "
            f"{thousands(int(min(amounts)) if kilo else int(max(amounts)))}.",
            code="ambiguous",
        )
    [amount] = amounts
    if assume_thousands and not kilo and _MAX_THOUSANDS <= amount < 1000:
        raise ValidationError(
            f"«{NBSP}{typed}{NBSP}» est-il un tarif par jour, ou {thousands(int(amount * 1000))}{NBSP}€ par an{NBSP}? "
            "Écrivez le montant annuel en entier.",
            code="ambiguous",
        )
    if amount != int(amount):
        raise ValidationError(
            f"Un montant sans centimes est attendu, par exemple {thousands(int(amount))}.", code="cents"
        )
    return int(amount)


def _readings(number: str, kilo: bool) -> set[Decimal]:
    """Return the meanings of a number: “1,500” is 1 500 or 1,5, “45.500,00” and “45 500” are 45 500."""
    readings = set()
    if grouped := _GROUPED.fullmatch(number):
        readings.add(Decimal(re.sub(r"[^0-9]", "", number)))
        # In French a dot groups digits, a comma does not. “45.500 k” is hardly 45 500 thousands.
        if number.count(grouped[1]) > 1 or grouped[1] not in (".," if kilo else ","):
            return readings
    match = _DECIMAL.fullmatch(number)
    whole = match["whole"]
    if whole.isdecimal() or (_GROUPED.fullmatch(whole) and number[len(whole) : len(whole) + 1] != whole[-4]):
        readings.add(Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{match['fraction'] or 0}"))
    return readings


def _scale(number: Decimal, kilo: bool, assume_thousands: bool) -> Decimal:
    return number * 1000 if kilo or (assume_thousands and number < _MAX_THOUSANDS) else number


def _invalid(assume_thousands: bool) -> ValidationError:
    example = thousands(45_000 if assume_thousands else 500)
    return ValidationError(f"Un montant en euros est attendu, par exemple {example}.", code="invalid")
