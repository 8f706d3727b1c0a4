"""Views of recruiters that write the texts of a company, with the wording check."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from jobboard.contact.models import RateLimitExceeded
from jobboard.network import client_network
from offers.companies import team
from offers.companies.models import Company
from offers.companies.models.company import lock_companies
from offers.companies.permissions import recruiter_required
from offers.companies.team import CompanyExists, TeamRefused
from offers.companies.views.team import refuse_probe
from offers.posting.forms.company import CheckedCompanyForm, CheckedNewCompanyForm


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Register a company, or offer to join the existing one."""
    form = CheckedNewCompanyForm(request.POST if request.method == "POST" else None)
    similar = None
    if request.method == "POST" and form.is_valid():
        try:
            team.count_probe(request.user, client_network(request))
            company = team.create_company(form.instance, request.user, allow_similar=form.cleaned_data["another"])
        except RateLimitExceeded as error:
            return refuse_probe(request, "posting/company/new.html", {"form": form}, error)
        except CompanyExists as error:
            similar = error.company
        except TeamRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Votre entreprise est inscrite. Son logo et sa présentation se complètent ici.")
            return redirect("posting:company", company.slug)
    same_siret = bool(similar and similar.siret and similar.siret == form.instance.siret)
    context = {"form": form, "similar": similar, "same_siret": same_siret}
    return render(request, "posting/company/new.html", context)


@recruiter_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, slug):
    with transaction.atomic():
        if request.method == "POST":
            # Before the form checks that the SIRET is free.
            lock_companies()
        # Lock the row, so that a badge given or removed meanwhile is not overwritten.
        company = get_object_or_404(Company.objects.owned_by(request.user).select_for_update(), slug=slug)
        # The stored values: an invalid form changes the attributes of the instance.
        name, logo_url = company.name, company.logo.url if company.logo else ""
        if request.method == "POST":
            form = CheckedCompanyForm(request.POST, request.FILES, instance=company)
            if form.is_valid():
                if form.save_or_propose(request.user):
                    message = "Le changement est envoyé. La fiche reste telle quelle jusqu’à ce qu’il soit relu."
                else:
                    message = "La fiche de l’entreprise est enregistrée."
                messages.success(request, message)
                return redirect("posting:company", slug)
        else:
            form = CheckedCompanyForm(instance=company)
        waiting = company.revisions.waiting().first()
        if waiting and not form.is_bound:
            form.show_proposed(waiting)
    context = {"form": form, "company": company, "name": name, "logo_url": logo_url, "tab": "edit", "is_owner": True}
    context |= {"waiting": waiting, "declined": company.revisions.not_followed_up().last()}
    context["public"] = Company.objects.public().filter(pk=company.pk).exists()
    return render(request, "posting/company/edit.html", context)
