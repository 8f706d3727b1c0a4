"""The admin of changes proposed by companies: differences, findings of the wording check, and the decision."""

from django.contrib import admin, messages
from django.core.files.storage import default_storage

from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from offers.companies.models import Company, CompanyRevision
from offers.moderation import wording


@admin.register(CompanyRevision)
class CompanyRevisionAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    list_display = ["company", "created_at", "by", "proposed", "findings", "status"]
    list_filter = ["status"]
    list_select_related = ["company", "by"]
    list_per_page = 50
    search_fields = ["company__name"]
    fields = ["company", "current", "proposed", "logo", "findings", "by", "created_at", "status", "decided_at"]
    readonly_fields = fields
    actions = ["accept", "decline"]

    def has_decide_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    @admin.display(description="aujourd’hui")
    def current(self, revision):
        return _lines({name: getattr(revision.company, name) for name in revision.changes if name != "logo"})

    @admin.display(description="proposé")
    def proposed(self, revision):
        return _lines({name: value for name, value in revision.changes.items() if name != "logo"})

    @admin.display(description="logo proposé")
    def logo(self, revision):
        path = revision.changes.get("logo")
        return path and render_cell("picture", default_storage.url(path), 96)

    @admin.display(description="contrôle du texte")
    def findings(self, revision):
        texts = {name: value for name, value in revision.changes.items() if name in ("name", "sector", "description")}
        found = wording.check_texts(texts)
        return found and render_cell("paragraphs", *(f"{each.message}\u00a0: {each.text}" for each in found))

    @admin.action(description="Accepter les changements sélectionnés", permissions=["decide"])
    def accept(self, request, queryset):
        self._decide(request, queryset, CompanyRevision.accept, "accepté")

    @admin.action(description="Refuser les changements sélectionnés", permissions=["decide"])
    def decline(self, request, queryset):
        self._decide(request, queryset, CompanyRevision.decline, "refusé")

    def _decide(self, request, queryset, decision, label):
        for revision in queryset:
            if decision(revision):
                self.log_change(request, revision, f"Changement {label}.")
                self.message_user(request, f"{revision.company}\u00a0: changement {label}.", messages.SUCCESS)
            else:
                message = f"{revision.company}\u00a0: ce changement n’attend plus de décision."
                self.message_user(request, message, messages.WARNING)


def _lines(values: dict) -> str | None:
    """Return the values of fields of a company, one a line with its label."""
    labels = {name: Company._meta.get_field(name).verbose_name for name in values}
    lines = [f"{labels[name]}\u00a0: {value or '–'}" for name, value in values.items()]
    return render_cell("paragraphs", *lines) if lines else None
