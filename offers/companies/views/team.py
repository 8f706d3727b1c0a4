"""Companies and their people, in the recruiters’ rooms. A company is always fetched through who asks."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.forms import CompanyForm, InvitationForm, JoinForm, NewCompanyForm, RoleForm
from offers.companies.models import Company, Invitation
from offers.companies.permissions import room
from offers.companies.team import AlreadyThere, TeamRefused


@room
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Register a company, or find that it is there and may be asked."""
    form = NewCompanyForm(request.POST if request.method == "POST" else None)
    twin = None
    if request.method == "POST" and form.is_valid():
        try:
            company = team.found(form.instance, request.user, another=form.cleaned_data["another"])
        except AlreadyThere as found:
            twin = found.company
        except TeamRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Votre entreprise est inscrite. Son logo et sa présentation se complètent ici.")
            return redirect("companies:edit", company.slug)
    same_number = bool(twin and twin.siret and twin.siret == form.instance.siret)
    context = {"form": form, "twin": twin, "same_number": same_number}
    return render(request, "companies/new.html", context)


@room
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, slug):
    with transaction.atomic():
        # Held while it is written: who gives or takes the badge meanwhile waits, and it is not written over.
        company = get_object_or_404(Company.objects.owned_by(request.user).select_for_update(), slug=slug)
        # As they are kept: a form that fails leaves what was typed in the company in hand.
        name, logo_url = company.name, company.logo.url if company.logo else ""
        if request.method == "POST":
            form = CompanyForm(request.POST, request.FILES, instance=company)
            if form.is_valid() and _save(form):
                messages.success(request, "La fiche de l’entreprise est enregistrée.")
                return redirect("companies:edit", slug)
        else:
            form = CompanyForm(instance=company)
    context = {"form": form, "company": company, "name": name, "logo_url": logo_url, "tab": "edit", "is_owner": True}
    context["public"] = Company.objects.public().filter(pk=company.pk).exists()
    return render(request, "companies/edit.html", context)


def _save(form) -> bool:
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        # Since the form was checked.
        form.add_error("siret", "Une entreprise est déjà inscrite avec ce numéro SIRET.")
        return False
    return True


@room
@require_safe
def members(request, slug):
    company = get_object_or_404(Company.objects.of(request.user), slug=slug)
    found = list(company.memberships.select_related("user").order_by("role", "user__email"))
    mine = next((member for member in found if member.user_id == request.user.pk), None)
    if mine is None:
        # Removed since the first query.
        raise Http404
    owners = sum(member.is_owner for member in found)
    requests = company.join_requests.filter(status=RequestStatus.WAITING).select_related("user")
    context = {
        "company": company,
        "name": company.name,
        "members": found,
        "mine": mine,
        "is_owner": mine.is_owner,
        "may_leave": not mine.is_owner or owners > 1,
        "requests": requests if mine.is_owner else [],
        "tab": "members",
    }
    return render(request, "companies/members.html", context)


@room
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request, slug):
    company = get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = team.invite(company, request.user, **form.cleaned_data)
        except TeamRefused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, f"L’invitation part vers {invitation.email}.")
            return redirect("companies:invitations", slug)
    pending = company.invitations.pending().select_related("invited_by")
    context = {"form": form, "company": company, "name": company.name, "invitations": pending, "tab": "invitations"}
    return render(request, "companies/invitations.html", {**context, "is_owner": True})


def _act(request, page, slug, verb, done):
    """Do what `verb` does with a company that the person owns, say what came of it, and go back to `page`."""
    company = get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
    try:
        found = verb(company)
    except TeamRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done(found) if callable(done) else done)
    return redirect(page, slug)


@room
@require_POST
def change_role(request, slug, pk):
    form = RoleForm(request.POST)
    if not form.is_valid():
        get_object_or_404(Company.objects.owned_by(request.user), slug=slug)
        messages.error(request, "Ce rôle n’existe pas.")
        return redirect("companies:members", slug)
    role = form.cleaned_data["role"]
    return _act(
        request,
        "companies:members",
        slug,
        lambda company: team.change_role(company, request.user, pk, role),
        lambda member: f"{member.user} a maintenant le rôle «\u00a0{member.get_role_display()}\u00a0».",
    )


@room
@require_POST
def transfer(request, slug, pk):
    return _act(
        request,
        "companies:members",
        slug,
        lambda company: team.transfer(company, request.user, pk),
        lambda heir: f"{heir.user} est maintenant propriétaire à votre place.",
    )


@room
@require_POST
def remove(request, slug, pk):
    return _act(
        request,
        "companies:members",
        slug,
        lambda company: team.remove(company, request.user, pk),
        lambda member: f"{member.user} ne fait plus partie de l’entreprise.",
    )


@room
@require_POST
def leave(request, slug):
    company = get_object_or_404(Company.objects.of(request.user), slug=slug)
    try:
        team.leave(company, request.user)
    except TeamRefused as refused:
        messages.error(request, str(refused))
        return redirect("companies:members", slug)
    messages.success(request, f"Vous ne faites plus partie de «\u00a0{company}\u00a0».")
    return redirect("posting:dashboard")


@room
@require_POST
def resend_invitation(request, slug, pk):
    return _act(
        request,
        "companies:invitations",
        slug,
        lambda company: team.resend(company, request.user, pk),
        lambda invitation: f"L’invitation repart vers {invitation.email}.",
    )


@room
@require_POST
def revoke_invitation(request, slug, pk):
    return _act(
        request,
        "companies:invitations",
        slug,
        lambda company: team.revoke(company, request.user, pk),
        lambda invitation: f"L’invitation de {invitation.email} est annulée.",
    )


@room
@require_POST
def answer_request(request, slug, pk, accepted):
    return _act(
        request,
        "companies:members",
        slug,
        lambda company: team.decide(company, request.user, pk, accepted),
        lambda found: f"La demande de {found.user} est {found.get_status_display()}.",
    )


@room
@require_http_methods(["GET", "HEAD", "POST"])
def join(request, slug):
    """Ask a company for a place. Nothing here says who works for it, or whether anybody does."""
    company = get_object_or_404(Company, slug=slug)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            team.ask(company, request.user, form.cleaned_data["message"])
        except TeamRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Votre demande est partie. La réponse vient par e-mail.")
            return redirect("posting:dashboard")
    return render(request, "companies/join.html", {"form": form, "company": company})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """What the link in an invitation opens: anybody who has it may read it, who is signed in may accept."""
    found = Invitation.objects.by_token(token).select_related("company").first()
    if found is None:
        raise Http404
    refusal = "" if found.is_open() else "Cette invitation n’est plus valable."
    if request.method == "POST" and not refusal:
        return _accept(request, found)
    context = {"invitation": found, "company": found.company, "refusal": refusal}
    return render(request, "companies/invitation.html", context, status=410 if refusal else 200)


@room
def _accept(request, found):
    try:
        membership = team.accept(found, request.user)
    except TeamRefused as refused:
        messages.error(request, str(refused))
        return redirect("posting:dashboard")
    role = MemberRole(membership.role).label
    messages.success(request, f"Vous faites maintenant partie de «\u00a0{found.company}\u00a0» (rôle\u00a0: {role}).")
    return redirect("posting:dashboard")
