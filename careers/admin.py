from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.utils import timezone

from careers import models, prose
from careers.models import Role
from careers.views import render_preview
from jobboard.admin_forms.accessible import LabelledInlineFormSet
from jobboard.text.keys import search_key
from jobboard.text.numbers import plural

# Fields whose change does not update `updated_on`.
NOT_CONTENT = {"status", "updated_on", "slug"}


class RowFormSet(LabelledInlineFormSet):
    """Rows of a role. `KEY` are the fields that are unique within a role, if any."""

    KEY = ()

    @property
    def remaining_forms(self):
        gone = self.deleted_forms
        return [form for form in self.forms if getattr(form, "cleaned_data", None) and form not in gone]

    def save(self, commit=True):
        """Delete rows whose key changes before saving any, so that two rows may swap keys, or reuse a deleted one."""
        if commit and self.KEY:
            changed_forms = [form for form in self.initial_forms if set(form.changed_data) & {*self.KEY, "DELETE"}]
            self.model._default_manager.filter(pk__in=[form.instance.pk for form in changed_forms]).delete()
        return super().save(commit)


class OrderedFormSet(RowFormSet):
    """Rows with a position; a row without one goes to the end."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["position"].required = False
        if not form.instance.pk:
            form.initial["position"] = form.fields["position"].initial = None

    def clean(self):
        super().clean()
        last = max((form.cleaned_data.get("position") or 0 for form in self.remaining_forms), default=0)
        for form in self.remaining_forms:
            if form.cleaned_data.get("position") is None:
                last += 1
                form.cleaned_data["position"] = form.instance.position = last


class EntryFormSet(OrderedFormSet):
    @classmethod
    def get_default_prefix(cls):
        """Return the section, since eight formsets of the same relation are on one page."""
        return cls.model.SECTION.value


class TitleFormSet(OrderedFormSet):
    KEY = ("title",)

    def clean(self):
        super().clean()
        seen = set()
        for form in self.remaining_forms:
            key = search_key(form.cleaned_data.get("title") or "")
            if key in seen:
                raise ValidationError(f"Le titre «\u00a0{form.cleaned_data['title']}\u00a0» figure deux fois.")
            seen.add(key)


class BandFormSet(RowFormSet):
    KEY = ("level", "zone")

    def get_unique_error_message(self, unique_check):
        return "Deux lignes remplissent la même case de la grille."


class RoleInline(admin.TabularInline):
    """The permission to change a profile includes its rows."""

    formset = OrderedFormSet
    extra = 0

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("careers.view_role") or request.user.has_perm("careers.change_role")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("careers.change_role" if obj else "careers.add_role")

    has_add_permission = has_delete_permission = has_change_permission


class EntryInline(RoleInline):
    formset = EntryFormSet
    fields = ["position", "label", "text"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(section=self.model.SECTION)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "text":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 50})
        if db_field.name == "label":
            kwargs["widget"] = forms.TextInput(attrs={"size": 16})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class MissionInline(EntryInline):
    model = models.Mission


class SkillEntryInline(EntryInline):
    model = models.SkillEntry


class SoftSkillInline(EntryInline):
    model = models.SoftSkill


class TrainingEntryInline(EntryInline):
    model = models.TrainingEntry


class EvolutionInline(EntryInline):
    model = models.Evolution


class SectorInline(EntryInline):
    model = models.Sector


class RemotePatternInline(EntryInline):
    model = models.RemotePattern


class DayStepInline(EntryInline):
    model = models.DayStep
    verbose_name_plural = "journée type (l’intitulé est l’heure)"


class TitleInline(RoleInline):
    model = models.RoleTitle
    formset = TitleFormSet
    fields = ["position", "title"]


class BandInline(RoleInline):
    model = models.SalaryBand
    formset = BandFormSet
    fields = ["level", "zone", "minimum", "maximum", "source", "year"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "source":
            kwargs["widget"] = forms.TextInput(attrs={"size": 24})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    verbose_name_plural = "grille des salaires (K€ bruts fixes par an)"


class FaqInline(RoleInline, admin.StackedInline):
    template = "admin/edit_inline/stacked.html"
    model = models.FaqEntry
    fields = ["position", "question", "answer", "illustration"]


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ["name", "french_name", "status", "median", "updated_on"]
    list_filter = ["status", "study_level", "updated_on"]
    search_fields = ["name", "full_name", "french_name", "slug", "titles__title"]
    prepopulated_fields = {"slug": ["name"]}
    actions = ["publish", "unpublish"]
    save_on_top = True

    class Media:
        css = {"all": ["careers/admin.css"]}

    fieldsets = [
        (None, {"fields": ["name", "slug", "full_name", "french_name", "summary", ("status", "updated_on")]}),
        (
            "Chiffres",
            {
                "fields": [
                    ("median_salary", "salary_source", "salary_year"),
                    ("study_level", "experience_from", "experience_to"),
                ]
            },
        ),
        (
            "Textes",
            {
                "description": "Une partie sans texte ni liste n’apparaît pas sur la page.",
                "fields": prose.FIELDS,
            },
        ),
    ]
    inlines = [
        TitleInline,
        MissionInline,
        SkillEntryInline,
        SoftSkillInline,
        TrainingEntryInline,
        EvolutionInline,
        BandInline,
        SectorInline,
        FaqInline,
        RemotePatternInline,
        DayStepInline,
    ]

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    @admin.display(description="salaire médian", ordering="median_salary", empty_value="–")
    def median(self, role):
        return f"{role.median_salary}\u00a0K€" if role.median_salary else None

    # Saving

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        changed = set(form.changed_data) - NOT_CONTENT or any(formset.has_changed() for formset in formsets)
        # A date that the curator has entered takes precedence.
        if changed and "updated_on" not in form.changed_data:
            form.instance.updated_on = timezone.localdate()
            form.instance.save(update_fields=["updated_on"])

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Validation has passed: another user has just saved the same title or band.
            self.message_user(
                request,
                "Rien n’a été enregistré\u00a0: la fiche vient d’être modifiée. Voici sa dernière version.",
                messages.ERROR,
            )
            return HttpResponseRedirect(request.get_full_path())

    # Preview: save everything, render the page, and roll back the transaction of the admin view.

    def response_add(self, request, obj, post_url_continue=None):
        if "_preview" in request.POST:
            return self._preview(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        if "_preview" in request.POST:
            return self._preview(request, obj)
        return super().response_change(request, obj)

    def _preview(self, request, obj):
        response = render_preview(request, Role.objects.get(pk=obj.pk))
        transaction.set_rollback(True)
        return response

    # Actions

    @admin.action(description="Publier les fiches sélectionnées", permissions=["change"])
    def publish(self, request, queryset):
        self._set_status(request, queryset, Role.Status.PUBLISHED, "{count} fiche{s} publiée{s}.")

    @admin.action(description="Repasser les fiches sélectionnées en brouillon", permissions=["change"])
    def unpublish(self, request, queryset):
        self._set_status(request, queryset, Role.Status.DRAFT, "{count} fiche{s} repassée{s} en brouillon.")

    def _set_status(self, request, queryset, status, done):
        count = 0
        with transaction.atomic():
            for role in queryset.exclude(status=status):
                role.status = status
                role.save(update_fields=["status"])
                self.log_change(request, role, done.format(count="", s="").strip().capitalize())
                count += 1
        self.message_user(
            request,
            done.format(count=count, s=plural(count))
            if count
            else "Aucune fiche à changer\u00a0: elles étaient déjà dans cet état.",
            messages.SUCCESS if count else messages.WARNING,
        )
