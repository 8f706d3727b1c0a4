"""Writing an offer step by step, having it checked, handing it in, and what becomes of it afterwards.

An offer is always fetched through the companies that the signed-in person works for: that is the isolation.
"""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.catalogue.views.offers import page_of
from offers.companies.models import Company
from offers.companies.permissions import recruiter_required
from offers.enums import RevisionStatus, Status
from offers.fields import IMMATERIAL, MATERIAL, ROWS
from offers.models import Offer, Skill, TransitionRefused, material
from offers.models.transitions import TRANSITIONS, allowed
from offers.moderation import wording
from offers.posting import drafts as posting
from offers.posting.duplicates import twins
from offers.posting.forms import STEPS, TermsStep, TextStep, step_of

MOST_SUGGESTED = 8
CHECK = "verification"


def offers_of(user):
    return Offer.objects.filter(company__in=Company.objects.for_member(user))


def own_offer(request, pk, *, lock=False) -> Offer:
    offers = offers_of(request.user).select_related("company", "place", "role")
    return get_object_or_404(offers.select_for_update(of=("self",)) if lock else offers, pk=pk)


def _steps(offer, current: str) -> list[dict]:
    """The way through the form: what each step is called, where it is, which one is open."""
    slugs = [(form.slug, form.name) for form in STEPS] + [(CHECK, "Vérification et envoi")]
    return [
        {
            "name": name,
            "current": slug == current,
            "url": offer and offer.pk and reverse("posting:step", args=[offer.pk, slug]),
        }
        for slug, name in slugs
    ]


# Writing


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """The first step of an offer that is not there yet."""
    if not Company.objects.for_member(request.user).exists():
        messages.warning(request, "Inscrivez d’abord l’entreprise qui recrute.")
        return redirect("companies:new")
    form = STEPS[0](request.POST if request.method == "POST" else None, instance=Offer(), user=request.user)
    if request.method == "POST" and form.is_valid():
        offer = form.save()
        messages.success(request, "Le brouillon est enregistré. Vous pouvez le quitter et y revenir.")
        return redirect("posting:step", offer.pk, STEPS[1].slug)
    return _draw(request, None, form)


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk, slug):
    if slug == CHECK:
        return check(request, pk)
    form_class = next((form for form in STEPS if form.slug == slug), None)
    if form_class is None:
        raise Http404
    if request.method != "POST":
        offer = own_offer(request, pk)
        return _elsewhere(request, offer) or _draw(request, offer, form_class(instance=offer, user=request.user))
    with transaction.atomic():
        # Held while it is written: of two who save at once the second sees what the first has saved.
        offer = own_offer(request, pk, lock=True)
        if elsewhere := _elsewhere(request, offer):
            return elsewhere
        form = form_class(request.POST, instance=offer, user=request.user)
        valid = form.is_valid()
        if "apercu" in request.POST:
            return _draw(request, offer, form)
        if valid and form.is_stale():
            form.refuse_stale()
            valid = False
        if valid and not _save(form):
            valid = False
    if not valid:
        return _draw(request, offer, form)
    if "plus-tard" in request.POST:
        messages.success(request, f"Le brouillon «\u00a0{offer.title}\u00a0» est enregistré.")
        return redirect("posting:dashboard")
    slugs = [form.slug for form in STEPS] + [CHECK]
    after = slugs[slugs.index(slug) + 1]
    if getattr(form, "forgets_pay", False):
        messages.warning(request, "La rémunération est à redonner\u00a0: elle ne se compte plus dans la même unité.")
    return redirect("posting:step", pk, after)


def _save(form) -> bool:
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        # The one thing that another offer can take meanwhile.
        form.add_error("external_reference", "Cette entreprise a déjà une offre sous cette référence.")
        return False
    return True


def _elsewhere(request, offer):
    """Where an offer that is not being written any more is changed."""
    if offer.status in posting.WRITABLE:
        return None
    if offer.status == Status.PUBLISHED:
        return redirect("posting:edit", offer.pk)
    messages.warning(request, "Reprenez d’abord l’offre en brouillon pour la modifier.")
    return redirect("posting:manage", offer.pk)


