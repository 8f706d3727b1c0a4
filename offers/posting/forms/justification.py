from django import forms

from jobboard.text.fields import ProseField
from offers.models import OfferEvent


class JustificationForm(forms.Form):
    """Why a text is right although the wording check found errors: a moderator reads it with the offer."""

    justification = ProseField(
        label="Pourquoi ce texte est justifié",
        max_length=OfferEvent._meta.get_field("justification").max_length,
        help_text="Par exemple le texte de loi qui impose la condition, ou ce que le contrôle a mal compris. L’équipe "
        "du site lit ce motif avec l’offre, qui n’est pas publiée avant.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Dites pourquoi le texte est justifié, ou corrigez les points signalés plus haut."},
    )

    @classmethod
    def of(cls, offer) -> "JustificationForm":
        """Return the form with the justification that the company has given before, for an offer that was returned."""
        return cls(initial={"justification": offer.justification()})
