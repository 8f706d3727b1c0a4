from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpResponseRedirect

from jobboard.admin_forms.autocomplete import SafeAutocompleteMixin


class ConflictSafeAdmin(SafeAutocompleteMixin, admin.ModelAdmin):
    """Show a message when a concurrent save violates a database constraint, instead of error 500."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            message = "Rien n’a été enregistré\u00a0: une autre personne vient d’enregistrer une fiche incompatible."
            self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
