from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from jobboard.privacy import registry as personal
from jobboard.privacy.forms import ErasureForm, PersonForm
from jobboard.privacy.handover import archive
from jobboard.privacy.models import Answer, Purge


class Record(admin.ModelAdmin):
    """What was done, to read."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="lignes")
    def lines(self, record):
        return "\n".join(f"{title}\u00a0: {count}" for title, count in self.counts_of(record).items()) or "–"

    @admin.display(description="total")
    def total(self, record):
        return record.total


@admin.register(Purge)
class PurgeAdmin(Record):
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


@admin.register(Answer)
class AnswerAdmin(Record):
    """Requests by email address: see everything, hand it over, erase it. The address is never part of a URL."""

    list_display = ["at", "kind", "total", "by"]
    list_filter = ["kind"]
    list_select_related = ["by"]
    date_hierarchy = "at"
    fields = ["at", "kind", "by", "lines"]
    readonly_fields = ["lines"]
    change_list_template = "admin/privacy/answer/change_list.html"

    @staticmethod
    def counts_of(answer):
        return answer.counts

    def get_urls(self):
        return [
            path("personne/", self.admin_site.admin_view(self.person), name="privacy_person"),
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
        asked = PersonForm(request.POST or None)
        if request.method != "POST" or not asked.is_valid():
            return self._page(request, asked)
        email = asked.cleaned_data["email"]
        person = personal.Person.with_address(email)
        if "export" in request.POST:
            return self._export(request, person)
        if "erase" in request.POST:
            return self._erase(request, asked, person)
        return self._page(request, asked, person)

    def _export(self, request, person):
        file = archive(person)
        self._record(request, Answer.Kind.EXPORT, counts(person))
        return FileResponse(file, as_attachment=True, filename="donnees.zip", content_type="application/zip")

    def _erase(self, request, asked, person):
        sure = ErasureForm(request.POST)
        if not sure.is_valid():
            return self._page(request, asked, person, sure)
        try:
            found = counts(person)
            personal.erase(person)
        except personal.ErasureRefused as refusal:
            for reason in refusal.reasons:
                sure.add_error(None, reason)
            return self._page(request, asked, person, sure)
        self._record(request, Answer.Kind.ERASURE, found)
        self.message_user(request, f"{sum(found.values())}\u00a0lignes effacées.", messages.SUCCESS)
        return redirect("admin:privacy_answer_changelist")

    @staticmethod
    def _record(request, kind, found):
        Answer.objects.create(kind=kind, by=request.user, counts=found)

    def _page(self, request, asked, person=None, sure=None):
        context = {
            **self.admin_site.each_context(request),
            "title": "Demande d’une personne",
            "opts": self.opts,
            "form": asked,
            "found": personal.export(person) if person else None,
            "asked": person is not None,
            "obstacles": personal.obstacles(person) if person else [],
            "sure": sure or ErasureForm(initial={"email": person.email} if person else None),
            "list_url": reverse("admin:privacy_answer_changelist"),
        }
        return TemplateResponse(request, "admin/privacy/answer/person.html", context)


def counts(person) -> dict[str, int]:
    found = {part.title: part.of(person).count() for part in personal.parts()}
    return {title: count for title, count in found.items() if count}
