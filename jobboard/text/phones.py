"""Telephone numbers of France and its territories overseas in the spellings that people use."""

import re

from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber, to_python
from phonenumbers import is_possible_number

from jobboard.text.cleaning import clean_line
from jobboard.text.numbers import NBSP

# Country codes of the territories by the first digits of their numbers after the 0.
_OVERSEAS = {
    262: ("262", "263", "269", "639", "692", "693"),  # Réunion, Mayotte
    590: ("590", "690", "691"),  # Guadeloupe, Saint-Martin, Saint-Barthélemy
    594: ("594", "694"),  # Guyane
    596: ("596", "696", "697"),  # Martinique
}
_CODES = {prefix: code for code, prefixes in _OVERSEAS.items() for prefix in prefixes}
_OVERSEAS_NUMBER = re.compile(rf"(?:0|\+33|0033)((?:{'|'.join(_CODES)})[0-9]{{6}})")
# Tried in this order for national numbers of new ranges, and for Saint-Pierre-et-Miquelon.
_REGIONS = ("FR", "RE", "GP", "MQ", "GF", "YT", "PM")

FRENCH_NUMBER, OVERSEAS_NUMBER, FOREIGN_NUMBER = (
    number.replace(" ", NBSP) for number in ("06 12 34 56 78", "0692 12 34 56", "+32 470 12 34 56")
)
INVALID = (
    f"Ce numéro n’est pas valable. Exemples{NBSP}: {FRENCH_NUMBER}, {OVERSEAS_NUMBER}, {FOREIGN_NUMBER} (Belgique)."
)
MISSING_CODE = (
    f"Ajoutez l’indicatif{NBSP}: +687 (Nouvelle-Calédonie), +689 (Polynésie française), +681 (Wallis-et-Futuna) ou "
    "+508 (Saint-Pierre-et-Miquelon)."
)


def parse_phone(text: str) -> PhoneNumber:
    """Return the number of a telephone in any usual spelling. Raise ValidationError with the reason."""
    typed = clean_line(text)
    compact = re.sub(r"[^0-9+]", "", typed.replace("(0)", ""))
    if match := _OVERSEAS_NUMBER.fullmatch(compact):
        return to_python(f"+{_CODES[match[1][:3]]}{match[1]}")
    # Six digits are a number of several territories.
    for region in _REGIONS if compact.startswith(("0", "+")) else ():
        number = to_python(typed, region=region)
        if number and number.is_valid():
            return number
    raise ValidationError(
        MISSING_CODE if re.fullmatch(r"[1-9](?:[0-9]{5}|[0-9]{7})", compact) else INVALID, code="invalid"
    )


def validate_phone(number: PhoneNumber) -> None:
    """Accept the numbers of `parse_phone`: overseas also in ranges that are newer than the list of valid ones."""
    if not number.is_valid() and not (number.country_code in _OVERSEAS and is_possible_number(number)):
        raise ValidationError(INVALID, code="invalid")
