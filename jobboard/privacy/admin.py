from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.privacy import files, processing, registry
from jobboard.privacy.archive import build_archive
from jobboard.privacy.forms import ErasureForm, PersonForm
from jobboard.privacy.models import FileDeletion, PersonalDataRequest, Purge
from jobboard.spreadsheet import csv_response
from jobboard.text.numbers import counted


class ReadOnlyCountsAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Admin of a model with counts by title; subclasses define `counts_of`."""

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="lignes")
    def lines(self, obj):
        return "\n".join(f"{title}\u00a0: {count}" for title, count in self.counts_of(obj).items()) or "–"

    @admin.display(description="total")
    def total(self, obj):
        return obj.total


@admin.register(Purge)
class PurgeAdmin(ReadOnlyCountsAdmin):
    list_display = ["started_at", "finished_at", "total", "failures"]
    date_hierarchy = "started_at"
    fields = ["started_at", "finished_at", "lines", "failures"]
    readonly_fields = ["lines", "failures"]

    @staticmethod
    def counts_of(purge):
        return purge.done

    @admin.display(description="en échec")
    def failures(self, purge):
        return ", ".join(f"{title} ({error})" for title, error in purge.failed.items()) or "–"


@admin.register(FileDeletion)
class FileDeletionAdmin(admin.ModelAdmin):
    """The files of erased rows that were not found: try again, or confirm that a file is gone."""

    list_display = ["requested_at", "name", "attempts", "due_at", "error"]
    fields = readonly_fields = ["storage", "name", "requested_at", "attempts", "due_at", "error"]
    date_hierarchy = "requested_at"
    actions = ["try_again", "confirm_gone"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description="Essayer à nouveau d’effacer les fichiers choisis", permissions=["change"])
    def try_again(self, request, queryset):
        gone = [files.delete_file(deletion) for deletion in queryset]
        level = messages.SUCCESS if all(gone) else messages.WARNING
        self.message_user(request, f"Fichiers effacés\u00a0: {sum(gone)} sur {len(gone)}.", level)

    @admin.action(description="Confirmer que les fichiers choisis n’existent plus", permissions=["change"])
    def confirm_gone(self, request, queryset):
        for deletion in queryset:
            self.log_change(request, deletion, "Fichier confirmé disparu.")
        count = queryset.count()
        queryset.delete()
        self.message_user(request, f"Fichiers confirmés disparus\u00a0: {count}.", messages.SUCCESS)


@admin.register(PersonalDataRequest)
class PersonalDataRequestAdmin(ReadOnlyCountsAdmin):
    """Answer requests by e-mail address: show, export or erase. Addresses are sent in POST bodies, never in URLs."""

    list_display = ["at", "kind", "total", "by"]
    list_filter = ["kind"]
    list_select_related = ["by"]
    date_hierarchy = "at"
    fields = ["at", "kind", "by", "lines"]
    readonly_fields = ["lines"]
    change_list_template = "admin/privacy/personaldatarequest/change_list.html"

    @staticmethod
    def counts_of(data_request):
        return data_request.counts

    def get_urls(self):
        return [
            path("personne/", self.admin_site.admin_view(self.person), name="privacy_person"),
            path("registre/", self.admin_site.admin_view(self.record), name="privacy_record"),
            path("registre/csv/", self.admin_site.admin_view(self.record_csv), name="privacy_record_csv"),
            *super().get_urls(),
        ]

    def has_answer_permission(self, request):
        return request.user.has_perm("privacy.answer_person")

    def has_view_permission(self, request, obj=None):
        return self.has_answer_permission(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request):
        return self.has_answer_permission(request) or super().has_module_permission(request)

    @method_decorator([sensitive_post_parameters(), never_cache])
    def person(self, request):
        if not self.has_answer_permission(request):
            raise PermissionDenied
        form = PersonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._render(request, form)
        email = form.cleaned_data["email"]
        person = registry.Person.from_email(email)
        if "export" in request.POST:
            return self._export(request, person)
        if "erase" in request.POST:
            return self._erase(request, form, person)
        return self._render(request, form, person)

    @method_decorator([require_safe, never_cache])
    def record(self, request):
        """Show the record of processing activities (GDPR, article 30), for reading and printing."""
        if not self.has_answer_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **processing.record_context(),
            "title": "Registre des traitements",
            "opts": self.opts,
            "list_url": reverse("admin:privacy_personaldatarequest_changelist"),
        }
        return TemplateResponse(request, "admin/privacy/personaldatarequest/record.html", context)

    @method_decorator([require_safe, never_cache])
    def record_csv(self, request):
        if not self.has_answer_permission(request):
            raise PermissionDenied
        return csv_response("registre", processing.CSV_HEADER, processing.csv_rows())

    def _export(self, request, person):
        file = build_archive(person)
        self._record(request, PersonalDataRequest.Kind.EXPORT, count_rows(person))
        return FileResponse(file, as_attachment=True, filename="donnees.zip", content_type="application/zip")

    def _erase(self, request, form, person):
        erasure_form = ErasureForm(request.POST)
        if not erasure_form.is_valid():
            return self._render(request, form, person, erasure_form)
        try:
            counts = count_rows(person)
            start = timezone.now()
            registry.erase(person)
        except registry.ErasureRefused as refusal:
            for reason in refusal.reasons:
                erasure_form.add_error(None, reason)
            return self._render(request, form, person, erasure_form)
        self._record(request, PersonalDataRequest.Kind.ERASURE, counts)
        total = sum(counts.values())
        self.message_user(request, f"{counted(total, 'ligne effacée')}.", messages.SUCCESS)
        if remaining := FileDeletion.objects.filter(requested_at__gte=start).count():
            self.message_user(
                request,
                f"Fichiers qui restent à effacer\u00a0: {remaining}. N’annoncez l’effacement qu’une fois la liste "
                "«\u00a0Fichiers à effacer\u00a0» vide.",
                messages.WARNING,
            )
        return redirect("admin:privacy_personaldatarequest_changelist")

    @staticmethod
    def _record(request, kind, counts):
        PersonalDataRequest.objects.create(kind=kind, by=request.user, counts=counts)

    def _render(self, request, form, person=None, erasure_form=None):
        context = {
            **self.admin_site.each_context(request),
            "title": "Demande d’une personne",
            "opts": self.opts,
            "form": form,
            "person": person,
            "data": registry.export(person) if person else None,
            "blockers": registry.erasure_blockers(person) if person else [],
            "erasure_form": erasure_form or ErasureForm(initial={"email": person.email} if person else None),
            "list_url": reverse("admin:privacy_personaldatarequest_changelist"),
        }
        return TemplateResponse(request, "admin/privacy/personaldatarequest/person.html", context)


def count_rows(person) -> dict[str, int]:
    """Return the counts of rows about `person` by title of their source, without zeros."""
    counts = {source.title: source.get_queryset(person).count() for source in registry.sources()}
    return {title: count for title, count in counts.items() if count}
