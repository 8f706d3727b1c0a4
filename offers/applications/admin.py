from django.contrib import admin
from django.urls import reverse

from jobboard.admin_forms.columns import render_cell
from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.mail.models import OutboxMessage
from offers.applications import intake
from offers.applications.models import Application
from offers.applications.models.retention import UNTIL_FILLED


class CheckFilter(admin.SimpleListFilter):
    title = "CV"
    parameter_name = "cv"

    def lookups(self, request, model_admin):
        return [
            ("abandon", "jamais vérifiés"),
            ("failing", "vérification en échec"),
            ("refused", "refusés"),
            ("flagged", "à ouvrir avec prudence"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "abandon":
            return queryset.filter(cv_state="waiting", cv_due_at=None)
        if self.value() == "failing":
            return queryset.cv_failing()
        return queryset.filter(cv_state=self.value()) if self.value() else queryset


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Read and delete applications. Recruiters answer in the inbox, which also records each opening of a CV.

    The permission “change” allows to answer candidates there.
    """

    list_display = ["created_at", "name", "offer", "status", "cv_state", "last_contact_at"]
    list_display_links = ["created_at", "name"]
    list_filter = ["status", CheckFilter, "created_at", "keep_for_others"]
    list_select_related = ["offer"]
    list_per_page = 50
    search_fields = ["name", "email", "offer__title"]
    date_hierarchy = "created_at"
    actions = ["check_again"]
    fieldsets = [
        ("Candidature", {"fields": ["offer", "name", "email", "phone", "message", "questions"]}),
        ("CV", {"fields": ["cv_name", "cv_state", "cv_reason", "cv_attempts", "cv_error", "opened"]}),
        ("Suivi", {"fields": ["inbox", "status", "steps", "mails_sent", "created_at", "last_contact_at"]}),
        ("Conservation", {"fields": ["keep_for_others", "consents", "kept_until"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [name for _, options in self.fieldsets for name in options["fields"]]

    def delete_model(self, request, application):
        intake.erase_application(application)

    def delete_queryset(self, request, queryset):
        for application in queryset:
            self.delete_model(request, application)

    @admin.action(description="Vérifier à nouveau les CV qui attendent", permissions=["view"])
    def check_again(self, request, queryset):
        count = intake.recheck(queryset)
        self.message_user(request, f"CV à vérifier à nouveau, dans la minute\u00a0: {count}.")

    @admin.display(description="réponses")
    def questions(self, application):
        return render_cell("answers", application.answers)

    @admin.display(description="boîte de réception")
    def inbox(self, application):
        url = reverse("applications:inbox_application", args=[application.pk])
        return render_cell("link", url, "Ouvrir la candidature et son CV")

    @admin.display(description="étapes")
    def steps(self, application):
        return "\n".join(map(str, application.events.all())) or "–"

    @admin.display(description="accords")
    def consents(self, application):
        return "\n".join(map(str, application.consents.all())) or "–"

    @admin.display(description="gardée jusqu’au")
    def kept_until(self, application):
        return application.retained_until or UNTIL_FILLED

    @admin.display(description="ouvertures")
    def opened(self, application):
        accesses = application.cv_accesses.select_related("user")
        return "\n".join(f"{access.user or 'compte supprimé'}, {access}" for access in accesses) or "–"

    @admin.display(description="e-mails")
    def mails_sent(self, application):
        messages = OutboxMessage.objects.about("applications", application=application.pk).order_by("pk")
        return "\n".join(f"{message}\u00a0: {message.state}" for message in messages) or "–"
