"""The management of an offer by its company: its page, changes of the published offer, and its transitions."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.companies.permissions import recruiter_required
from offers.enums import OfferStatus
from offers.fields import IMMATERIAL, MATERIAL, MULTIVALUED
from offers.models import Offer, TransitionRefused, versions
from offers.models.transitions import TRANSITIONS, allowed
from offers.moderation import wording
from offers.posting import drafts as posting
from offers.posting.forms import STEPS, JustificationForm, step_of
from offers.posting.views.wizard import changed_message, own_offer, return_reason


@recruiter_required
@require_safe
def manage(request, pk):
    """Show the status, the history and the allowed transitions of one offer."""
    offer = own_offer(request, pk)
    context = {
        "offer": offer,
        "verbs": set(allowed(offer, request.user)),
        "writable": offer.status in posting.WRITABLE,
        "is_open": offer.is_published(),
        "has_page": offer.was_published() and not offer.is_gone(),
        "waiting": offer.status == OfferStatus.PUBLISHED and offer.waiting_since is not None,
        "returned": return_reason(offer),
        "events": offer.events.select_related("by")[:20],
    }
    return render(request, "posting/wizard/manage.html", context)


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """Edit a published offer on one page. A change of material fields waits for a moderator."""
    with transaction.atomic():
        offer = own_offer(request, pk, lock=request.method == "POST")
        is_published = offer.status == OfferStatus.PUBLISHED
        if not is_published and request.method != "POST":
            return redirect("posting:step", pk, STEPS[0].slug)
        revision = offer.revisions.waiting().first()
        if revision:
            # Edit the waiting revision further.
            versions.assign(offer, revision.changes)
        data = request.POST if request.method == "POST" else None
        version = offer.updated_at.isoformat()
        forms = [form(data, instance=offer, user=request.user) for form in STEPS]
        for form in forms if revision else ():
            form.show_proposed(revision.changes)
        findings = []
        is_preview = data is not None and "apercu" in data
        stale = data is not None and is_published and not is_preview and data.get("version_offre") != version
        # Validate all forms, so that all errors are shown at once.
        valid = data is not None and sum(not form.is_valid() for form in forms) == 0
        if not is_published:
            forms[0].add_error(None, changed_message(offer))
        elif valid and not stale and not is_preview:
            questions = _form_of(forms, "questions").cleaned_data["questions"]
            findings = wording.check(offer, asked=[question.text for question in questions])
            justification = _justification(wording.blocking(findings), data)
            if justification is not None and (done := _change(request, offer, forms, justification)):
                return done
    errors = wording.blocking(findings)
    context = {
        "offer": offer,
        "forms": forms,
        "errors": [(finding, f"#etape-{step_of(finding.field)}") for finding in errors],
        "justification": JustificationForm.shown(offer, errors, data, is_sent=True),
        "stale": stale,
        # After a preview the next submission still has to find a concurrent change.
        "version": data.get("version_offre", "") if is_preview else version,
        "waiting": revision,
        "guidance": posting.guidance(offer),
        "preview": _form_of(forms, "description")["description"].value() if is_preview else None,
        "direct": TRANSITIONS["amend"].is_open_to(request.user, offer, justified=bool(errors)),
    }
    return render(request, "posting/wizard/edit.html", context, status=200 if is_published else 409)


def _justification(errors, data) -> str | None:
    """Return the justification of a text, an empty one if it needs none, or None if it cannot be sent like this."""
    form = JustificationForm(data)
    if not errors:
        return ""
    return form.cleaned_data["justification"] if wording.can_be_justified(errors) and form.is_valid() else None


def _form_of(forms, field):
    """Return the step among `forms` that edits a field of the offer."""
    return next(form for form in forms if form.slug == step_of(field))


def _change(request, offer, forms, justification):
    """Propose the material fields of the change and save the others.

    Return None, with an error in the form, after a concurrent change.
    """
    values = {name: getattr(offer, name) for name in MATERIAL if name not in MULTIVALUED}
    values |= {name: _form_of(forms, name).cleaned_data[name] for name in MULTIVALUED.intersection(MATERIAL)}
    unmoderated_values = {name: getattr(offer, name) for name in IMMATERIAL}
    try:
        with transaction.atomic():
            revision = offer.propose(values, request.user, justification=justification)
            Offer.objects.filter(pk=offer.pk).update(**unmoderated_values)
    except TransitionRefused as refused:
        forms[0].add_error(None, str(refused))
        return None
    except IntegrityError:
        form = _form_of(forms, "external_reference")
        form.add_error("external_reference", "Cette entreprise a déjà une offre sous cette référence.")
        return None
    if revision:
        message = "Le changement est envoyé. L’offre reste en ligne telle quelle jusqu’à ce qu’il soit relu."
    else:
        message = "L’offre est à jour."
    messages.success(request, message)
    return redirect("posting:manage", offer.pk)


@recruiter_required
@require_POST
def duplicate(request, pk):
    copy = posting.duplicate_offer(own_offer(request, pk))
    messages.success(request, "Voici la copie, en brouillon\u00a0: adaptez-la.")
    return redirect("posting:step", copy.pk, STEPS[0].slug)


def _transition(request, pk, transition: str, message: str):
    offer = own_offer(request, pk)
    try:
        getattr(offer, transition)(request.user)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, message)
    return redirect("posting:manage", pk)


@recruiter_required
@require_POST
def fill(request, pk):
    return _transition(request, pk, "fill", "Bravo\u00a0! L’offre est pourvue, et n’est plus dans les recherches.")


@recruiter_required
@require_POST
def renew(request, pk):
    return _transition(request, pk, "renew", "L’offre est renouvelée.")


@recruiter_required
@require_POST
def reopen(request, pk):
    response = _transition(
        request, pk, "reopen", "L’offre est de nouveau un brouillon\u00a0: modifiez-la et renvoyez-la."
    )
    if own_offer(request, pk).status == OfferStatus.DRAFT:
        return redirect("posting:step", pk, STEPS[0].slug)
    return response


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk):
    """Withdraw the offer, after a confirmation page."""
    if request.method == "POST":
        return _transition(request, pk, "withdraw", "L’offre est retirée.")
    offer = own_offer(request, pk)
    if "withdraw" not in allowed(offer, request.user):
        messages.error(request, "Cette offre ne peut plus être retirée.")
        return redirect("posting:manage", pk)
    return render(request, "posting/wizard/withdraw.html", {"offer": offer})
