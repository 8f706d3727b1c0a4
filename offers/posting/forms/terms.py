from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from jobboard.text.fields import AmountField
from jobboard.text.numbers import NBSP, counted, euros
from offers.catalogue.fields import area_error, quoted
from offers.fields import STEP_NAMES, TERMS, step_columns
from offers.models import Offer
from offers.models.offer import PAY_BOUNDS
from offers.places.areas import LocationKeyword, area_detail, places_of, unique
from offers.places.lookup import SeveralAreas, UnknownArea, parse_area
from offers.places.models import Place
from offers.posting.forms.step import StepForm

# A question with more choices is a select.
MAX_RADIOS = 8


class TermsStep(StepForm):
    slug, name = TERMS, STEP_NAMES[TERMS]
    intro = "Le lieu de travail, le télétravail et la rémunération."
    template = "posting/wizard/_terms.html"
    expected = ("place", "pay_min", "pay_max")
    field_order = ("place", "which_place", "remote", "work_language", "pay_min", "pay_max")
    REMOTE = (
        ("", "Non précisé"),
        ("0", "Sur site"),
        *((str(days), f"{counted(days, 'jour')} par semaine") for days in range(1, 5)),
        ("100", f"100{NBSP}% télétravail"),
    )

    place = forms.CharField(
        label="Commune",
        required=False,
        max_length=100,
        help_text="Nom ou code postal. Facultative à 100\u00a0% en télétravail.",
        # The communes of this process are older than the table.
        error_messages={"invalid": "Cette commune n’existe plus\u00a0: écrivez-en une autre."},
    )
    remote = forms.ChoiceField(label="Télétravail", choices=REMOTE, required=False)

    class Meta:
        model = Offer
        # The field `remote` sets both.
        fields = [name for name in step_columns(TERMS) if name not in ("remote_days", "fully_remote")]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer, day = self.instance, self.instance.pay_period == "day"
        low, high = PAY_BOUNDS[offer.pay_period]
        unit = "hors taxes par jour" if day else "brut fixe par an"
        for name, label in (("pay_min", "De"), ("pay_max", "À")):
            self.fields[name] = AmountField(
                label=f"{label} (€)", required=False, low=low, high=high, assume_thousands=not day
            )
            self.fields[name].widget.attrs["placeholder"] = (
                ("450" if label == "De" else "550") if day else ("45 000" if label == "De" else "55 000")
            )
        self.expect()
        self.pay_legend = f"Rémunération, {unit}"
        self.pay_reading = "" if day else f"«{NBSP}45{NBSP}» et «{NBSP}45{NBSP}k€{NBSP}» se lisent {euros(45_000)}."
        self.initial["place"] = str(offer.place) if offer.place else ""
        days = "" if offer.remote_days is None else str(offer.remote_days)
        self.initial["remote"] = "100" if offer.fully_remote else days
        if offer.remote_days == 5 and not offer.fully_remote:
            self.fields["remote"].choices = [*self.REMOTE, ("5", f"5{NBSP}jours par semaine")]
        if self.is_bound:
            self.ask_place()
        # Suggest communes only: an offer has no region or country.
        self.fields["place"].widget.attrs |= {
            "data-combobox": reverse("places:suggest", query={"seulement": "communes"})
        }

    def ask_place(self) -> None:
        """Add the question which commune is meant, if the submitted text may name several."""
        text = self.data.get(self.add_prefix("place"), "").strip()
        communes, names_several = _possible_communes(text) if text else ([], False)
        if not communes:
            return
        self.communes = {place.insee_code: place for place in communes}
        choices = [(code, f"{place}, {area_detail(place)}") for code, place in self.communes.items()]
        if len(choices) == 1:
            label = "Est-ce cette commune\u00a0?"
            # A department, a region or the like: “Doubs”.
            error = (
                f"{quoted(text)} désigne aussi un territoire plus grand\u00a0: cochez la commune si c’est la vôtre, ou "
                "écrivez-en une autre."
            )
        else:
            label = "Quelle commune\u00a0?"
            error = f"{quoted(text)} peut désigner plusieurs communes\u00a0: choisissez la vôtre."
        if names_several:
            error = f"{quoted(text)} nomme plusieurs lieux\u00a0: une offre n’en a qu’un. Choisissez le sien."
        self.fields["which_place"] = forms.ChoiceField(
            label=label,
            choices=choices if len(choices) <= MAX_RADIOS else [("", "Choisir…"), *choices],
            widget=forms.RadioSelect if len(choices) <= MAX_RADIOS else forms.Select,
            # The choice is invalid if the text has changed since the question was asked.
            error_messages={"required": error, "invalid_choice": error},
        )
        self.order_fields(self.field_order)

    def clean_place(self) -> Place | None:
        text = self.cleaned_data["place"]
        if not text or "which_place" in self.fields:
            return None
        try:
            where = parse_area(text)
        except UnknownArea as unknown:
            similar = [str(area) for area in unknown.suggestions if isinstance(area, Place)]
            advice = f" Peut-être{NBSP}: {', '.join(similar)}." if similar else ""
            raise ValidationError(area_error(text, unknown) + advice) from None
        if where.area is LocationKeyword.REMOTE:
            raise ValidationError(
                f"Pour une offre à 100{NBSP}% en télétravail, laissez ce champ vide et choisissez 100{NBSP}% à côté."
            )
        if where.place is None:
            raise ValidationError(f"{quoted(text)} n’est pas une commune.")
        return where.place

    def clean(self):
        data = super().clean()
        if "which_place" in self.fields:
            # Without an answer the stored commune stays as it is, and the error asks again.
            data.pop("place", None)
            if code := data.get("which_place"):
                data["place"] = self.communes[code]
        if "remote" in data:
            remote = data["remote"]
            self.instance.fully_remote = remote == "100"
            self.instance.remote_days = 5 if remote == "100" else int(remote) if remote else None
        low, high = data.get("pay_min"), data.get("pay_max")
        if "pay_min" in data and "pay_max" in data:
            if low is not None and high is None:
                self.add_error("pay_max", "Donnez aussi le haut de la fourchette\u00a0; le même montant s’il est fixe.")
            elif high is not None and low is None:
                self.add_error("pay_min", "Donnez aussi le bas de la fourchette\u00a0; le même montant s’il est fixe.")
            elif low is not None and low > high:
                self.add_error("pay_max", "Le haut de la fourchette est plus petit que le bas.")
        return data


def _possible_communes(text: str) -> tuple[list[Place], bool]:
    """Return the communes to choose from, none if one is certain, and whether the text names several places."""
    try:
        match = parse_area(text)
    except SeveralAreas as several:
        return unique(place for area in several.suggestions for place in places_of(area)), True
    except UnknownArea:
        return [], False
    return ([] if match.is_one_commune else match.communes), False
