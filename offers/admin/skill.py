from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join

from jobboard.admin_forms.accessible import LabelledInlineFormSet
from jobboard.admin_forms.guarded import ConflictSafeAdmin
from jobboard.admin_forms.links import offers_link
from jobboard.text.keys import search_key
from offers.models import Skill, SkillAlias
from offers.visibility import published_offer_count


class SkillForm(forms.ModelForm):
    def clean_name(self):
        return checked_name(self.cleaned_data["name"])

    def clean(self):
        # The key is no field of the form: without this its unique constraint would speak first, by an error page.
        data = super().clean()
        key = search_key(data.get("name", ""))
        if key and Skill.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            self.add_error("name", "Une compétence porte déjà ce nom.")
        return data


class AliasForm(forms.ModelForm):
    def clean_name(self):
        return checked_name(self.cleaned_data["name"])


def checked_name(name: str) -> str:
    if not search_key(name):
        raise ValidationError("Un nom contient au moins une lettre ou un chiffre.")
    return name


class AliasFormSet(LabelledInlineFormSet):
    def clean(self):
        """What no single alias can see: its skill's own new name, and the other new aliases."""
        super().clean()
        seen = {search_key(self.instance.name): "C’est le nom même de la compétence."}
        for form in self.forms:
            name = form.cleaned_data.get("name") if hasattr(form, "cleaned_data") else None
            if not name or form in self.deleted_forms:
                continue
            key = search_key(name)
            if key in seen and "name" not in form.errors:
                form.add_error("name", seen[key])
            seen.setdefault(key, "Ce nom figure deux fois.")


class AliasInline(admin.TabularInline):
    model = SkillAlias
    form = AliasForm
    formset = AliasFormSet
    extra = 1


@admin.register(Skill)
class SkillAdmin(ConflictSafeAdmin):
    form = SkillForm
    list_display = ["name", "alias_names", "live", "slug"]
    list_per_page = 100
    search_fields = ["name", "aliases__name"]
    search_help_text = "Nom, ou autre nom."
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AliasInline]

    def get_queryset(self, request):
        queryset = super().get_queryset(request).prefetch_related("aliases")
        return queryset.annotate(live_offer_count=published_offer_count("skills"))

    @admin.display(description="autres noms")
    def alias_names(self, skill):
        return format_html_join(", ", "{}", ((alias.name,) for alias in skill.aliases.all())) or None

    @admin.display(description="offres en ligne", ordering="live_offer_count")
    def live(self, skill):
        return offers_link(skill.live_offer_count, skills__id__exact=skill.pk, suivi="en-ligne")
