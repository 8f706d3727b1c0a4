"""The recruiter dashboard, actions on several offers, and the audience of one offer."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jobboard.text.numbers import counted
from offers.companies.models import Membership
from offers.companies.permissions import recruiter_required
from offers.models import Offer, TransitionRefused
from offers.models.transitions import TRANSITIONS
from offers.posting import dashboard as figures
from offers.posting.views.wizard import offers_of, own_offer

PER_PAGE = 50
# Actions on several offers: for each transition, the label of its button and the participle of its message.
BULK_ACTIONS = {
    "confirm": ("Confirmer", "confirmée"),
    "renew": ("Renouveler", "renouvelée"),
    "fill": ("Marquer pourvues", "marquée pourvue"),
    "withdraw": ("Retirer…", "retirée"),
}
# The parameters of the list, which a redirect back to it repeats.
LIST_PARAMETERS = ("etat", "q", "tri", "page")
ORDERS = [
    ("", "Les plus récentes"),
    ("fin", "La fin la plus proche"),
    ("lectures", "Les plus lues"),
    ("candidatures", "Le plus de candidatures"),
    ("titre", "Le titre"),
]


class OfferListForm(forms.Form):
    """Search, order and state of the list. An invalid field shows its error and is ignored."""

    q = forms.CharField(
        label="Titre, référence ou ville",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    tri = forms.ChoiceField(label="D’abord", choices=ORDERS, required=False)
    etat = forms.ChoiceField(
        label="État",
        choices=[*figures.STATES.items(), *figures.SUBSTATES.items()],
        required=False,
        widget=forms.HiddenInput,
    )


@recruiter_required
@require_safe
def dashboard(request):
    """Show the offers of the companies of the user, and no others."""
    now = timezone.now()
    memberships = Membership.objects.filter(user=request.user).select_related("company").order_by("company__name", "pk")
    context = {"memberships": memberships, "actions": BULK_ACTIONS}
    offers = offers_of(request.user)
    form = OfferListForm(request.GET)
    form.is_valid()
    state, text = form.cleaned_data.get("etat", ""), form.cleaned_data.get("q", "")
    condition = figures.search(offers, text) if text else Q()
    counts = figures.count(offers, condition, now)
    if counts.total:
        queryset = figures.with_state(offers, now).filter(condition)
        total = counts.matching
        if state in figures.SUBSTATES:
            queryset = queryset.filter(figures.substate_condition(state, now))
            total = None
        elif state:
            queryset = queryset.filter(state=state)
            total = counts.by_state.get(state, 0)
        queryset = figures.sort(queryset, form.cleaned_data.get("tri", ""))
        queryset = queryset.select_related("company", "place").defer("description", "company__description")
        paginator = Paginator(queryset, PER_PAGE)
        if total is not None:
            # The paginator need not count: the tabs have the count.
            paginator.count = total
        page = paginator.get_page(request.GET.get("page"))
        rows = list(page)
        figures.add_counts(rows)
        _add_labels(rows, now)
        context |= {
            "form": form,
            "page": page,
            "rows": rows,
            "tabs": _tabs(request, counts, state, text),
            "substate": figures.SUBSTATES.get(state, ""),
            "searching": bool(state or text),
            "list_query": _list_query(request.GET),
            "chart": figures.chart(offers, now),
            "todo": _todo(offers, counts),
        }
    return render(request, "posting/dashboard.html", context)


BADGES = {"en-ligne": "ok", "a-corriger": "warn", "expiree": "warn"}


def _add_labels(rows, now):
    for offer in rows:
        offer.state_name, offer.state_kind = figures.STATES[offer.state], BADGES.get(offer.state, "")
        offer.has_page = offer.was_published(now) and not offer.is_gone(now)


def _tabs(request, counts, state, text):
    """Return (label, count, url, current) of each state with offers, and of the current one."""
    search = {name: request.GET[name] for name in ("q", "tri") if request.GET.get(name)}
    tabs = [("Toutes", counts.matching, "")]
    tabs += [
        (label.capitalize(), counts.by_state.get(slug, 0), slug)
        for slug, label in figures.STATES.items()
        if slug in counts.by_state or slug == state
    ]
    return [
        (
            label,
            count,
            reverse("posting:dashboard", query={**search, **({"etat": slug} if slug else {})}),
            slug == state,
        )
        for label, count, slug in tabs
    ]


def _todo(offers, counts) -> dict:
    """Return the counts of the tasks of the user, or an empty dict if there are none."""
    todo = {
        "unseen": figures.unseen(offers),
        "to_confirm": counts.to_confirm,
        "ending": counts.ending,
        "returned": counts.returned,
        "drafts": counts.drafts,
    }
    todo["reasons"] = figures.returned(offers) if counts.returned else []
    return todo if any(todo.values()) else {}


def _list_query(query) -> str:
    """Return the query string of the list, with its known parameters only."""
    parameters = QueryDict(mutable=True)
    for name in LIST_PARAMETERS:
        if query.get(name):
            parameters[name] = query[name][:100]
    return parameters.urlencode()


def _redirect_to_list(request) -> HttpResponseRedirect:
    """Redirect to the top of the list, where the messages are."""
    query = _list_query(QueryDict(request.POST.get("retour", "")[:1_000]))
    return redirect(reverse("posting:dashboard") + (f"?{query}" if query else ""))


@recruiter_required
@require_POST
def bulk_action(request):
    """Apply one transition to the selected offers, with a message for each refusal."""
    transition = request.POST.get("acte", "")
    pks = [int(pk) for pk in request.POST.getlist("offre")[:PER_PAGE] if pk.isascii() and pk.isdigit() and len(pk) < 18]
    if transition not in BULK_ACTIONS:
        messages.error(request, "Choisissez une action.")
        return _redirect_to_list(request)
    selected = list(
        offers_of(request.user).filter(pk__in=pks).select_related("company", "place").order_by("title", "pk")
    )
    if not selected:
        messages.error(request, "Cochez d’abord une ou plusieurs offres.")
        return _redirect_to_list(request)
    if transition == "withdraw" and "oui" not in request.POST:
        # A confirmation page first, since the offers are no longer published.
        now = timezone.now()
        context = {"offers": selected, "any_published": any(offer.is_published(now) for offer in selected)}
        context["list_query"] = _list_query(QueryDict(request.POST.get("retour", "")[:1_000]))
        return render(request, "posting/withdraw_several.html", context)
    _apply(request, selected, transition)
    return _redirect_to_list(request)


def _apply(request, offers: list[Offer], transition: str):
    done, participle = [], BULK_ACTIONS[transition][1]
    for offer in offers:
        if offer.status not in TRANSITIONS[transition].sources:
            refusal = f"état «\u00a0{offer.get_status_display()}\u00a0»"
            messages.warning(request, f"«\u00a0{offer.title}\u00a0» ne peut pas être {participle}\u00a0: {refusal}.")
            continue
        try:
            getattr(offer, transition)(request.user)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
        else:
            done.append(f"«\u00a0{offer.title}\u00a0»")
    if done:
        offers_done = counted(len(done), f"offre {participle}")
        messages.success(request, f"{offers_done}\u00a0: {', '.join(done)}.")


@recruiter_required
@require_safe
def audience(request, pk):
    """Show the views, clicks and applications of one offer."""
    offer = own_offer(request, pk)
    figures.add_counts([offer])
    chart = figures.chart(Offer.objects.filter(pk=offer.pk), timezone.now())
    return render(request, "posting/audience.html", {"offer": offer, "chart": chart})
