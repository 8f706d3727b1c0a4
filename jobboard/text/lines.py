import unicodedata

from django.core.exceptions import ValidationError


def one_line(text):
    """Refuse line breaks and control characters: these fields end up in the headers of mails."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise ValidationError("Ce champ tient sur une seule ligne.", code="one_line")
