"""Views of the recruiter area about the members of companies. Companies are always filtered by `request.user`."""

import contextlib

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.contact.models import RateLimitExceeded
from jobboard.contact.responses import too_many_requests
from jobboard.network import client_network
from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.forms import InvitationForm, JoinForm, RoleForm
from offers.companies.models import Company, Invitation
from offers.companies.permissions import recruiter_required
from offers.companies.team import TeamRefused


def refuse_probe(request, template, context, error):
    """Show the form with its values again, and the delay after which it can be sent."""
    text = (
        "Vous avez envoyé plusieurs demandes de ce genre. Celle-ci n’est pas perdue\u00a0: vous pourrez l’envoyer dans "
        "{delay}."
    )
    return too_many_requests(
        error, context["form"], text, lambda status: render(request, template, context, status=status)
    )


@recruiter_required
@require_safe
def members(request, slug):
    company = get_object_or_404(Company.objects.for_member(request.user), slug=slug)
    memberships = list(company.memberships.select_related("user").order_by("role", "user__email"))
    own_membership = next((member for member in memberships if member.user_id == request.user.pk), None)
    if own_membership is None:
        # The membership was deleted after the first query.
        raise Http404
    owners = sum(member.is_owner for member in memberships)
    requests = company.join_requests.filter(status=RequestStatus.WAITING).select_related("user")
    context = {
        "company": company,
        "name": company.name,
        "members": memberships,
        "own_membership": own_membership,
        "is_owner": own_membership.is_owner,
        "may_leave": not own_membership.is_owner or owners > 1,
        "requests": requests if own_membership.is_owner else [],
        "tab": "members",
    }
    return render(request, "companies/members.html", context)


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request, slug):
    company = get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = team.invite(company, request.user, **form.cleaned_data)
        except TeamRefused as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"L’invitation est envoyée à {invitation.email}.")
            return redirect("companies:invitations", slug)
    pending = company.invitations.pending().with_is_open()
    context = {"form": form, "company": company, "name": company.name, "invitations": pending, "tab": "invitations"}
    return render(request, "companies/invitations.html", {**context, "is_owner": True})


def _run_action(request, page, slug, action, success_message):
    """Call `action` with a company owned by the user, show a message, and redirect to `page`.

    `success_message` is a string, or a function of the result of `action`.
    """
    company = get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
    try:
        result = action(company)
    except TeamRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, success_message(result) if callable(success_message) else success_message)
    return redirect(page, slug)


@recruiter_required
@require_POST
def change_role(request, slug, pk):
    form = RoleForm(request.POST)
    if not form.is_valid():
        get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
        messages.error(request, "Ce rôle n’existe pas.")
        return redirect("companies:members", slug)
    role = form.cleaned_data["role"]
    return _run_action(
        request,
        "companies:members",
        slug,
        lambda company: team.change_role(company, request.user, pk, role),
        lambda member: f"{member.user} a maintenant le rôle «\u00a0{member.get_role_display()}\u00a0».",
    )


@recruiter_required
@require_POST
def transfer(request, slug, pk):
    return _run_action(
        request,
        "companies:members",
        slug,
        lambda company: team.transfer(company, request.user, pk),
        lambda member: f"{member.user} est maintenant propriétaire à votre place.",
    )


@recruiter_required
@require_POST
def remove(request, slug, pk):
    return _run_action(
        request,
        "companies:members",
        slug,
        lambda company: team.remove(company, request.user, pk),
        lambda member: f"{member.user} ne fait plus partie de l’entreprise.",
    )


@recruiter_required
@require_POST
def leave(request, slug):
    company = get_object_or_404(Company.objects.for_member(request.user), slug=slug)
    try:
        team.leave(company, request.user)
    except TeamRefused as error:
        messages.error(request, str(error))
        return redirect("companies:members", slug)
    messages.success(request, f"Vous ne faites plus partie de «\u00a0{company}\u00a0».")
    return redirect("posting:dashboard")


@recruiter_required
@require_POST
def resend_invitation(request, slug, pk):
    return _run_action(
        request,
        "companies:invitations",
        slug,
        lambda company: team.resend(company, request.user, pk),
        lambda invitation: f"L’invitation est renvoyée à {invitation.email}.",
    )


@recruiter_required
@require_POST
def revoke_invitation(request, slug, pk):
    return _run_action(
        request,
        "companies:invitations",
        slug,
        lambda company: team.revoke(company, request.user, pk),
        lambda invitation: f"L’invitation de {invitation.email} est annulée.",
    )


@recruiter_required
@require_POST
def answer_request(request, slug, pk, accepted):
    return _run_action(
        request,
        "companies:members",
        slug,
        lambda company: team.decide_join_request(company, request.user, pk, accepted),
        lambda join_request: f"Demande {join_request.get_status_display()}\u00a0: {join_request.user}.",
    )


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request, slug):
    """Request to join a company. The page does not reveal whether the company has members.

    For a company without a public page, registered or not, page and answer are the same.
    """
    company = team.known_companies(request.user).filter(slug=slug).first()
    form = JoinForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "company": company}
    if request.method == "POST" and form.is_valid():
        try:
            team.count_probe(request.user, client_network(request))
            _request_to_join(request, company, slug, form.cleaned_data["message"])
        except RateLimitExceeded as error:
            return refuse_probe(request, "companies/join.html", context, error)
        except TeamRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect("posting:dashboard")
    return render(request, "companies/join.html", context)


def _request_to_join(request, company, slug, message):
    if company:
        team.request_to_join(company, request.user, message)
        messages.success(request, "Votre demande est envoyée. Vous recevrez la réponse par e-mail.")
        return
    if hidden := Company.objects.filter(slug=slug).first():
        with contextlib.suppress(TeamRefused):
            team.request_to_join(hidden, request.user, message)
    messages.success(
        request,
        "Si une entreprise est inscrite à cette adresse, votre demande lui est envoyée, "
        "et vous recevrez la réponse par e-mail.",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """Show an invitation to anyone with its link; accepting it (POST) requires a login."""
    invitation = Invitation.objects.by_token(token).with_is_open().select_related("company").first()
    if invitation is None:
        raise Http404
    refusal = "" if invitation.is_open else "Cette invitation n’est plus valable."
    if request.method == "POST" and not refusal:
        return _accept(request, invitation)
    context = {"invitation": invitation, "company": invitation.company, "refusal": refusal}
    return render(request, "companies/invitation.html", context, status=410 if refusal else 200)


@recruiter_required
def _accept(request, invitation):
    try:
        membership = team.accept(invitation, request.user)
    except TeamRefused as error:
        messages.error(request, str(error))
        return redirect("posting:dashboard")
    role = MemberRole(membership.role).label
    messages.success(
        request, f"Vous faites maintenant partie de «\u00a0{invitation.company}\u00a0» (rôle\u00a0: {role})."
    )
    return redirect("posting:dashboard")
