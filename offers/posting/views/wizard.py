"""The wizard for offers: its steps, check and submission.

Every view fetches the offer through the companies of the user: this is the tenant boundary.
"""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.catalogue.views.offers import detail_context
from offers.companies.models import Company
from offers.companies.permissions import recruiter_required
from offers.enums import OfferStatus
from offers.models import Offer, Skill, TransitionRefused
from offers.models.transitions import TRANSITIONS
from offers.moderation import wording
from offers.moderation.duplicates import find_duplicates
from offers.posting import drafts as posting
from offers.posting.forms import STEPS, JustificationForm, TermsStep, TextStep, step_of

MAX_SUGGESTIONS = 8
CHECK = "verification"


def offers_of(user):
    return Offer.objects.filter(company__in=Company.objects.for_member(user))


def own_offer(request, pk, *, lock=False) -> Offer:
    offers = offers_of(request.user).select_related("company", "place", "role")
    return get_object_or_404(offers.select_for_update(of=("self",)) if lock else offers, pk=pk)


def _steps(offer, current: str) -> list[dict]:
    """Return the name, URL and state of each step of the wizard."""
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
    """Show the first step, which creates the draft."""
    if not Company.objects.for_member(request.user).exists():
        messages.warning(request, "Inscrivez d’abord l’entreprise qui recrute.")
        return redirect("posting:company_new")
    form = STEPS[0](request.POST if request.method == "POST" else None, instance=Offer(), user=request.user)
    if request.method == "POST" and form.is_valid():
        offer = posting.create_draft(form)
        messages.success(request, "Le brouillon est enregistré. Vous pourrez y revenir à tout moment.")
        return redirect("posting:step", offer.pk, STEPS[1].slug)
    return _render_step(request, None, form)


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
        return _edit_redirect(request, offer) or _render_step(
            request, offer, form_class(instance=offer, user=request.user)
        )
    with transaction.atomic():
        # Lock the row: of two concurrent requests the second reads the fields saved by the first.
        offer = own_offer(request, pk, lock=True)
        form = form_class(request.POST, instance=offer, user=request.user)
        valid = form.is_valid()
        if offer.status not in posting.WRITABLE:
            form.add_error(None, changed_message(offer))
            return _render_step(request, offer, form, status=409)
        if "apercu" in request.POST:
            return _render_step(request, offer, form)
        if valid and form.is_stale():
            form.refuse_stale()
            valid = False
        if valid and not _save(form):
            valid = False
    if not valid:
        return _render_step(request, offer, form)
    if "plus-tard" in request.POST:
        messages.success(request, f"Le brouillon «\u00a0{offer.title}\u00a0» est enregistré.")
        return redirect("posting:dashboard")
    slugs = [form.slug for form in STEPS] + [CHECK]
    after = slugs[slugs.index(slug) + 1]
    if getattr(form, "forgets_pay", False):
        messages.warning(request, "Indiquez à nouveau la rémunération\u00a0: elle s’exprime dans une autre unité.")
    return redirect("posting:step", pk, after)


def _save(form) -> bool:
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        # The only unique field: another offer has got the same reference.
        form.add_error("external_reference", "Cette entreprise a déjà une offre sous cette référence.")
        return False
    return True


def _edit_redirect(request, offer):
    """Return a redirect to the page where the offer is edited in its status, or None in the wizard."""
    if offer.status in posting.WRITABLE:
        return None
    if offer.status == OfferStatus.PUBLISHED:
        return redirect("posting:edit", offer.pk)
    messages.warning(request, "Reprenez d’abord l’offre en brouillon pour la modifier.")
    return redirect("posting:manage", offer.pk)


def changed_message(offer) -> str:
    """Return the error of a form about an offer whose status has changed since it was opened."""
    event = offer.latest_event_label()
    return f"L’offre a changé entre-temps\u00a0: {event}. Votre saisie est toujours là, mais n’est pas enregistrée."


def _render_step(request, offer, form, status=200):
    """Render a step, or for htmx a fragment of it: the pay guidance or the preview of the text."""
    context = {
        "offer": offer,
        "form": form,
        "steps": _steps(offer, form.slug),
        "returned": return_reason(offer),
        "preview": form["description"].value() if "apercu" in request.POST and isinstance(form, TextStep) else None,
    }
    if isinstance(form, TermsStep):
        context["guidance"] = posting.guidance(form.instance)
    template = "posting/wizard/step.html"
    if request.htmx and request.htmx.target in FRAGMENTS:
        template = FRAGMENTS[request.htmx.target]
    return render(request, template, context, status=status)


