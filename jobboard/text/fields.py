"""Form fields for text that people type: they clean it in one way, and their errors name the cause."""

from django import forms
from django.core.exceptions import ValidationError

from jobboard.text.amounts import parse_amount
from jobboard.text.numbers import thousands


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
        if value is None:
            return
        if self.low is not None and not self.low <= value <= self.high:
            raise ValidationError(
                f"Un montant entre {thousands(self.low)} et {thousands(self.high)}\u00a0€ est attendu."
            )