def _draw(request, offer, form):
    """A step, or for htmx the part of it that follows what is typed: guidance on pay, the text as it will look."""
    context = {
        "offer": offer,
        "form": form,
        "steps": _steps(offer, form.slug),
        "returned": _return_reason(offer),
        "preview": form["description"].value() if "apercu" in request.POST and isinstance(form, TextStep) else None,
    }
    if isinstance(form, TermsStep):
        context["guidance"] = posting.guidance(form.instance)
    template = "posting/wizard/step.html"
    if request.htmx and request.htmx.target in FRAGMENTS:
        template = FRAGMENTS[request.htmx.target]
    return render(request, template, context)


FRAGMENTS = {
    "reperes": "posting/wizard/_guidance.html",
    "apercu": "posting/wizard/_preview.html",
}


def _return_reason(offer) -> str:
    if offer is None or offer.status != Status.RETURNED:
        return ""
    event = offer.events.filter(verb="return_").first()
    return event.reason if event else ""


# Checking and handing in


@require_safe
def check(request, pk):
    offer = own_offer(request, pk)
    if elsewhere := _elsewhere(request, offer):
        return elsewhere
    return _draw_check(request, offer)


def _draw_check(request, offer, status=200):
    findings = wording.check(offer)
    context = {
        "offer": offer,
        "steps": _steps(offer, CHECK),
        "errors": _with_links(offer, wording.blocking(findings)),
        "warnings": _with_links(offer, [finding for finding in findings if not finding.blocks]),
        "twins": twins(offer),
        "direct": TRANSITIONS["publish"].role_of(request.user, offer) is not None,
        "version": offer.updated_at.isoformat(),
        "returned": _return_reason(offer),
        "skills": offer.skills.all(),
    }
    return render(request, "posting/wizard/check.html", context, status=status)


def _with_links(offer, findings):
    return [(finding, reverse("posting:step", args=[offer.pk, step_of(finding.field)])) for finding in findings]


@recruiter_required
@require_POST
def submit(request, pk):
    offer = own_offer(request, pk)
    if elsewhere := _elsewhere(request, offer):
        return elsewhere
    if request.POST.get("version") != offer.updated_at.isoformat():
        messages.error(
            request,
            "L’offre a changé entre-temps, dans un autre onglet ou par un collègue\u00a0: relisez-la avant l’envoi.",
        )
        return redirect("posting:step", pk, CHECK)
    if wording.blocking(wording.check(offer)):
        messages.error(request, "Il reste des points à corriger avant l’envoi.")
        return _draw_check(request, offer, status=422)
    try:
        offer.hand_in(request.user)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return redirect("posting:dashboard")
    if offer.status == Status.PUBLISHED:
        messages.success(request, "L’offre est en ligne.")
        return redirect(offer.get_absolute_url())
    messages.success(request, "L’offre est envoyée. L’équipe du site la relit, et vous prévient par e-mail.")
    return redirect("posting:manage", pk)


@recruiter_required
@require_safe
def preview(request, pk):
    """The page as candidates will see it."""
    offer = own_offer(request, pk)
    return render(request, "catalogue/detail.html", {**page_of(offer), "is_preview": True, "is_open": False})


@recruiter_required
@require_safe
def suggest_skills(request):
    """Skills whose name begins with `q`, by any of their names."""
    text = request.GET.get("q", "").strip()[:60]
    found = Skill.objects.starting_with(text)[:MOST_SUGGESTED]
    return JsonResponse({"results": [{"value": skill.name, "label": skill.name} for skill in found]})


# Afterwards


