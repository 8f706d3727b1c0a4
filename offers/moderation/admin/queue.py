"""The admin pages of the moderation queue: waiting offers, oldest first, with one form for all decisions; one offer."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobboard.admin_forms.columns import render_cell
from offers.models import Offer
from offers.moderation import backlog
from offers.moderation import queue as moderation
from offers.moderation.admin.decisions import SELECTION, OfferDecisionMixin, Outcome, is_seen, read_decision
from offers.moderation.models import ReturnReason
from offers.moderation.review import get_review, next_waiting
from offers.revisions import REASON_LENGTH

PER_PAGE = 20
# Buttons that decide nothing: choose all offers or none, and go back from the list of the chosen ones.
CHOOSE, BACK = f"choose:{SELECTION}", f"back:{SELECTION}"
# Keyboard shortcuts of the pages (`static/js/moderation.js`).
QUEUE_KEYS = [
    ("j", "offre suivante"),
    ("k", "précédente"),
    ("x", "choisir"),
    ("a", "publier, ou accepter le changement"),
    ("r", "motif d’un renvoi"),
    ("o", "ouvrir l’offre seule"),
]
REVIEW_KEYS = [
    ("a", "publier, ou accepter le changement, et passer à la suivante"),
    ("r", "motif d’un renvoi"),
    ("j", "offre suivante"),
    ("k", "précédente"),
    ("o", "ouvrir la fiche"),
    ("u", "revenir à la liste"),
]


def _typed_reasons(post) -> dict[str, str]:
    """Return the reasons in the textareas of the page that are not empty, by target."""
    prefix = "reason-"
    return {name.removeprefix(prefix): text for name, text in post.items() if name.startswith(prefix) and text.strip()}


@admin.register(ReturnReason)
class ReturnReasonAdmin(admin.ModelAdmin):
    list_display = ["title", "position"]
    list_editable = ["position"]


class ModerationQueueMixin(OfferDecisionMixin):
    """Add the page of the moderation queue, and the page of one offer, to the admin of offers."""

    def get_urls(self):
        def page(route, view, name):
            view = require_http_methods(["GET", "HEAD", "POST"])(never_cache(view))
            return path(route, self.admin_site.admin_view(view), name=f"offers_offer_{name}")

        return [
            page("moderation/", self.moderation_view, "moderation"),
            page("moderation/<int:pk>/", self.review_view, "review"),
            *super().get_urls(),
        ]

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return [*columns, "review_link"] if self.has_moderate_permission(request) else columns

    @admin.display(description="modération")
    def review_link(self, offer):
        return render_cell("link", reverse("admin:offers_offer_review", args=[offer.pk]), "relire")

    def moderation_view(self, request):
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        reasons, typed = {}, _typed_reasons(request.POST)
        chosen = request.POST.getlist("offer")[:PER_PAGE]
        action = request.POST.get("decision")
        if request.method == "POST" and action not in (CHOOSE, BACK):
            decision = read_decision(request.POST, PER_PAGE)
            if decision and decision.verb == "approve" and decision.target == SELECTION and not decision.confirmed:
                if page := self._confirm(request, decision, typed):
                    return page
            elif decision:
                reasons = self.decide(request, decision).reasons
                # Sent, or of no use for an offer that was approved.
                typed.pop(decision.target, None)
            if not reasons and not typed:
                return HttpResponseRedirect(request.get_full_path())
        page = Paginator(moderation.waiting_offers(), PER_PAGE).get_page(request.GET.get("page"))
        cases = moderation.build_cases(list(page))
        shown = {str(case.offer.pk) for case in cases}
        if action == CHOOSE:
            # The button chooses all offers of the page or, if all of them are chosen, none.
            chosen = [] if shown <= set(chosen) else shown
        for case in cases:
            # Reasons that are being written stay, whichever button was pressed.
            case.reason = (typed | reasons).get(str(case.offer.pk), "")
            case.edits_reason = str(case.offer.pk) in reasons
            case.is_chosen = str(case.offer.pk) in chosen
        context = {
            **self._base_context(request, "Modération"),
            "page": page,
            "cases": cases,
            "backlog": backlog.OFFERS.read(),
            "bulk_reason": (typed | reasons).get(SELECTION, ""),
            "edits_bulk_reason": SELECTION in reasons,
            "unsent": [text for target, text in (typed | reasons).items() if target not in {SELECTION, *shown}],
            "keys": QUEUE_KEYS,
        }
        return TemplateResponse(request, "admin/offers/offer/moderation.html", context)

    def _confirm(self, request, decision, typed):
        """List the chosen offers before they are published: those changed since the moderator read them are not.

        The page repeats the reasons that are being written (`typed`). Without chosen offers, return None.
        """
        offers = moderation.with_related_rows(Offer.objects.filter(pk__in=decision.pks))
        by_pk = {case.offer.pk: case for case in moderation.build_cases(list(offers))}
        cases = [by_pk[pk] for pk in decision.pks if pk in by_pk]
        unchanged = [case for case in cases if is_seen(case.offer, decision.seen[case.offer.pk])]
        if not cases:
            self.message_user(request, "Aucune offre n’est choisie.", messages.ERROR)
            return None
        context = {
            **self._base_context(request, "Publier les offres choisies"),
            "cases": unchanged,
            "changed": [case for case in cases if case not in unchanged],
            "queue_url": request.get_full_path(),
            "typed": [(f"reason-{target}", text) for target, text in typed.items()],
        }
        return TemplateResponse(request, "admin/offers/offer/accept_selection.html", context)

    def review_view(self, request, pk):
        """Show everything that becomes public of one offer; after a decision go on to the next waiting one."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        reasons = {}
        if request.method == "POST":
            since = Offer.objects.filter(pk=pk).values_list("waiting_since", flat=True).first()
            decision = read_decision(request.POST, 1)
            outcome = self.decide(request, decision) if decision and decision.target == str(pk) else Outcome()
            if outcome.decided:
                following = next_waiting(pk, since)
                return redirect("admin:offers_offer_review", following) if following else self._empty_queue(request)
            reasons = outcome.reasons
            if not reasons:
                return HttpResponseRedirect(request.get_full_path())
        review = get_review(pk, request.user)
        if review is None:
            raise Http404
        review.case.reason = reasons.get(str(pk), "")
        review.case.edits_reason = str(pk) in reasons
        context = {
            **self._base_context(request, review.case.offer.title),
            "review": review,
            "case": review.case,
            "events": review.events,
            "keys": REVIEW_KEYS,
        }
        return TemplateResponse(request, "admin/offers/offer/review.html", context)

    def _empty_queue(self, request):
        self.message_user(request, "C’était la dernière offre à relire.", messages.SUCCESS)
        return redirect("admin:offers_offer_moderation")

    def _base_context(self, request, title):
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "reasons": list(ReturnReason.objects.all()),
            "reason_length": REASON_LENGTH,
        }
