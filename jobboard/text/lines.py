import re
import unicodedata

from django.core.exceptions import ValidationError


def one_line(text):
    """Validate that `text` has no line breaks or control characters, for fields used in mail headers."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise ValidationError("Ce champ tient sur une seule ligne.", code="one_line")


def in_one_line(text: str) -> str:
    """Return `text` for a mail header: line breaks and control characters become spaces, no-break spaces stay."""
    return re.sub(r"[ \x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")
