from django import forms

from jobboard.text.emails import clean_email
from jobboard.text.fields import EmailField


class PersonForm(forms.Form):
    email = EmailField(
        label="Adresse e-mail de la personne",
        max_length=254,
        help_text="Vérifier d’abord que la demande vient bien d’elle.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )


class ErasureForm(PersonForm):
    email = EmailField(widget=forms.HiddenInput, max_length=254)
    confirmation = forms.CharField(
        label="Pour effacer, saisir à nouveau l’adresse",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )

    def clean(self):
        data = super().clean()
        typed, expected = data.get("confirmation", ""), data.get("email", "")
        if typed and clean_email(typed).lower() != expected.lower():
            self.add_error("confirmation", "Les deux adresses diffèrent\u00a0: rien n’a été effacé.")
        return data
