from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpResponseRedirect

from jobboard.admin_forms.autocomplete import Autocompleting


class GuardedAdmin(Autocompleting, admin.ModelAdmin):
    """Two people may save at once what only one of them can: the database decides, and the other one is told."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            message = "Rien n’a été enregistré\u00a0: une autre personne vient d’enregistrer une fiche incompatible."
            self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
