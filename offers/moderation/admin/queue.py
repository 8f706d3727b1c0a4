"""The moderation queue: what waits, the longest waiting first, and one form for every decision."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobboard.text.numbers import NBSP
from offers.models import Offer, TransitionRefused
from offers.moderation import queue as moderation
from offers.moderation.models import ReturnReason

PER_PAGE = 20
REASON_LENGTH = 4_000
SELECTION = "selection"
DONE = {
    "publish": "est publiée",
    "accept": "montre maintenant le changement proposé",
    "return_": "est renvoyée à l’entreprise",
    "decline": "reste en ligne sans le changement proposé",
    "remove": "est supprimée du site",
}


@admin.register(ReturnReason)
class ReturnReasonAdmin(admin.ModelAdmin):
    list_display = ["title", "position"]
    list_editable = ["position"]


class Moderating:
    """Of the admin of offers: the page of the queue."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(never_cache(self.moderation_view))
        page = path("moderation/", self.admin_site.admin_view(view), name="offers_offer_moderation")
        return [page, *super().get_urls()]

    def has_moderate_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    def moderation_view(self, request):
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        typed = {}
        if request.method == "POST":
            typed = self._decide(request)
            if not typed:
                return HttpResponseRedirect(request.get_full_path())
        page = Paginator(moderation.waiting_offers(), PER_PAGE).get_page(request.GET.get("page"))
        cases = moderation.build_cases(list(page))
        for case in cases:
            case.reason = typed.get(str(case.offer.pk), "")
        context = {
            **self.admin_site.each_context(request),
            "title": "Modération",
            "opts": self.opts,
            "page": page,
            "cases": cases,
            "reasons": list(ReturnReason.objects.all()),
            "bulk_reason": typed.get(SELECTION, ""),
        }
        return TemplateResponse(request, "admin/offers/offer/moderation.html", context)

    def _decide(self, request) -> dict[str, str]:
        """Carry out what was pushed; returns the reasons to show again where something is still to be written."""
        decision, _, whom = request.POST.get("decision", "").partition(":")
        if decision not in moderation.DECISIONS:
            return {}
        reason = request.POST.get(f"reason-{whom}", "").strip()[:REASON_LENGTH]
        if decision != "approve" and not reason:
            return self._reason_to_edit(request, whom)
        chosen = request.POST.getlist("offer")[:PER_PAGE] if whom == SELECTION else [whom]
        numbers = [number for number in chosen if number.isdecimal() and len(number) < 19]
        if not numbers:
            self.message_user(request, "Aucune offre n’est choisie.", messages.ERROR)
            return {whom: reason} if reason else {}
        found = Offer.objects.select_related("company", "role", "place").in_bulk([int(number) for number in numbers])
        for number in numbers:
            self._decide_one(request, decision, found.get(int(number)), request.POST.get(f"seen-{number}"), reason)
        return {}

    def _reason_to_edit(self, request, whom) -> dict[str, str]:
        """The template that was chosen, to be read again before it leaves; without a script too."""
        template = request.POST.get(f"template-{whom}", "")
        known = template.isdecimal() and len(template) < 19
        chosen = ReturnReason.objects.filter(pk=template).first() if known else None
        if chosen:
            self.message_user(
                request, "Relisez le motif, puis validez\u00a0: rien n’est encore parti.", messages.WARNING
            )
        else:
            self.message_user(request, "Indiquez le motif\u00a0: l’entreprise le lira.", messages.ERROR)
        return {whom: chosen.text if chosen else " "}

    def _decide_one(self, request, decision, offer, seen, reason):
        if offer is None:
            self.message_user(request, "Cette offre n’existe plus.", messages.ERROR)
            return
        if offer.updated_at.isoformat() != seen:
            # Whoever decides has read something else: somebody was faster, or the company has corrected it.
            message = f"«{NBSP}{offer}{NBSP}» a changé depuis que vous l’avez lue\u00a0: {offer.latest()}."
            self.message_user(request, message, messages.ERROR)
            return
        verb = moderation.transition_for(decision, offer)
        try:
            getattr(offer, verb)(request.user, *([] if decision == "approve" else [reason]))
        except TransitionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.log_change(request, offer, f"Modération{NBSP}: {DONE[verb]}.")
        self.message_user(request, f"«{NBSP}{offer}{NBSP}» {DONE[verb]}.", messages.SUCCESS)