@recruiter_required
@require_safe
def manage(request, pk):
    """One offer: where it stands, what happened to it, what can be done with it."""
    offer = own_offer(request, pk)
    context = {
        "offer": offer,
        "verbs": set(allowed(offer, request.user)),
        "writable": offer.status in posting.WRITABLE,
        "is_open": offer.is_published(),
        "has_page": offer.was_published() and not offer.is_gone(),
        "waiting": offer.status == Status.PUBLISHED and offer.waiting_since is not None,
        "returned": _return_reason(offer),
        "events": offer.events.select_related("by")[:20],
    }
    return render(request, "posting/wizard/manage.html", context)


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """Change an offer that candidates see: all of it on one page, read by a moderator where it matters."""
    with transaction.atomic():
        offer = own_offer(request, pk, lock=request.method == "POST")
        if offer.status != Status.PUBLISHED:
            return redirect("posting:step", pk, STEPS[0].slug)
        revision = offer.revisions.filter(status=RevisionStatus.WAITING).first()
        if revision:
            # Editing goes on from the change that waits.
            material.assign(offer, revision.changes)
        data = request.POST if request.method == "POST" else None
        version = offer.updated_at.isoformat()
        forms = [form(data, instance=offer, user=request.user) for form in STEPS]
        if revision and "skills" in revision.changes:
            _form_of(forms, "skills").propose(material.pks(revision.changes["skills"]))
        findings = []
        stale = data is not None and data.get("version_offre") != version
        # Each of them, so that all that is wrong is told at once.
        if data is not None and sum(not form.is_valid() for form in forms) == 0 and not stale:
            findings = wording.check(offer)
            if not wording.blocking(findings) and (done := _change(request, offer, forms)):
                return done
    blocking = wording.blocking(findings)
    context = {
        "offer": offer,
        "forms": forms,
        "errors": [(finding, f"#etape-{step_of(finding.field)}") for finding in blocking],
        "stale": stale,
        "version": version,
        "waiting": revision,
        "guidance": posting.guidance(offer),
        "direct": TRANSITIONS["amend"].role_of(request.user, offer) is not None,
    }
    return render(request, "posting/wizard/edit.html", context)


def _form_of(forms, field):
    """Return the step, among `forms`, that writes a field of the offer."""
    return next(form for form in forms if form.slug == step_of(field))


def _change(request, offer, forms):
    """Propose the material fields of the change and save the others.

    Return None, with an error in the form, where the database or a moderator was faster.
    """
    values = {name: getattr(offer, name) for name in MATERIAL if name not in ROWS}
    values |= {name: _form_of(forms, name).cleaned_data[name] for name in ROWS.intersection(MATERIAL)}
    saved_at_once = {name: getattr(offer, name) for name in IMMATERIAL}
    try:
        with transaction.atomic():
            revision = offer.propose(values, request.user)
            Offer.objects.filter(pk=offer.pk).update(**saved_at_once)
            # The questions to candidates; skills are part of what was proposed.
            _form_of(forms, "external_reference").save_rows()
    except TransitionRefused as refused:
        forms[0].add_error(None, str(refused))
        return None
    except IntegrityError:
        form = _form_of(forms, "external_reference")
        form.add_error("external_reference", "Cette entreprise a déjà une offre sous cette référence.")
        return None
    if revision:
        said = "Le changement est envoyé. L’offre reste en ligne telle quelle jusqu’à ce qu’il soit relu."
    else:
        said = "L’offre est à jour."
    messages.success(request, said)
    return redirect("posting:manage", offer.pk)


@recruiter_required
@require_POST
def duplicate(request, pk):
    made = posting.copy(own_offer(request, pk))
    messages.success(request, "Voici la copie, en brouillon\u00a0: adaptez-la.")
    return redirect("posting:step", made.pk, STEPS[0].slug)


def _act(request, pk, verb: str, said: str):
    offer = own_offer(request, pk)
    try:
        getattr(offer, verb)(request.user)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("posting:manage", pk)


@recruiter_required
@require_POST
def fill(request, pk):
    return _act(request, pk, "fill", "Bravo\u00a0! L’offre est marquée pourvue, et n’est plus dans les recherches.")


@recruiter_required
@require_POST
def renew(request, pk):
    return _act(request, pk, "renew", "L’offre est renouvelée.")


@recruiter_required
@require_POST
def reopen(request, pk):
    response = _act(request, pk, "reopen", "L’offre est de nouveau un brouillon\u00a0: modifiez-la, puis renvoyez-la.")
    if own_offer(request, pk).status == Status.DRAFT:
        return redirect("posting:step", pk, STEPS[0].slug)
    return response


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk):
    """Asked first: candidates stop seeing it at once."""
    if request.method == "POST":
        return _act(request, pk, "withdraw", "L’offre est retirée.")
    offer = own_offer(request, pk)
    if "withdraw" not in allowed(offer, request.user):
        messages.error(request, "Cette offre ne peut plus être retirée.")
        return redirect("posting:manage", pk)
    return render(request, "posting/wizard/withdraw.html", {"offer": offer})
