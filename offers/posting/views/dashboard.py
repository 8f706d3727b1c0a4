"""The recruiters’ first page: their companies’ offers, what is to be done, who reads them; and acting on several."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from offers.companies.models import Membership
from offers.companies.permissions import recruiter_required
from offers.models import Offer, TransitionRefused
from offers.models.transitions import TRANSITIONS
from offers.posting import dashboard as figures
from offers.posting.views.wizard import offers_of, own_offer

PER_PAGE = 50
# What can be done to several offers at once: the verb, and what is said of those it was done to.
ACTS = {
    "confirm": ("Confirmer", "confirmée"),
    "renew": ("Renouveler", "renouvelée"),
    "fill": ("Marquer pourvues", "marquée pourvue"),
    "withdraw": ("Retirer…", "retirée"),
}
# What an address of the list may say.
KEPT = ("etat", "q", "tri", "page")
ORDERS = [
    ("", "Les plus récentes"),
    ("fin", "La fin la plus proche"),
    ("lectures", "Les plus lues"),
    ("candidatures", "Le plus de candidatures"),
    ("titre", "Le titre"),
]


class ListForm(forms.Form):
    """What is looked for in the list. What cannot be understood is said beside the field, and left out."""

    q = forms.CharField(
        label="Titre, référence ou ville",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    tri = forms.ChoiceField(label="D’abord", choices=ORDERS, required=False)
    etat = forms.ChoiceField(
        label="État",
        choices=[*figures.STATES.items(), *figures.PARTS.items()],
        required=False,
        widget=forms.HiddenInput,
    )


@recruiter_required
@require_safe
def dashboard(request):
    """The offers of the companies that the signed-in person works for, and of no other."""
    now = timezone.now()
    memberships = Membership.objects.filter(user=request.user).select_related("company").order_by("company__name", "pk")
    context = {"memberships": memberships, "acts": ACTS}
    offers = offers_of(request.user)
    form = ListForm(request.GET)
    form.is_valid()
    state, text = form.cleaned_data.get("etat", ""), form.cleaned_data.get("q", "")
    found = figures.search(offers, text) if text else Q()
    counts = figures.count(offers, found, now)
    if counts.total:
        shown = figures.with_state(offers, now).filter(found)
        total = counts.found
        if state in figures.PARTS:
            shown = shown.filter(figures.part(state, now))
            total = None
        elif state:
            shown = shown.filter(state=state)
            total = counts.by_state.get(state, 0)
        shown = figures.in_order(shown, form.cleaned_data.get("tri", ""))
        shown = shown.select_related("company", "place").defer("description", "company__description")
        paginator = Paginator(shown, PER_PAGE)
        if total is not None:
            # Known already: it stands on the tab.
            paginator.count = total
        page = paginator.get_page(request.GET.get("page"))
        rows = list(page)
        figures.add_figures(rows)
        _describe(rows, now)
        context |= {
            "form": form,
            "page": page,
            "rows": rows,
            "tabs": _tabs(request, counts, state, text),
            "part": figures.PARTS.get(state, ""),
            "searching": bool(state or text),
            "kept": _kept(request.GET),
            "chart": figures.chart(offers, now),
            "todo": _todo(offers, counts),
        }
    return render(request, "posting/dashboard.html", context)


BADGES = {"en-ligne": "ok", "a-corriger": "warn", "expiree": "warn"}


def _describe(rows, now):
    for offer in rows:
        offer.state_name, offer.state_kind = figures.STATES[offer.state], BADGES.get(offer.state, "")
        offer.has_page = offer.was_published(now) and not offer.is_gone(now)
        offer.is_out = offer.state == "en-ligne"


def _tabs(request, counts, state, text):
    """(name, number, address, whether it is shown): every state that there is an offer of, and the one asked for."""
    search = {name: request.GET[name] for name in ("q", "tri") if request.GET.get(name)}
    tabs = [("Toutes", counts.found, "")]
    tabs += [
        (label.capitalize(), counts.by_state.get(slug, 0), slug)
        for slug, label in figures.STATES.items()
        if slug in counts.by_state or slug == state
    ]
    return [
        (
            label,
            number,
            reverse("posting:dashboard", query={**search, **({"etat": slug} if slug else {})}),
            slug == state,
        )
        for label, number, slug in tabs
    ]


def _todo(offers, counts) -> dict:
    """What waits for the person, in figures."""
    todo = {
        "unseen": figures.unseen(offers),
        "to_confirm": counts.to_confirm,
        "ending": counts.ending,
        "returned": counts.returned,
        "drafts": counts.drafts,
    }
    todo["reasons"] = figures.returned(offers) if counts.returned else []
    return todo if any(todo.values()) else {}


def _kept(query) -> str:
    """The part of an address that says which list is meant."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if query.get(name):
            kept[name] = query[name][:100]
    return kept.urlencode()


def _back(request) -> HttpResponseRedirect:
    """To the top of the page, where what became of the offers is told."""
    kept = _kept(QueryDict(request.POST.get("retour", "")[:1_000]))
    return redirect(reverse("posting:dashboard") + (f"?{kept}" if kept else ""))


@recruiter_required
@require_POST
def act(request):
    """One verb on the offers that were ticked. Each is done or refused by itself, and all of it is told."""
    verb = request.POST.get("acte", "")
    pks = [int(pk) for pk in request.POST.getlist("offre")[:PER_PAGE] if pk.isascii() and pk.isdigit() and len(pk) < 18]
    if verb not in ACTS:
        messages.error(request, "Choisissez ce qu’il faut faire des offres.")
        return _back(request)
    chosen = list(offers_of(request.user).filter(pk__in=pks).select_related("company", "place").order_by("title", "pk"))
    if not chosen:
        messages.error(request, "Cochez d’abord les offres.")
        return _back(request)
    if verb == "withdraw" and "oui" not in request.POST:
        # Asked first: candidates stop seeing them at once.
        now = timezone.now()
        context = {"offers": chosen, "out": any(offer.is_published(now) for offer in chosen)}
        context["back"] = _kept(QueryDict(request.POST.get("retour", "")[:1_000]))
        return render(request, "posting/withdraw_several.html", context)
    _do(request, chosen, verb)
    return _back(request)


def _do(request, offers: list[Offer], verb: str):
    done = []
    for offer in offers:
        if offer.status not in TRANSITIONS[verb].sources:
            refusal = f"état «\u00a0{offer.get_status_display()}\u00a0»"
            messages.warning(request, f"«\u00a0{offer.title}\u00a0» ne peut pas être {ACTS[verb][1]}\u00a0: {refusal}.")
            continue
        try:
            getattr(offer, verb)(request.user)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
        else:
            done.append(f"«\u00a0{offer.title}\u00a0»")
    if done:
        many = "s" if len(done) > 1 else ""
        said = ACTS[verb][1].replace("ée ", f"ée{many} ") + many
        messages.success(request, f"{len(done)} offre{many} {said}\u00a0: {', '.join(done)}.")


@recruiter_required
@require_safe
def audience(request, pk):
    """Who reads one offer, and what comes of it."""
    offer = own_offer(request, pk)
    figures.add_figures([offer])
    chart = figures.chart(Offer.objects.filter(pk=offer.pk), timezone.now())
    return render(request, "posting/audience.html", {"offer": offer, "chart": chart})
