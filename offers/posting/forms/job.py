import json
import uuid
from hashlib import sha256

from django import forms

from careers.models import Role
from jobboard.form_token import make_form_token
from jobboard.text.numbers import NBSP
from offers.companies.models import Company
from offers.enums import Contract
from offers.fields import JOB, STEP_NAMES, step_columns
from offers.models import Offer
from offers.models.title import without_gender_mark
from offers.posting import drafts as posting
from offers.posting.forms.step import StepForm


class JobStep(StepForm):
    slug, name = JOB, STEP_NAMES[JOB]
    intro = "De quel emploi s’agit-il\u00a0? Le métier choisi prépare la suite\u00a0: salaires du marché, compétences."
    template = "posting/wizard/_job.html"
    field_order = ("company", "title", "role")

    class Meta:
        model = Offer
        fields = step_columns(JOB)
        labels = {"role": "Métier", "experience": "Expérience attendue"}
        help_texts = {
            "title": f"Le nom du métier et sa spécialité{NBSP}: «{NBSP}Développeur Java, paiements{NBSP}». "
            f"Sans «{NBSP}(H/F){NBSP}», que les pages ajoutent.",
        }
        error_messages = {"company": {"required": "Dites pour quelle entreprise."}}

    # On the page that creates the draft: see `submission`.
    form_token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form_token"].initial = make_form_token
        companies = Company.objects.for_member(self.user)
        self.fields["company"].queryset = companies
        self.fields["company"].required = True
        self.fields["company"].empty_label = None
        if self.instance.pk:
            # The company cannot be changed: applications and history belong to it.
            del self.fields["company"], self.fields["form_token"]
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
    def field_names(self):
        return [name for name in super().field_names if name != "company" or not self.instance.pk]

    def submission(self) -> uuid.UUID | None:
        """Return an idempotency key, equal for the same form with the same values; None without a token."""
        if not self.cleaned_data.get("form_token"):
            return None
        values = json.dumps([self.user.pk, {name: self[name].value() for name in self.fields if name != "version"}])
        return uuid.UUID(bytes=sha256(values.encode()).digest()[:16])

    def clean_title(self):
        return without_gender_mark(self.cleaned_data["title"])

    def clean(self):
        data = super().clean()
        freelance = data.get("contract") == Contract.FREELANCE
        self.forgets_pay = (
            self.instance.pay_min is not None and "contract" in data and freelance != (self.was_period == "day")
        )
        if self.forgets_pay:
            # Amounts per day are not valid as amounts per year.
            self.instance.pay_min = self.instance.pay_max = None
        return data

    def save(self, commit=True):
        offer = super().save(commit)
        if self.forgets_pay:
            posting.save_fields(offer, ["pay_min", "pay_max"])
        return offer
