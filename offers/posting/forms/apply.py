from django import forms

from jobboard.text.numbers import NBSP
from offers.fields import APPLY, STEP_NAMES, step_columns
from offers.models import Offer, Question
from offers.posting.forms.step import StepForm

# The numbers of the questions in the form, from 1.
NUMBERS = range(1, Question.MAX_PER_OFFER + 1)


class ApplyStep(StepForm):
    slug, name = APPLY, STEP_NAMES[APPLY]
    intro = "Sous quel nom l’offre paraît, et comment on y postule."
    template = "posting/wizard/_apply.html"
    field_order = (
        *("confidential", "employer_descriptor", "application_channel", "apply_url"),
        *(name for number in NUMBERS for name in (f"question_{number}", f"required_{number}")),
        "external_reference",
    )
    CHANNELS = (("ici", "Ici\u00a0: les candidatures arrivent dans votre espace"), ("ailleurs", "Sur notre site"))

    application_channel = forms.ChoiceField(label="Comment postuler", choices=CHANNELS, widget=forms.RadioSelect)

    class Meta:
        model = Offer
        fields = step_columns(APPLY)
        labels = {
            "confidential": "Ne pas montrer le nom de l’entreprise",
            "employer_descriptor": "Présentation de l’entreprise, à la place de son nom",
            "apply_url": "Adresse de votre page pour postuler",
            "external_reference": "Votre référence",
        }
        help_texts = {
            "confidential": "Le nom n’est alors montré nulle part\u00a0; l’équipe du site le connaît.",
            "employer_descriptor": f"Par exemple{NBSP}: «{NBSP}Éditeur de logiciel pour la santé{NBSP}».",
            "apply_url": f"Une page en https{NBSP}: par exemple www.exemple.fr/emploi.",
            "external_reference": "Celle de vos outils, pour y retrouver l’offre.",
        }
        error_messages = {
            "apply_url": {
                "email": "C’est une adresse e-mail. Choisissez «\u00a0Ici\u00a0»\u00a0: les candidatures arrivent "
                "dans votre espace, et un e-mail vous en prévient. Sinon, indiquez l’adresse d’une page, en https://.",
            }
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["application_channel"] = "ailleurs" if self.instance.apply_url else "ici"
        self.questions = [each.serialize() for each in self.instance.questions.all()] if self.instance.pk else []
        for number in NUMBERS:
            self.fields[f"question_{number}"] = forms.CharField(
                label=f"Question {number}",
                required=False,
                max_length=200,
                validators=Question._meta.get_field("text").validators,
            )
            self.fields[f"required_{number}"] = forms.BooleanField(
                label=f"Réponse à la question {number} obligatoire", required=False
            )
        self.order_fields(self.field_order)
        self._set_initial_questions(self.questions)
        self.stored = self.current_values()
        self.fields["version"].initial = self.fingerprint(self.stored)

    def _set_initial_questions(self, questions: list[dict]) -> None:
        for number in NUMBERS:
            question = questions[number - 1] if number <= len(questions) else {"text": "", "required": False}
            self.fields[f"question_{number}"].initial = question["text"]
            self.fields[f"required_{number}"].initial = question["required"]

    def show_proposed(self, changes):
        if "questions" in changes:
            self._set_initial_questions(changes["questions"])

    @property
    def question_rows(self):
        return [(self[f"question_{n}"], self[f"required_{n}"]) for n in NUMBERS]

    def current_values(self):
        return {**super().current_values(), "questions": getattr(self, "questions", [])}

    def clean(self):
        data = super().clean()
        if data.get("application_channel") == "ici":
            data["apply_url"] = self.instance.apply_url = ""
            self.errors.pop("apply_url", None)
        elif (
            data.get("application_channel") == "ailleurs"
            and not data.get("apply_url")
            and "apply_url" not in self.errors
        ):
            self.add_error("apply_url", "Donnez l’adresse, ou choisissez de recevoir les candidatures ici.")
        if data.get("confidential") and data.get("apply_url"):
            self.add_error(
                "apply_url", "Votre adresse dévoilerait l’employeur confidentiel\u00a0: choisissez «\u00a0Ici\u00a0»."
            )
        data["questions"] = [
            Question(text=text, required=data.get(f"required_{number}", False))
            for number in NUMBERS
            if (text := data.get(f"question_{number}", "").strip())
        ]
        self.questions = [each.serialize() for each in data["questions"]]
        return data

    def save_rows(self):
        Question.replace(self.instance, self.questions)
