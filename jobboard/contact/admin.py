from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from jobboard.admin_forms.accessible import label_split_datetime
from jobboard.contact.enums import SALES_STATUSES, ContactSubject, LeadStatus
from jobboard.contact.export import export
from jobboard.contact.models import FROM_RECRUITER, Lead
from jobboard.mail.models import OutboxMessage
from jobboard.privacy.registry import anonymized
from jobboard.text.dates import long_date
from jobboard.text.numbers import counted


class RetentionFilter(admin.SimpleListFilter):
    """Filter the requests that are past retention; the index page of the admin links here."""

    title = "conservation"
    parameter_name = "conservation"

    def lookups(self, request, model_admin):
        return [("depassee", "à effacer")]

    def queryset(self, request, queryset):
        return queryset.past_retention() if self.value() == "depassee" else queryset


class SubjectFilter(admin.SimpleListFilter):
    """Filter by subject, or all subjects except recruitment: the index page of the admin links here."""

    title = "sujet"
    parameter_name = "sujet"
    NOT_RECRUITERS = "sauf-recruteurs"

    def lookups(self, request, model_admin):
        return [*ContactSubject.choices, (self.NOT_RECRUITERS, "tous sauf «\u00a0je recrute\u00a0»")]

    def queryset(self, request, queryset):
        if self.value() == self.NOT_RECRUITERS:
            return queryset.exclude(FROM_RECRUITER)
        return queryset.filter(subject=self.value()) if self.value() else queryset


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = [
        *("created_at", "subject", "name", "company", "role", "status", "owner", "last_contact_at", "retention"),
    ]
    list_display_links = ["created_at", "name"]
    list_filter = [SubjectFilter, "status", "owner", "created_at", RetentionFilter, "role"]
    list_select_related = ["owner"]
    list_per_page = 50
    search_fields = ["name", "company", "email", "phone", "role", "message", "notes"]
    date_hierarchy = "created_at"
    readonly_fields = ["created_at", "retention", "mails"]
    fieldsets = [
        ("Suivi", {"fields": ["status", "owner", "last_contact_at", "notes"]}),
        ("Demande", {"fields": ["subject", "name", "company", "email", "phone", "role", "message", "page"]}),
        ("Dossier", {"fields": ["created_at", "retention", "mails"]}),
    ]
    actions = [
        *("assign_to_me", "mark_contacted", "mark_handled", "mark_qualified", "mark_won", "mark_lost", "mark_new"),
        "export_selected",
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        return label_split_datetime(super().formfield_for_dbfield(db_field, request, **kwargs))

    @admin.display(description="e-mails")
    def mails(self, lead):
        messages = OutboxMessage.objects.about("contact", lead=lead.pk).order_by("pk") if lead.pk else []
        return "\n".join(f"{message}\u00a0: {message.state}" for message in messages) or "–"

    @admin.display(description="à effacer le")
    def retention(self, lead):
        return long_date(lead.retention_date) if lead.pk else "–"

    @admin.action(description="M’attribuer les demandes sélectionnées", permissions=["change"])
    def assign_to_me(self, request, queryset):
        self._update(request, queryset, owner=request.user)

    @admin.action(description="Marquer les demandes sélectionnées comme contactées", permissions=["change"])
    def mark_contacted(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.CONTACTED, last_contact_at=timezone.now())

    @admin.action(description="Marquer les demandes sélectionnées comme traitées", permissions=["change"])
    def mark_handled(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.HANDLED)

    @admin.action(description="Marquer les demandes sélectionnées comme qualifiées", permissions=["change"])
    def mark_qualified(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.QUALIFIED)

    @admin.action(description="Marquer les demandes sélectionnées comme gagnées", permissions=["change"])
    def mark_won(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.WON)

    @admin.action(description="Marquer les demandes sélectionnées comme perdues", permissions=["change"])
    def mark_lost(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.LOST)

    @admin.action(
        description="Remettre les demandes sélectionnées à l’état «\u00a0nouvelle\u00a0»", permissions=["change"]
    )
    def mark_new(self, request, queryset):
        self._update(request, queryset, status=LeadStatus.NEW)

    @admin.action(description="Exporter les demandes sélectionnées en CSV", permissions=["view"])
    def export_selected(self, request, queryset):
        # With “select all”, the queryset is the filtered list.
        return export(queryset)

    def _update(self, request, queryset, **values):
        """Update the requests in one query and log the change of each. Sales statuses are for recruiters only."""
        selected = queryset.count()
        if values.get("status") in SALES_STATUSES:
            queryset = queryset.filter(FROM_RECRUITER)
        ids = list(queryset.order_by().values_list("pk", flat=True))
        count = Lead.objects.filter(pk__in=ids).update(**values)
        fields = [str(Lead._meta.get_field(name).verbose_name) for name in values]
        LogEntry.objects.log_actions(
            request.user.pk, map(anonymized, Lead.objects.filter(pk__in=ids)), CHANGE, [{"changed": {"fields": fields}}]
        )
        self.message_user(request, f"{counted(count, 'demande mise')} à jour.")
        if others := selected - len(ids):
            self.message_user(
                request,
                f"{counted(others, 'demande laissée')} en l’état\u00a0: cet état est réservé aux recruteurs. "
                "«\u00a0Traitée\u00a0» convient aux autres.",
                messages.WARNING,
            )
