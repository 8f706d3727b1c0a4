from django import forms

from jobboard.form_token import SpamProtectedForm
from jobboard.text.fields import EmailField
from offers.alerts.models import Alert


class AlertListForm(SpamProtectedForm):
    """Request the link to the list of alerts of an e-mail address."""

    email = EmailField(
        label="Adresse e-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class AlertForm(AlertListForm):
    """Request an alert: the e-mail address and the frequency."""

    frequency = forms.ChoiceField(
        label="Quand",
        choices=[("daily", "Chaque matin"), ("weekly", "Chaque lundi matin")],
        initial=Alert.Frequency.DAILY,
        widget=forms.RadioSelect,
    )
