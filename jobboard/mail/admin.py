from django.contrib import admin, messages
from django.utils import timezone

from jobboard.admin_forms.read_only import ReadOnlyAdminMixin
from jobboard.mail.kinds import registered_kinds
from jobboard.mail.models import OutboxMessage
from jobboard.mail.outbox import queue_sending


class StateFilter(admin.SimpleListFilter):
    """Filter by state; the index page of the admin links to it."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request, model_admin):
        return [("attente", "en attente"), ("partis", "partis"), ("abandon", "jamais partis")]

    def queryset(self, request, queryset):
        filters = {"attente": queryset.pending, "partis": queryset.sent, "abandon": queryset.given_up}
        return filters[self.value()]() if self.value() in filters else queryset


class KindFilter(admin.SimpleListFilter):
    title = "sorte"
    parameter_name = "sorte"

    def lookups(self, request, model_admin):
        return [(kind.name, f"{kind.label} ({kind.name.partition('.')[0]})") for kind in registered_kinds()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """List of the outbox, with an action that sends mails again that were given up.

    The permission “change” allows that action.
    """

    list_display = ["created_at", "label", "state", "due_at", "context"]
    list_display_links = ["created_at", "label"]
    list_filter = [StateFilter, KindFilter, "created_at"]
    list_per_page = 50
    search_fields = ["key"]
    search_help_text = "Sorte et clé primaire, par exemple contact.notification:12"
    date_hierarchy = "created_at"
    fields = ["label", "key", "context", "recipient", "created_at", "state", "due_at", "attempts", "sent_at", "error"]
    readonly_fields = fields
    actions = ["send_again"]

    def has_delete_permission(self, request, obj=None):
        return False

    def has_send_again_permission(self, request):
        return request.user.has_perm("mail.change_outboxmessage")

    @admin.display(description="e-mail", ordering="kind")
    def label(self, message):
        return message.label

    @admin.display(description="état", ordering="sent_at")
    def state(self, message):
        return message.state

    @admin.action(description="Envoyer à nouveau les e-mails jamais partis", permissions=["send_again"])
    def send_again(self, request, queryset):
        """Reset the attempts. The Message-ID stays the same, so mail programs can detect duplicates."""
        given_up = list(queryset.given_up())
        due = OutboxMessage.objects.given_up().filter(pk__in=[message.pk for message in given_up])
        count = due.update(due_at=timezone.now(), attempts=0, error="")
        for message in given_up:
            self.log_change(request, message, "Envoi relancé.")
        if count:
            queue_sending()
        if count > 1:
            self.message_user(request, f"{count}\u00a0e-mails sélectionnés repartent.")
        elif count:
            self.message_user(request, "L’e-mail sélectionné repart.")
        else:
            self.message_user(request, "Aucun des e-mails sélectionnés n’a été abandonné.", messages.WARNING)
