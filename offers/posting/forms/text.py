import difflib

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from careers.models import MARKDOWN_HELP
from jobboard.text.keys import search_key
from jobboard.text.numbers import NBSP
from jobboard.text.pasted import without_bullet
from jobboard.text.widgets import MarkdownTextarea
from offers.catalogue.fields import quoted
from offers.fields import STEP_NAMES, TEXT, step_columns
from offers.models import Offer, Skill, SkillAlias, versions
from offers.posting import drafts as posting
from offers.posting.forms.step import StepForm

MAX_SKILLS = 15


class LinesField(forms.CharField):
    """A multiline text whose line ends are one character, as `maxlength` counts them."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class TextStep(StepForm):
    slug, name = TEXT, STEP_NAMES[TEXT]
    intro = "Ce que les candidats lisent\u00a0: les missions, l’équipe, ce que vous attendez et ce que vous offrez."
    template = "posting/wizard/_text.html"
    expected = ("description",)

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
        widget=MarkdownTextarea(attrs={"rows": 16}),
    )
    chosen = forms.MultipleChoiceField(label="Compétences", required=False, widget=forms.CheckboxSelectMultiple)
    others = forms.CharField(
        label="Autres compétences",
        required=False,
        max_length=500,
        help_text=f"Séparées par des virgules{NBSP}; {MAX_SKILLS} compétences au plus en tout.",
        widget=forms.TextInput(
            attrs={"data-combobox": reverse_lazy("posting:skills"), "data-several": "", "data-least": "1"}
        ),
    )

    class Meta:
        model = Offer
        fields = step_columns(TEXT)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = list(self.instance.skills.all()) if self.instance.pk else []
        self.was_empty = not chosen and not self.instance.description
        suggested = posting.suggest_skills(self.instance.role)
        self.skills_by_slug: dict[str, Skill] = {}
        self._add_choices({*chosen, *suggested})
        if suggested and self.was_empty:
            # Preselect the skills of the role profile: removing some is easier than remembering all.
            chosen = suggested
            self.fields["chosen"].help_text = "Proposées d’après la fiche métier\u00a0: décochez ce qui ne compte pas."
        self.initial["chosen"] = [skill.slug for skill in chosen]

    def _add_choices(self, skills) -> None:
        """Add `skills` to the checkboxes."""
        every = {*self.skills_by_slug.values(), *skills}
        self.skills_by_slug = {skill.slug: skill for skill in sorted(every, key=lambda skill: skill.name)}
        self.fields["chosen"].choices = [(slug, skill.name) for slug, skill in self.skills_by_slug.items()]

    def show_proposed(self, changes):
        if "skills" not in changes:
            return
        skills = Skill.objects.filter(pk__in=versions.row_pks(changes["skills"]))
        self._add_choices(skills)
        self.initial["chosen"] = [skill.slug for skill in skills]

    def current_values(self):
        offer = self.instance
        if not hasattr(self, "_skills"):
            self._skills = sorted(offer.skills.values_list("pk", flat=True)) if offer.pk else []
        return {**super().current_values(), "skills": self._skills}

    def clean_highlights(self) -> str:
        # The page shows the lines as a list.
        return "\n".join(without_bullet(line) for line in self.cleaned_data["highlights"].split("\n"))

    def clean_others(self) -> list[Skill]:
        names = [name.strip() for name in self.cleaned_data["others"].split(",") if name.strip()]
        keys = {search_key(name): name for name in names}
        skills = {skill.key: skill for skill in Skill.objects.filter(key__in=keys)}
        for alias in SkillAlias.objects.filter(key__in=keys).select_related("skill"):
            skills.setdefault(alias.key, alias.skill)
        if unknown := [name for key, name in keys.items() if key not in skills]:
            every = {skill.key: skill.name for skill in Skill.objects.only("key", "name")}
            matches = difflib.get_close_matches(search_key(unknown[0]), every, 3, 0.6)
            advice = f" Peut-être{NBSP}: {', '.join(every[key] for key in matches)}." if matches else ""
            names = ", ".join(quoted(name) for name in unknown[:3])
            raise ValidationError(
                f"{names} n’est pas dans notre liste.{advice} Vous pouvez la citer dans la description."
            )
        return list(skills.values())

    def clean(self):
        data = super().clean()
        chosen = [self.skills_by_slug[slug] for slug in data.get("chosen", ())]
        data["skills"] = list(dict.fromkeys([*chosen, *data.get("others", ())]))
        if len(data["skills"]) > MAX_SKILLS:
            self.add_error("others", f"{MAX_SKILLS} compétences au plus\u00a0: gardez celles qui comptent.")
        self._skills = sorted(skill.pk for skill in data["skills"])
        return data

    def save_rows(self):
        self.instance.skills.set(self.cleaned_data["skills"])
