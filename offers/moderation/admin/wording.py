from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from jobboard.admin_forms.shipped import ShippedRowsAdmin
from jobboard.text.numbers import NBSP
from offers.moderation.models import WordingTerm
from offers.moderation.wording.phrases import PhraseError, phrase_to_regex


class WordingTermForm(forms.ModelForm):
    class Meta:
        model = WordingTerm
        fields = ["category", "effect", "phrase", "title_only", "advice", "active"]
        widgets = {
            "phrase": admin.widgets.AdminTextInputWidget(attrs={"class": "vLargeTextField wide"}),
            "advice": admin.widgets.AdminTextInputWidget(attrs={"class": "vLargeTextField wide"}),
        }
        help_texts = {
            "effect": "Une tournure permise excuse celles de sa catégorie qui la recouvrent\u00a0: «\u00a035 ans "
            "d’expérience\u00a0».",
            "phrase": (
                f"{{âge}}{NBSP}: de 16 à 79{NBSP}; {{nombre}}{NBSP}; (un|deux){NBSP}: l’un ou l’autre{NBSP}; "
                f"…{NBSP}: trois mots au plus{NBSP}; contact*{NBSP}: toute fin de mot. La casse, les accents, le "
                "pluriel et le féminin ne font pas de différence."
            ),
        }

    def clean_phrase(self):
        phrase = " ".join(self.cleaned_data["phrase"].split())
        try:
            phrase_to_regex(phrase)
        except PhraseError as error:
            raise ValidationError(str(error)) from None
        return phrase


@admin.register(WordingTerm)
class WordingTermAdmin(ShippedRowsAdmin):
    form = WordingTermForm
    list_display = ["phrase", "category", "effect", "title_only", "advice", "active", "shipped"]
    list_filter = ["category", "effect", "active", ("shipped_as", admin.EmptyFieldListFilter)]
    search_fields = ["phrase", "advice"]
    search_help_text = "Un mot de la tournure ou du conseil."

    @admin.display(description="livrée avec le site", boolean=True)
    def shipped(self, row):
        return bool(row.shipped_as)

    @admin.action(description="Activer", permissions=["change"])
    def switch_on(self, request, queryset):
        self._switch(request, queryset, True, "Activée.")

    @admin.action(description="Désactiver", permissions=["change"])
    def switch_off(self, request, queryset):
        self._switch(request, queryset, False, "Désactivée.")

    def _switch(self, request, queryset, active: bool, message: str):
        rows = list(queryset.filter(active=not active))
        queryset.filter(active=not active).update(active=active)
        for row in rows:
            self.log_change(request, row, message)
        self.message_user(request, f"Tournures modifiées{NBSP}: {len(rows)}.")
