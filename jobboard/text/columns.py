"""Model fields for what people type, with the form fields of `jobboard.text.fields`.

Django calls `to_python` for saved values and for lookups too: both spellings of an address find the same row.
"""

from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from jobboard.text import fields
from jobboard.text.cleaning import clean_line, clean_text
from jobboard.text.emails import clean_email
from jobboard.text.phones import validate_phone


class LineColumn(models.CharField):
    """A text on one line, without control and invisible characters."""

    def to_python(self, value):
        value = super().to_python(value)
        return clean_line(value) if value else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": fields.LineField, **kwargs})


class ProseColumn(models.TextField):
    """A text on several lines, without control and invisible characters."""

    def to_python(self, value):
        value = super().to_python(value)
        return clean_text(value) if value else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": fields.ProseField, **kwargs})


class EmailColumn(models.EmailField):
    """An e-mail address in the spelling of `clean_email`."""

    def to_python(self, value):
        value = super().to_python(value)
        return clean_email(value) if value else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": fields.EmailField, **kwargs})


class PhoneColumn(PhoneNumberField):
    default_validators = [validate_phone]

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": fields.PhoneField, **kwargs})
