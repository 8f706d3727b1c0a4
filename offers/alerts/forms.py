from django import forms

from jobboard.contact.link_requests import LinkRequestForm
from offers.alerts.models import Alert


class AlertForm(LinkRequestForm):
    """Request an alert: the e-mail address and the frequency."""

    frequency = forms.ChoiceField(
        label="Quand",
        choices=[("daily", "Chaque matin"), ("weekly", "Chaque lundi matin")],
        initial=Alert.Frequency.DAILY,
        widget=forms.RadioSelect,
    )
