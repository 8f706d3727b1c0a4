from django import forms

from jobboard.form_token import SpamProtectedForm
from jobboard.text.lines import one_line
from offers.alerts.models import Alert


class AddressForm(SpamProtectedForm):
    """Whose alerts are to be listed."""

    email = forms.EmailField(
        label="Adresse e-mail",
        max_length=254,
        validators=[one_line],
        error_messages={"invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@exemple.fr."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class AlertForm(AddressForm):
    """Where the offers of a search are to be sent, and how often."""

    frequency = forms.ChoiceField(
        label="Quand",
        choices=[("daily", "Chaque matin"), ("weekly", "Chaque lundi matin")],
        initial=Alert.Frequency.DAILY,
        widget=forms.RadioSelect,
    )
