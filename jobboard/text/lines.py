import re
import unicodedata

from django.core.exceptions import ValidationError


def one_line(text):
    """Refuse line breaks and control characters: these fields end up in the headers of mails."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise ValidationError("Ce champ tient sur une seule ligne.", code="one_line")


def in_one_line(text: str) -> str:
    """Without line breaks and the like, as the header of a mail must be, and with its non-breaking spaces."""
    return re.sub(r"[ \x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")
