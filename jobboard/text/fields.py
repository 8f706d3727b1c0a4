"""Form fields for what people type: each kind is cleaned in one way, and errors name the cause."""

from django import forms
from django.core.exceptions import ValidationError
from phonenumber_field.formfields import PhoneNumberField

from jobboard.text.amounts import parse_amount
from jobboard.text.cleaning import clean_line, clean_text, require_one_line
from jobboard.text.emails import clean_email, explain_email
from jobboard.text.numbers import thousands
from jobboard.text.phones import parse_phone, validate_phone


class LineField(forms.CharField):
    """A text on one line."""

    def to_python(self, value):
        value = super().to_python(value)
        require_one_line(value or "")
        return clean_line(value) if value else value


class ProseField(forms.CharField):
    """A text on several lines. A line break is one character, as `maxlength` counts it."""

    widget = forms.Textarea

    def to_python(self, value):
        value = super().to_python(value)
        return clean_text(value) if value else value


class EmailField(forms.EmailField):
    """An e-mail address, in the spelling of `clean_email`."""

    def to_python(self, value):
        value = super().to_python(value)
        require_one_line(value or "")
        return clean_email(value) if value else value

    def clean(self, value):
        try:
            return super().clean(value)
        except ValidationError as error:
            if any(each.code == "invalid" for each in error.error_list):
                raise ValidationError(explain_email(str(value)), code="invalid") from None
            raise


class PhoneField(PhoneNumberField):
    """A telephone number, of France and its territories without a country code."""

    default_validators = [validate_phone]
    widget = forms.TextInput

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 40, **kwargs})
        self.widget.input_type = "tel"
        self.widget.attrs.setdefault("autocomplete", "tel")

    def to_python(self, value):
        return parse_phone(str(value)) if str(value or "").strip() else self.empty_value


class AmountField(forms.IntegerField):
    """An amount in whole euros between `low` and `high`: 45000, 45 000 €, 45,5 K€, or 45 with `assume_thousands`."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, *, low=None, high=None, assume_thousands=False, **kwargs):
        super().__init__(**kwargs)
        self.low, self.high, self.assume_thousands = low, high, assume_thousands

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else value
        return parse_amount(str(value), assume_thousands=self.assume_thousands) if str(value).strip() else None

    def validate(self, value):
        super().validate(value)
        if value is not None and self.low is not None and not self.low <= value <= self.high:
            raise ValidationError(
                f"Un montant entre {thousands(self.low)} et {thousands(self.high)}\u00a0€ est attendu."
            )
