"""What the links of a reminder open: the offers it was about, each with what can be said of it."""

from django.contrib import messages
from django.shortcuts import redirect, render

from jobboard.signed_links import signed_link_view
from offers.enums import Status
from offers.models import Offer, TransitionRefused
from offers.models.transitions import TRANSITIONS
from offers.posting.freshness import VERBS
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
    # Only what the recruiter may still act upon: whoever has left the company has left its offers.
    offers = (
        Offer.objects.filter(notices__reminders=reminder, company__memberships__user=reminder.user)
        .select_related("company", "place")
        .distinct()
        .order_by("expires_at", "pk")
    )
    asked = _number(request.POST.get("offre") or request.GET.get("offre"))
    act = request.POST.get("acte") or request.GET.get("acte")
    if request.method == "POST":
        offer = next((offer for offer in offers if offer.pk == asked), None)
        if offer is not None and act in VERBS:
            _act(request, offer, act, reminder.user)
        return redirect(reminder)
    lines = [(offer, _buttons(offer, act if offer.pk == asked else None)) for offer in offers]
    # The one whose link was followed comes first.
    lines.sort(key=lambda line: line[0].pk != asked)
    return render(request, "posting/freshness/answer.html", {"lines": lines, "asked": asked})


def _number(text) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _act(request, offer, act, user):
    try:
        getattr(offer, VERBS[act])(user)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, DONE[act].format(offer.title))


def _buttons(offer, wanted) -> list[tuple[str, str]]:
    """What can be said of the offer now, (act, label); what the link was for comes first."""
    acts = [
        act
        for act in LABELS
        if offer.status in TRANSITIONS[VERBS[act]].sources
        # An offer that is over is renewed, and no longer confirmed.
        and (offer.status == Status.EXPIRED or offer.is_published() or act == "renouveler")
    ]
    return [(act, LABELS[act]) for act in sorted(acts, key=lambda act: act != wanted)]
