"""The admin page of the moderation queue: waiting offers, oldest first, with one form for all decisions."""

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


class ModerationQueueMixin:
    """Add the page of the moderation queue to the admin of offers."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(never_cache(self.moderation_view))
        page = path("moderation/", self.admin_site.admin_view(view), name="offers_offer_moderation")
        return [page, *super().get_urls()]

    def has_moderate_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    def moderation_view(self, request):
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        reasons = {}
        if request.method == "POST":
            reasons = self._decide(request)
            if not reasons:
                return HttpResponseRedirect(request.get_full_path())
        page = Paginator(moderation.waiting_offers(), PER_PAGE).get_page(request.GET.get("page"))
        cases = moderation.build_cases(list(page))
        for case in cases:
            case.reason = reasons.get(str(case.offer.pk), "")
        context = {
            **self.admin_site.each_context(request),
            "title": "Modération",
            "opts": self.opts,
            "page": page,
            "cases": cases,
            "reasons": list(ReturnReason.objects.all()),
            "bulk_reason": reasons.get(SELECTION, ""),
        }
        return TemplateResponse(request, "admin/offers/offer/moderation.html", context)

    def _decide(self, request) -> dict[str, str]:
        """Apply the posted decision. Return the reasons to edit, by target, if the form must be shown again."""
        decision, _, target = request.POST.get("decision", "").partition(":")
        if decision not in moderation.DECISIONS:
            return {}
        reason = request.POST.get(f"reason-{target}", "").strip()[:REASON_LENGTH]
        if decision != "approve" and not reason:
            return self._reason_to_edit(request, target)
        selected = request.POST.getlist("offer")[:PER_PAGE] if target == SELECTION else [target]
        pks = [pk for pk in selected if pk.isdecimal() and len(pk) < 19]
        if not pks:
            self.message_user(request, "Aucune offre n’est choisie.", messages.ERROR)
            return {target: reason} if reason else {}
        offers = Offer.objects.select_related("company", "role", "place").in_bulk([int(pk) for pk in pks])
        for pk in pks:
            self._decide_one(request, decision, offers.get(int(pk)), request.POST.get(f"seen-{pk}"), reason)
        return {}

    def _reason_to_edit(self, request, target) -> dict[str, str]:
        """Return the text of the selected template, to be edited before it is sent; works without JavaScript."""
        template = request.POST.get(f"template-{target}", "")
        is_pk = template.isdecimal() and len(template) < 19
        selected = ReturnReason.objects.filter(pk=template).first() if is_pk else None
        if selected:
            self.message_user(
                request, "Relisez le motif, puis validez\u00a0: rien n’est encore parti.", messages.WARNING
            )
        else:
            self.message_user(request, "Indiquez le motif\u00a0: l’entreprise le lira.", messages.ERROR)
        return {target: selected.text if selected else " "}

    def _decide_one(self, request, decision, offer, seen, reason):
        if offer is None:
            self.message_user(request, "Cette offre n’existe plus.", messages.ERROR)
            return
        if offer.updated_at.isoformat() != seen:
            # The moderator has read an older version: the offer was changed or decided on since.
            message = f"«{NBSP}{offer}{NBSP}» a changé depuis que vous l’avez lue\u00a0: {offer.latest_event_label()}."
            self.message_user(request, message, messages.ERROR)
            return
        transition = moderation.transition_for(decision, offer)
        try:
            getattr(offer, transition)(request.user, *([] if decision == "approve" else [reason]))
        except TransitionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.log_change(request, offer, f"Modération{NBSP}: {DONE[transition]}.")
        self.message_user(request, f"«{NBSP}{offer}{NBSP}» {DONE[transition]}.", messages.SUCCESS)
