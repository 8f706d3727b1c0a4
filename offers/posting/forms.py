"""The steps of an offer, each a form of its own: a draft is saved at each, and nothing that was typed is ever lost."""

import difflib
import json
from hashlib import sha256

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy

from careers.models import MARKDOWN_HELP, Role
from jobboard.text.keys import search_key
from jobboard.text.numbers import NBSP
from offers.catalogue.fields import AmountField, quoted
from offers.companies.models import Company
from offers.enums import Contract
from offers.models import Offer, Question, Skill, SkillAlias
from offers.models.offer import PAY_BOUNDS
from offers.places.lookup import UnknownArea, parse_area
from offers.places.models import Place
from offers.posting import drafts as posting

MOST_SKILLS = 15
STALE = (
    "Cette étape a été enregistrée entre-temps, dans un autre onglet ou par un collègue. Ce que vous avez saisi est "
    "toujours là\u00a0: comparez, puis enregistrez à nouveau pour le garder."
)


class LinesField(forms.CharField):
    """A text of several lines, with one character for the end of each, as it is kept and counted."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class StepForm(forms.ModelForm):
    """Some fields of an offer. `version` says what they held when the form was drawn: see `is_stale`."""

    slug = name = intro = template = ""
    # What a draft may do without and an offer that is handed in may not: these are not called optional.
    expected: tuple[str, ...] = ()
    # Fields of the offer that the step writes, where they are not those of the form.
    writes: tuple[str, ...] = ()

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        self.user = user
        super().__init__(*args, **{"auto_id": "offre-%s", **kwargs})
        self.stored = self.held()
        self.fields["version"].initial = self.fingerprint(self.stored)
        self.theirs: list[tuple[str, str]] = []
        self.expect()

    def expect(self) -> None:
        for name in self.expected:
            self.fields[name].expected = True

    @property
    def written(self) -> list[str]:
        return list(self.writes or self._meta.fields)

    def held(self) -> dict:
        """What the offer in hand holds of this step, in JSON."""
        return {name: self.instance.serializable_value(name) for name in self.written}

    @staticmethod
    def fingerprint(held: dict) -> str:
        return sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:24]

    def is_stale(self) -> bool:
        """Whether somebody has saved this step since the form was drawn, and something else than is sent now."""
        seen = self.data.get(self.add_prefix("version"), "")
        return self.instance.pk is not None and seen != self.fingerprint(self.stored) and self.held() != self.stored

    def refuse_stale(self) -> None:
        """Say so, show what is kept, and let the next sending stand."""
        before = type(self)(instance=Offer.objects.get(pk=self.instance.pk), user=self.user)
        for name, field in self.fields.items():
            if not field.widget.is_hidden and field.label:
                kept = before.shown(name)
                if kept != self.shown(name):
                    self.theirs.append((str(field.label), kept or "rien"))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = self.fingerprint(self.stored)
        self.add_error(None, STALE)

    def shown(self, name: str) -> str:
        """The value of a field in words."""
        value, field = self[name].value(), self.fields[name]
        values = value if isinstance(value, (list, tuple)) else [value]
        choices = dict(getattr(field, "choices", ()) and [(str(key), label) for key, label in field.choices])
        return ", ".join(str(choices.get(str(each), each)) for each in values if each not in (None, "", False))

    def _get_validation_exclusions(self):
        # A constraint is skipped when it reads a column that the form leaves out: the database would then refuse the
        # row with an error page. Only what the form has found wrong is left out.
        return {name for name in super()._get_validation_exclusions() if name in self.fields}

    def _update_errors(self, errors):
        # What is wrong with another step is that step's business, and the last one's.
        if hasattr(errors, "error_dict"):
            kept = {name: found for name, found in errors.error_dict.items() if name in (*self.fields, "__all__")}
            if not kept:
                return
            errors = ValidationError(kept)
        super()._update_errors(errors)

    def save(self, commit=True):
        if self.instance.pk is None:
            self.instance.save()
        else:
            posting.touch(self.instance, [name for name in self.written if name not in ("skills", "questions")])
        self.save_rows()
        return self.instance

    def save_rows(self) -> None:
        """Write what is kept in other tables."""


class JobStep(StepForm):
    slug, name = "poste", "Le poste"
    intro = "De quel emploi s’agit-il\u00a0? Le métier choisi prépare la suite\u00a0: salaires du marché, compétences."
    template = "posting/wizard/_job.html"

    class Meta:
        model = Offer
        fields = ["company", "title", "role", "contract", "experience"]
        labels = {"role": "Métier", "experience": "Expérience attendue"}
        help_texts = {
            "title": f"Le nom du métier et sa spécialité{NBSP}: «{NBSP}Développeur Java, paiements{NBSP}». "
            f"Sans «{NBSP}(H/F){NBSP}», que les pages ajoutent.",
        }
        error_messages = {"company": {"required": "Dites pour quelle entreprise."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        companies = Company.objects.for_member(self.user)
        self.fields["company"].queryset = companies
        self.fields["company"].required = True
        self.fields["company"].empty_label = None
        if self.instance.pk:
            # An offer stays with its company: its applications and its history do.
            del self.fields["company"]
        elif len(companies) == 1:
            self.initial["company"] = companies[0].pk
            self.fields["company"].widget = forms.HiddenInput()
        role = self.fields["role"]
        role.queryset, role.empty_label = Role.objects.published(), "Un autre métier"
        role.help_text = "Choisi dans les fiches métiers du site."
        self.fields["contract"].choices = [("", "Choisir…"), *Contract.choices]
        self.fields["experience"].choices = [("", "Non précisée"), *Offer._meta.get_field("experience").choices]
        self.was_period = self.instance.pay_period

    @property
    def written(self):
        names = [name for name in self._meta.fields if name != "company"]
        return names if self.instance.pk else self._meta.fields

    def clean(self):
        data = super().clean()
        freelance = data.get("contract") == Contract.FREELANCE
        self.forgets_pay = (
            self.instance.pay_min is not None and "contract" in data and freelance != (self.was_period == "day")
        )
        if self.forgets_pay:
            # Euros a day are no euros a year.
            self.instance.pay_min = self.instance.pay_max = None
        return data

    def save(self, commit=True):
        offer = super().save(commit)
        if self.forgets_pay:
            posting.touch(offer, ["pay_min", "pay_max"])
        return offer


class TermsStep(StepForm):
    slug, name = "conditions", "Le lieu et la rémunération"
    intro = "Où, avec combien de jours à la maison, et pour combien."
    template = "posting/wizard/_terms.html"
    expected = ("place", "pay_min", "pay_max")
    writes = ("place", "remote_days", "fully_remote", "pay_min", "pay_max")
    REMOTE = (
        ("", "Non précisé"),
        ("0", "Sur site"),
        *((str(days), f"{days}{NBSP}jour{'s' if days > 1 else ''} par semaine") for days in range(1, 5)),
        ("100", f"100{NBSP}% télétravail"),
    )

    place = forms.CharField(
        label="Commune",
        required=False,
        max_length=100,
        help_text="Nom ou code postal. Facultative à 100\u00a0% en télétravail.",
    )
    remote = forms.ChoiceField(label="Télétravail", choices=REMOTE, required=False)

    class Meta:
        model = Offer
        fields = ["place", "pay_min", "pay_max"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer, day = self.instance, self.instance.pay_period == "day"
        low, high = PAY_BOUNDS[offer.pay_period]
        unit = "hors taxes par jour" if day else "brut fixe par an"
        for name, label in (("pay_min", "De"), ("pay_max", "À")):
            self.fields[name] = AmountField(
                label=f"{label} (€)", required=False, low=low, high=high, thousands_meant=not day
            )
            self.fields[name].widget.attrs["placeholder"] = (
                ("450" if label == "De" else "550") if day else ("45 000" if label == "De" else "55 000")
            )
        self.expect()
        self.pay_legend = f"Rémunération, {unit}"
        self.initial["place"] = str(offer.place) if offer.place else ""
        days = "" if offer.remote_days is None else str(offer.remote_days)
        self.initial["remote"] = "100" if offer.fully_remote else days
        if offer.remote_days == 5 and not offer.fully_remote:
            self.fields["remote"].choices = [*self.REMOTE, ("5", f"5{NBSP}jours par semaine")]
        # Towns only: an offer is somewhere.
        self.fields["place"].widget.attrs |= {
            "data-combobox": reverse("places:suggest", query={"seulement": "communes"})
        }

    def clean_place(self) -> Place | None:
        text = self.cleaned_data["place"]
        if not text:
            return None
        try:
            where = parse_area(text)
        except UnknownArea as unknown:
            near = [str(area) for area in unknown.suggestions if isinstance(area, Place)]
            advice = f" Peut-être{NBSP}: {', '.join(near)}." if near else " Essayez la ville la plus proche."
            raise ValidationError(f"{quoted(text)} n’est pas dans nos communes.{advice}") from None
        place = where.place or next((area for area in where.alternatives if isinstance(area, Place)), None)
        if place is None:
            raise ValidationError(f"{quoted(text)} n’est pas une commune.")
        return place

    def clean(self):
        data = super().clean()
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


class TextStep(StepForm):
    slug, name = "annonce", "L’annonce"
    intro = "Ce que les candidats lisent\u00a0: les missions, l’équipe, ce que vous attendez et ce que vous offrez."
    template = "posting/wizard/_text.html"
    expected = ("description",)
    writes = ("highlights", "description", "skills")

    highlights = LinesField(
        label="Points forts",
        required=False,
        max_length=600,
        help_text="Un par ligne, six au plus\u00a0: ce qui rend ce poste intéressant.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    description = LinesField(
        label="Description",
        required=False,
        max_length=20_000,
        help_text=MARKDOWN_HELP,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    chosen = forms.MultipleChoiceField(label="Compétences", required=False, widget=forms.CheckboxSelectMultiple)
    others = forms.CharField(
        label="Autres compétences",
        required=False,
        max_length=500,
        help_text=f"Séparées par des virgules{NBSP}; {MOST_SKILLS} compétences au plus en tout.",
        widget=forms.TextInput(
            attrs={"data-combobox": reverse_lazy("posting:skills"), "data-several": "", "data-least": "1"}
        ),
    )

    class Meta:
        model = Offer
        fields = ["highlights", "description"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kept = list(self.instance.skills.all()) if self.instance.pk else []
        self.was_empty = not kept and not self.instance.description
        proposed = posting.proposed_skills(self.instance.role)
        self.offered = {skill.slug: skill for skill in sorted({*kept, *proposed}, key=lambda skill: skill.name)}
        self.fields["chosen"].choices = [(slug, skill.name) for slug, skill in self.offered.items()]
        if proposed and self.was_empty:
            # Filled in from the profile of the role, to be thinned out rather than thought up.
            kept = proposed
            self.fields["chosen"].help_text = "Proposées d’après la fiche métier\u00a0: décochez ce qui ne compte pas."
        self.initial["chosen"] = [skill.slug for skill in kept]

    def held(self):
        offer = self.instance
        if not hasattr(self, "_skills"):
            self._skills = sorted(offer.skills.values_list("pk", flat=True)) if offer.pk else []
        return {"highlights": offer.highlights, "description": offer.description, "skills": self._skills}

    def clean_others(self) -> list[Skill]:
        names = [name.strip() for name in self.cleaned_data["others"].split(",") if name.strip()]
        keys = {search_key(name): name for name in names}
        skills = {skill.key: skill for skill in Skill.objects.filter(key__in=keys)}
        for alias in SkillAlias.objects.filter(key__in=keys).select_related("skill"):
            skills.setdefault(alias.key, alias.skill)
        if unknown := [name for key, name in keys.items() if key not in skills]:
            every = {skill.key: skill.name for skill in Skill.objects.only("key", "name")}
            near = difflib.get_close_matches(search_key(unknown[0]), every, 3, 0.6)
            advice = f" Peut-être{NBSP}: {', '.join(every[key] for key in near)}." if near else ""
            names = ", ".join(quoted(name) for name in unknown[:3])
            raise ValidationError(
                f"{names} n’est pas dans notre liste.{advice} Ce qui manque se dit dans la description."
            )
        return list(skills.values())

    def clean(self):
        data = super().clean()
        chosen = [self.offered[slug] for slug in data.get("chosen", ())]
        data["skills"] = list(dict.fromkeys([*chosen, *data.get("others", ())]))
        if len(data["skills"]) > MOST_SKILLS:
            self.add_error("others", f"{MOST_SKILLS} compétences au plus\u00a0: gardez celles qui comptent.")
        self._skills = sorted(skill.pk for skill in data["skills"])
        return data

    def save_rows(self):
        self.instance.skills.set(self.cleaned_data["skills"])


class ApplyStep(StepForm):
    slug, name = "candidatures", "L’employeur et les candidatures"
    intro = "Sous quel nom l’offre paraît, et comment on y postule."
    template = "posting/wizard/_apply.html"
    writes = ("confidential", "employer_descriptor", "apply_url", "external_reference", "questions")
    WAYS = (("ici", "Ici\u00a0: les candidatures arrivent dans votre espace"), ("ailleurs", "Sur notre site"))

    way = forms.ChoiceField(label="Comment postuler", choices=WAYS, widget=forms.RadioSelect)

    class Meta:
        model = Offer
        fields = ["confidential", "employer_descriptor", "apply_url", "external_reference"]
        labels = {
            "confidential": "Ne pas montrer le nom de l’entreprise",
            "employer_descriptor": "Comment la présenter alors",
            "apply_url": "Adresse de votre page pour postuler",
            "external_reference": "Votre référence",
        }
        help_texts = {
            "confidential": "Le nom n’est alors montré nulle part\u00a0; l’équipe du site le connaît.",
            "employer_descriptor": f"Par exemple{NBSP}: «{NBSP}Éditeur de logiciel pour la santé{NBSP}».",
            "apply_url": "Elle commence par https://.",
            "external_reference": "Celle de vos outils, pour y retrouver l’offre.",
        }
        error_messages = {"apply_url": {"invalid": "Une adresse qui commence par https:// est attendue."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["way"] = "ailleurs" if self.instance.apply_url else "ici"
        asked = list(self.instance.questions.order_by("position")) if self.instance.pk else []
        self.asked = [[each.text, each.required] for each in asked]
        for number in range(1, Question.MOST + 1):
            text, required = self.asked[number - 1] if number <= len(asked) else ("", False)
            self.fields[f"question_{number}"] = forms.CharField(
                label=f"Question {number}",
                required=False,
                initial=text,
                max_length=200,
                validators=Question._meta.get_field("text").validators,
            )
            self.fields[f"required_{number}"] = forms.BooleanField(
                label=f"Réponse à la question {number} obligatoire", required=False, initial=required
            )
        self.stored = self.held()
        self.fields["version"].initial = self.fingerprint(self.stored)

    @property
    def question_rows(self):
        return [(self[f"question_{n}"], self[f"required_{n}"]) for n in range(1, Question.MOST + 1)]

    def held(self):
        offer, names = self.instance, self.writes[:-1]
        return {**{name: getattr(offer, name) for name in names}, "questions": getattr(self, "asked", [])}

    def clean(self):
        data = super().clean()
        if data.get("way") == "ici":
            data["apply_url"] = self.instance.apply_url = ""
            self.errors.pop("apply_url", None)
        elif data.get("way") == "ailleurs" and not data.get("apply_url") and "apply_url" not in self.errors:
            self.add_error("apply_url", "Donnez l’adresse, ou choisissez de recevoir les candidatures ici.")
        if data.get("confidential") and data.get("apply_url"):
            self.add_error(
                "apply_url", "Votre adresse dévoilerait l’employeur confidentiel\u00a0: choisissez «\u00a0Ici\u00a0»."
            )
        asked = [(data.get(f"question_{n}", "").strip(), data.get(f"required_{n}", False)) for n in range(1, 6)]
        self.asked = [[text, required] for text, required in asked if text]
        return data

    def save_rows(self):
        questions = list(self.instance.questions.order_by("position"))
        if [[each.text, each.required] for each in questions] == self.asked:
            return
        self.instance.questions.all().delete()
        Question.objects.bulk_create(
            Question(offer=self.instance, position=position, text=text, required=required)
            for position, (text, required) in enumerate(self.asked, 1)
        )


STEPS: tuple[type[StepForm], ...] = (JobStep, TermsStep, TextStep, ApplyStep)
# At which step a finding about a field is mended.
STEP_OF = {
    **dict.fromkeys(("title", "role", "contract", "experience", "company"), JobStep.slug),
    **dict.fromkeys(("place", "remote_days", "fully_remote", "pay_min", "pay_max"), TermsStep.slug),
    **dict.fromkeys(("highlights", "description", "skills"), TextStep.slug),
}


def step_of(field: str) -> str:
    return STEP_OF.get(field, ApplyStep.slug)