FRAGMENTS = {
    "reperes": "posting/wizard/_guidance.html",
    "apercu": "posting/wizard/_preview.html",
}


def return_reason(offer) -> str:
    """Return why a moderator has returned the offer, or an empty string."""
    if offer is None or offer.status != OfferStatus.RETURNED:
        return ""
    event = offer.events.filter(verb="return_").first()
    return event.reason if event else ""


# Check and submission


@require_safe
def check(request, pk):
    offer = own_offer(request, pk)
    if response := _edit_redirect(request, offer):
        return response
    return _render_check(request, offer)


def _render_check(request, offer, status=200, *, is_sent=False):
    """Render the check of the offer, with the justification of the request; with `is_sent`, and its errors."""
    findings = wording.check(offer)
    errors = wording.blocking(findings)
    context = {
        "offer": offer,
        "steps": _steps(offer, CHECK),
        "errors": _with_links(offer, errors),
        "warnings": _with_links(offer, [finding for finding in findings if not finding.blocks]),
        "form": JustificationForm.shown(offer, errors, request.POST, is_sent=is_sent),
        "can_justify": wording.can_be_justified(errors),
        "writable": offer.status in posting.WRITABLE,
        "duplicates": find_duplicates(offer),
        "direct": TRANSITIONS["publish"].is_open_to(request.user, offer, justified=bool(errors)),
        "version": offer.updated_at.isoformat(),
        "returned": return_reason(offer),
        "skills": offer.skills.all(),
    }
    return render(request, "posting/wizard/check.html", context, status=status)


def _with_links(offer, findings):
    return [(finding, reverse("posting:step", args=[offer.pk, step_of(finding.field)])) for finding in findings]


@recruiter_required
@require_POST
def submit(request, pk):
    offer = own_offer(request, pk)
    if offer.status not in posting.WRITABLE:
        return _refuse_submission(request, offer)
    form = JustificationForm(request.POST)
    if request.POST.get("version") != offer.updated_at.isoformat():
        messages.error(
            request,
            "L’offre a changé entre-temps, dans un autre onglet ou par un collègue\u00a0: relisez-la avant l’envoi.",
        )
        return _render_check(request, offer, status=409)
    errors = wording.blocking(wording.check(offer))
    if errors and not (wording.can_be_justified(errors) and form.is_valid()):
        messages.error(request, "Il reste des points à corriger avant l’envoi.")
        return _render_check(request, offer, status=422, is_sent=True)
    try:
        # A text without errors needs no justification: the text of the form is about an earlier one.
        offer.submit_or_publish(request.user, justification=form.cleaned_data["justification"] if errors else "")
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return _render_check(request, own_offer(request, pk), status=409)
    if offer.status == OfferStatus.PUBLISHED:
        messages.success(request, "L’offre est en ligne.")
        return redirect(offer.get_absolute_url())
    messages.success(request, "L’offre est envoyée. L’équipe du site la relit, et vous prévient par e-mail.")
    return redirect("posting:manage", pk)


def _refuse_submission(request, offer):
    """Lead to the page of an offer that another user has sent meanwhile; a justification that was typed stays."""
    if not request.POST.get("justification", "").strip():
        return _edit_redirect(request, offer)
    messages.error(request, changed_message(offer))
    return _render_check(request, offer, status=409)


@recruiter_required
@require_safe
def preview(request, pk):
    """Show the page as candidates will see it."""
    offer = own_offer(request, pk)
    return render(request, "catalogue/detail.html", {**detail_context(offer), "is_preview": True, "is_open": False})


@recruiter_required
@require_safe
def skill_suggestions(request):
    """Return as JSON the skills with a name or alias that begins with `q`."""
    text = request.GET.get("q", "").strip()[:60]
    skills = Skill.objects.starting_with(text)[:MAX_SUGGESTIONS]
    return JsonResponse({"results": [{"value": skill.name, "label": skill.name} for skill in skills]})
