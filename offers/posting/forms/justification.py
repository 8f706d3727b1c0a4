from django import forms

from jobboard.text.fields import ProseField
from offers.moderation import wording
from offers.revisions import JUSTIFICATION_LENGTH


class JustificationForm(forms.Form):
    """Why a text is right although the wording check found errors: a moderator reads it with the offer."""

    justification = ProseField(
        label="Pourquoi ce texte est justifié",
        max_length=JUSTIFICATION_LENGTH,
        help_text="Par exemple le texte de loi qui impose la condition, ou ce que le contrôle a mal compris. L’équipe "
        "du site lit ce motif avec l’offre, qui n’est pas publiée avant.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Dites pourquoi le texte est justifié, ou corrigez les points signalés plus haut."},
    )

    @classmethod
    def shown(cls, offer, errors: list[wording.Finding], data=None, *, is_sent=False) -> "JustificationForm | None":
        """Return the form below the errors of the wording check, or None if there is nothing to justify.

        It has the text of `data`, which is never lost whatever the errors are, or else the justification that the
        company has given before, for an offer that was returned. With `is_sent` the form has its own errors.
        """
        typed = data.get("justification") if data else None
        can_justify = wording.can_be_justified(errors)
        if not can_justify and not (typed or "").strip():
            return None
        if typed is None:
            return cls(initial={"justification": offer.justification()})
        return cls(data) if is_sent and can_justify else cls(initial={"justification": typed})
