"""The decisions of moderators on offers, as posted by the queue and by the page of one offer."""

from dataclasses import dataclass, field

from django.contrib import messages

from jobboard.text.numbers import NBSP
from offers.models import Offer, TransitionRefused
from offers.moderation import queue as moderation
from offers.moderation.models import ReturnReason
from offers.revisions import REASON_LENGTH

SELECTION = "selection"
DONE = {
    "publish": "est publiée",
    "accept": "montre maintenant le changement proposé",
    "return_": "est renvoyée à l’entreprise",
    "decline": "reste en ligne sans le changement proposé",
    "remove": "est supprimée du site",
}


@dataclass
class PostedDecision:
    """A posted decision on `target`, the pk of an offer or SELECTION.

    `seen` has the version of each offer that the moderator has read, by pk: a decision applies to this version only.
    `confirmed`: the moderator has seen the list of the chosen offers.
    """

    verb: str
    target: str
    pks: list[int]
    seen: dict[int, str]
    reason: str
    template: str
    confirmed: bool


@dataclass
class Outcome:
    """The offers decided on, and the reasons to edit by target if the form must be shown again."""

    decided: list[Offer] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)


def is_pk(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def read_decision(post, limit: int) -> PostedDecision | None:
    """Return the posted decision, on at most `limit` offers, or None if there is none."""
    verb, _, target = post.get("decision", "").partition(":")
    if verb not in moderation.DECISIONS:
        return None
    selected = post.getlist("offer")[:limit] if target == SELECTION else [target]
    pks = [int(pk) for pk in dict.fromkeys(selected) if is_pk(pk)]
    return PostedDecision(
        verb,
        target,
        pks,
        {pk: post.get(f"seen-{pk}", "") for pk in pks},
        post.get(f"reason-{target}", "").strip()[:REASON_LENGTH],
        post.get(f"template-{target}", ""),
        "confirmed" in post,
    )


class OfferDecisionMixin:
    """Apply decisions in the admin of offers, with a message for each offer."""

    def has_moderate_permission(self, request):
        return request.user.has_perm("offers.moderate_offer")

    def decide(self, request, decision: PostedDecision) -> Outcome:
        if decision.verb != "approve" and not decision.reason:
            return Outcome(reasons=self._reason_to_edit(request, decision))
        outcome = Outcome()
        if not decision.pks:
            self.message_user(request, "Aucune offre n’est choisie.", messages.ERROR)
        offers = Offer.objects.select_related("company", "role", "place").in_bulk(decision.pks)
        for pk in decision.pks:
            if self._decide_one(request, decision, offers.get(pk), decision.seen[pk]):
                outcome.decided.append(offers[pk])
        if decision.reason and len(outcome.decided) < max(len(decision.pks), 1):
            outcome.reasons = {decision.target: decision.reason}
        return outcome

    def _reason_to_edit(self, request, decision) -> dict[str, str]:
        """Return the text of the selected template, to be edited before it is sent; works without JavaScript."""
        selected = ReturnReason.objects.filter(pk=decision.template).first() if is_pk(decision.template) else None
        if selected:
            self.message_user(
                request, "Relisez le motif, puis validez\u00a0: rien n’est encore parti.", messages.WARNING
            )
        else:
            self.message_user(request, "Indiquez le motif\u00a0: l’entreprise le lira.", messages.ERROR)
        return {decision.target: selected.text if selected else ""}

    def _decide_one(self, request, decision, offer, seen) -> bool:
        if offer is None:
            self.message_user(request, "Cette offre n’existe plus.", messages.ERROR)
            return False
        if not is_seen(offer, seen):
            self.message_user(request, changed_message(offer), messages.ERROR)
            return False
        transition = moderation.transition_for(decision.verb, offer)
        try:
            getattr(offer, transition)(request.user, *([] if decision.verb == "approve" else [decision.reason]))
        except TransitionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        self.log_change(request, offer, f"Modération{NBSP}: {DONE[transition]}.")
        self.message_user(request, f"«{NBSP}{offer}{NBSP}» {DONE[transition]}.", messages.SUCCESS)
        return True


def is_seen(offer: Offer, seen: str) -> bool:
    """Return whether the moderator has read this version: the offer was neither changed nor decided on since."""
    return offer.updated_at.isoformat() == seen


def changed_message(offer: Offer) -> str:
    return f"«{NBSP}{offer}{NBSP}» a changé depuis que vous l’avez lue{NBSP}: {offer.latest_event_label()}."
