"""The page behind the signed links of a reminder: its offers, with the actions that each allows."""

from django.contrib import messages
from django.shortcuts import redirect, render

from jobboard.signed_links import signed_link_view
from offers.enums import OfferStatus
from offers.models import Offer, TransitionRefused
from offers.models.transitions import TRANSITIONS
from offers.posting.freshness import ACTIONS
from offers.posting.models import Reminder

DONE = {
    "confirmer": "Merci\u00a0: «\u00a0{}\u00a0» est confirmée, et les candidats le voient.",
    "pourvue": "«\u00a0{}\u00a0» est marquée pourvue.",
    "retirer": "«\u00a0{}\u00a0» est retirée.",
    "renouveler": "«\u00a0{}\u00a0» est renouvelée.",
}
LABELS = {
    "confirmer": "Confirmer\u00a0: le poste est à pourvoir",
    "renouveler": "Renouveler l’offre",
    "pourvue": "Le poste est pourvu",
    "retirer": "Retirer l’offre",
}


@signed_link_view
def answer(request, token):
    reminder = Reminder.objects.with_token(token)
    if reminder is None or not reminder.user.is_active:
        return render(request, "posting/freshness/unknown.html", status=404)
    # Only offers of companies that the recipient is still a member of.
    offers = (
        Offer.objects.filter(notices__reminders=reminder, company__memberships__user=reminder.user)
        .select_related("company", "place")
        .distinct()
        .order_by("expires_at", "pk")
    )
    linked = _parse_pk(request.POST.get("offre") or request.GET.get("offre"))
    action = request.POST.get("acte") or request.GET.get("acte")
    if request.method == "POST":
        offer = next((offer for offer in offers if offer.pk == linked), None)
        if offer is not None and action in ACTIONS:
            _apply(request, offer, action, reminder.user)
        return redirect(reminder)
    lines = [(offer, _buttons(offer, action if offer.pk == linked else None)) for offer in offers]
    # The offer of the link comes first.
    lines.sort(key=lambda line: line[0].pk != linked)
    return render(request, "posting/freshness/answer.html", {"lines": lines})


def _parse_pk(text) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _apply(request, offer, action, user):
    try:
        getattr(offer, ACTIONS[action])(user)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, DONE[action].format(offer.title))


def _buttons(offer, linked) -> list[tuple[str, str]]:
    """Return (action, label) of each allowed action, that of the link first."""
    actions = [
        action
        for action in LABELS
        if offer.status in TRANSITIONS[ACTIONS[action]].sources
        # An offer past its end date can be renewed, and no longer confirmed.
        and (offer.status == OfferStatus.EXPIRED or offer.is_published() or action == "renouveler")
    ]
    return [(action, LABELS[action]) for action in sorted(actions, key=lambda action: action != linked)]
