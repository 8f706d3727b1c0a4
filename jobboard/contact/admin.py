from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone
from django.utils.formats import date_format

from jobboard.admin_forms.accessible import label_split_datetime
from jobboard.contact.export import export
from jobboard.contact.models import Lead
from jobboard.mail.models import OutboxMessage
from jobboard.privacy.registry import anonymized


class RetentionFilter(admin.SimpleListFilter):
    """The front page of the admin leads here."""

    title = "conservation"
    parameter_name = "conservation"

    def lookups(self, request, model_admin):
        return [("depassee", "à effacer")]

    def queryset(self, request, queryset):
        return queryset.past_retention() if self.value() == "depassee" else queryset


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = [
        *("created_at", "name", "company", "role", "status", "owner", "last_contact_at", "retention"),
    ]
    list_display_links = ["created_at", "name"]
    list_filter = ["status", "owner", "created_at", RetentionFilter, "role"]
    list_select_related = ["owner"]
    list_per_page = 50
    search_fields = ["name", "company", "email", "phone", "role", "message", "notes"]
    date_hierarchy = "created_at"
    readonly_fields = ["created_at", "retention", "mails"]
    fieldsets = [
        ("Suivi", {"fields": ["status", "owner", "last_contact_at", "notes"]}),
        ("Demande", {"fields": ["name", "company", "email", "phone", "role", "message", "page"]}),
        ("Dossier", {"fields": ["created_at", "retention", "mails"]}),
    ]
    actions = [
        *("assign_to_me", "mark_contacted", "mark_qualified", "mark_won", "mark_lost", "mark_new", "export_selected"),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        return label_split_datetime(super().formfield_for_dbfield(db_field, request, **kwargs))

    @admin.display(description="e-mails")
    def mails(self, lead):
        messages = OutboxMessage.objects.about("contact", lead=lead.pk).order_by("pk") if lead.pk else []
        return "\n".join(f"{message}\u00a0: {message.state}" for message in messages) or "–"

    @admin.display(description="à effacer le")
    def retention(self, lead):
        return date_format(lead.retention_date, "j F Y") if lead.pk else "–"

    @admin.action(description="Me confier les demandes choisies", permissions=["change"])
    def assign_to_me(self, request, queryset):
        self._update(request, queryset, owner=request.user)

    @admin.action(description="Marquer contactées maintenant", permissions=["change"])
    def mark_contacted(self, request, queryset):
        self._update(request, queryset, status=Lead.Status.CONTACTED, last_contact_at=timezone.now())

    @admin.action(description="Marquer qualifiées", permissions=["change"])
    def mark_qualified(self, request, queryset):
        self._update(request, queryset, status=Lead.Status.QUALIFIED)

    @admin.action(description="Marquer gagnées", permissions=["change"])
    def mark_won(self, request, queryset):
        self._update(request, queryset, status=Lead.Status.WON)

    @admin.action(description="Marquer perdues", permissions=["change"])
    def mark_lost(self, request, queryset):
        self._update(request, queryset, status=Lead.Status.LOST)

    @admin.action(description="Remettre à l’état «\u00a0nouvelle\u00a0»", permissions=["change"])
    def mark_new(self, request, queryset):
        self._update(request, queryset, status=Lead.Status.NEW)

    @admin.action(description="Exporter en CSV", permissions=["view"])
    def export_selected(self, request, queryset):
        # With « tout sélectionner », the selection is the filtered list.
        return export(queryset)

    def _update(self, request, queryset, **values):
        """One UPDATE for all, and a line of history for each."""
        ids = list(queryset.order_by().values_list("pk", flat=True))
        count = Lead.objects.filter(pk__in=ids).update(**values)
        fields = [str(Lead._meta.get_field(name).verbose_name) for name in values]
        LogEntry.objects.log_actions(
            request.user.pk, map(anonymized, Lead.objects.filter(pk__in=ids)), CHANGE, [{"changed": {"fields": fields}}]
        )
        plural = "s" if count > 1 else ""
        self.message_user(request, f"{count} demande{plural} mise{plural} à jour.")
