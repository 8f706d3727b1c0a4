"""Forms of recruiters about their company and its members."""

from django import forms
from django.core.files.storage import default_storage
from django.db import transaction

from careers.models import MARKDOWN_HELP
from jobboard.text.fields import EmailField, ProseField
from jobboard.text.web_urls import WebURLInput
from jobboard.text.widgets import MarkdownTextarea
from offers.companies.enums import CompanySize, MemberRole
from offers.companies.logos import FORMATS, make_logo
from offers.companies.models import Company, CompanyRevision
from offers.companies.models.company import logo_path
from offers.companies.models.revision import MODERATED_TEXTS, is_live, propose


class LogoField(forms.FileField):
    widget = forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)})

    def to_python(self, data):
        data = super().to_python(data)
        return data and make_logo(data)


class CompanyForm(forms.ModelForm):
    logo = LogoField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG ou WebP, 1\u00a0Mo au plus. Il s’affiche en petit\u00a0: préférez un carré.",
    )
    remove_logo = forms.BooleanField(label="Retirer le logo", required=False)

    class Meta:
        model = Company
        fields = ["name", "other_names", "siret", "kind", "sector", "size", "website", "description", "logo"]
        labels = {"name": "Nom de l’entreprise", "website": "Site web"}
        help_texts = {"description": MARKDOWN_HELP, "sector": "Par exemple\u00a0: santé, banque, jeu vidéo."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "siret": forms.TextInput(attrs={"inputmode": "numeric"}),
            "website": WebURLInput(attrs={"autocomplete": "url", "placeholder": "www.exemple.fr"}),
            "description": MarkdownTextarea(attrs={"rows": 8}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["size"].choices = [("", "Non précisé"), *CompanySize.choices]
        self.previous_logo = self.instance.logo.name
        if not self.previous_logo:
            del self.fields["remove_logo"]

    def clean(self):
        cleaned = super().clean()
        if self.errors and "logo" in self.changed_data and "logo" not in self.errors:
            # Browsers do not restore file inputs.
            self.add_error("logo", "Le logo est valable, mais il faut le choisir à nouveau après cette erreur.")
        if cleaned.get("remove_logo") and "logo" not in self.changed_data:
            cleaned["logo"] = False
        return cleaned

    def save(self, commit=True):
        company = super().save(commit)
        if commit:
            self.delete_previous_logo()
        return company

    def show_proposed(self, revision: CompanyRevision) -> None:
        """Start from the texts of a waiting revision."""
        self.initial |= {name: value for name, value in revision.changes.items() if name != "logo"}

    def save_or_propose(self, by, justification: str = "") -> CompanyRevision | None:
        """Save the form. If the company has published offers, the moderated fields wait for a moderator.

        They also wait with a `justification`, why texts that the wording check refuses are right. Return the waiting
        revision.
        """
        company = self.instance
        stored = Company.objects.get(pk=company.pk)
        is_moderated = bool(justification) or is_live(stored)
        texts = MODERATED_TEXTS if is_moderated else ()
        waiting = stored.revisions.waiting().first()
        changes = {name: getattr(company, name) for name in texts if getattr(company, name) != getattr(stored, name)}
        logo = self.cleaned_data.get("logo")
        is_new_logo = "logo" in self.changed_data and bool(logo)
        if is_new_logo and is_moderated:
            changes["logo"] = default_storage.save(logo_path(company, logo.name), logo)
            company.logo = stored.logo
        elif not is_new_logo and logo is not False and waiting and "logo" in waiting.changes:
            changes["logo"] = waiting.changes["logo"]
        for name in texts:
            setattr(company, name, getattr(stored, name))
        self.save()
        return propose(company, changes, by, justification)

    def delete_previous_logo(self):
        """Delete the replaced or removed logo after commit."""
        previous, logo = self.previous_logo, self.instance.logo
        if previous and previous != logo.name:
            transaction.on_commit(lambda: logo.storage.delete(previous), robust=True)


class NewCompanyForm(CompanyForm):
    another = forms.BooleanField(label="C’est une autre entreprise, qui porte un nom proche", required=False)

    class Meta(CompanyForm.Meta):
        fields = ["name", "siret", "kind", "sector", "size", "website"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["logo"]


class InvitationForm(forms.Form):
    email = EmailField(label="Adresse e-mail", max_length=254)
    role = forms.ChoiceField(
        label="Rôle",
        choices=[(MemberRole.RECRUITER, "Recrutement"), (MemberRole.OWNER, "Propriétaire")],
        initial=MemberRole.RECRUITER,
        help_text="Les deux gèrent les offres et les candidatures\u00a0; propriétaire, on gère aussi l’équipe.",
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=MemberRole)


class JoinForm(forms.Form):
    message = ProseField(
        label="Message",
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Présentez-vous\u00a0: votre nom, votre fonction dans l’entreprise.",
    )
