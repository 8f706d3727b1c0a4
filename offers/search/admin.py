from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from jobboard.admin_forms.shipped import ShippedRowsAdmin
from jobboard.text.numbers import NBSP
from offers.search.models import SynonymSet
from offers.search.synonyms import MAX_WORDS, SynonymGroup, expression, find_conflict


class SynonymSetForm(forms.ModelForm):
    class Meta:
        model = SynonymSet
        fields = ["words", "kind", "active"]
        widgets = {"words": admin.widgets.AdminTextInputWidget(attrs={"class": "vLargeTextField wide"})}

    def clean_words(self):
        text = self.cleaned_data["words"]
        if ">" in text:
            raise ValidationError("Séparez les expressions par des virgules, et choisissez leur sens ci-dessous.")
        expressions = SynonymSet(words=text).expressions
        for one in expressions:
            if not 0 < len(expression(one)) <= MAX_WORDS:
                raise ValidationError(
                    f"«{NBSP}{one}{NBSP}»{NBSP}: une expression a d’un à cinq mots, articles et prépositions à part."
                )
        if len(set(map(expression, expressions))) < 2:
            raise ValidationError(
                "Il faut au moins deux expressions différentes\u00a0; la casse, les accents, le pluriel et le féminin "
                "ne font pas de différence."
            )
        return ", ".join(expressions)

    def clean(self):
        data = super().clean()
        if data.get("words") and data.get("kind") == SynonymSet.Kind.SAME and data.get("active"):
            candidate = SynonymGroup(SynonymSet(words=data["words"]).expressions)
            others = SynonymSet.objects.filter(active=True, kind=SynonymSet.Kind.SAME).exclude(pk=self.instance.pk)
            conflict = find_conflict(candidate, (SynonymGroup(row.expressions) for row in others))
            if conflict:
                shared, group = conflict
                self.add_error(
                    "words",
                    f"«{NBSP}{shared}{NBSP}» est déjà l’équivalent d’autres mots{NBSP}: "
                    f"«{NBSP}{', '.join(group.expressions)}{NBSP}». Complétez cette ligne-là, ou désactivez-la.",
                )
        return data


@admin.register(SynonymSet)
class SynonymSetAdmin(ShippedRowsAdmin):
    form = SynonymSetForm
    list_display = ["words", "kind", "active", "shipped"]
    list_filter = ["active", "kind", ("shipped_as", admin.EmptyFieldListFilter)]
    search_fields = ["words"]
    search_help_text = "Un mot ou une expression."

    @admin.display(description="livré avec le site", boolean=True)
    def shipped(self, row):
        return bool(row.shipped_as)

    @admin.action(description="Activer les synonymes sélectionnés", permissions=["change"])
    def switch_on(self, request, queryset):
        activated = 0
        for row in queryset.filter(active=False):
            form = SynonymSetForm({"words": row.words, "kind": row.kind, "active": True}, instance=row)
            if form.is_valid():
                form.save()
                self.log_change(request, row, "Activé pour la recherche.")
                activated += 1
            else:
                self.message_user(request, " ".join(form.errors["words"]), "ERROR")
        self.message_user(request, f"Lignes activées{NBSP}: {activated}.")

    @admin.action(description="Désactiver les synonymes sélectionnés", permissions=["change"])
    def switch_off(self, request, queryset):
        rows = list(queryset.filter(active=True))
        queryset.filter(active=True).update(active=False)
        for row in rows:
            self.log_change(request, row, "Désactivé pour la recherche.")
        self.message_user(request, f"Lignes désactivées{NBSP}: {len(rows)}.")
