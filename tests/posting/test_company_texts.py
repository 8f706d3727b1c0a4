"""The wording check of the texts of a company, in the forms of recruiters."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from offers.companies.models import Company, CompanyRevision
from tests.companies.forms import post_company
from tests.companies.test_logo import picture
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db
NEW = reverse("posting:company_new")
BLOCKED = {
    "name": "Agence 06 12 34 56 78",
    "sector": "Équipe de moins de 30 ans",
    "description": "Une équipe jeune, de moins de 30 ans.",
}


@pytest.fixture
def company(client):
    call_command("load_wording", verbosity=0)
    company = make_company(name="Ateliers")
    client.force_login(make_member(company, make_user(email="anne@example.org")).user)
    return company


@pytest.mark.parametrize("is_live", [False, True])
@pytest.mark.parametrize("field", BLOCKED)
def test_discriminating_text_is_refused_with_the_reasons_of_offers(client, company, field, is_live):
    if is_live:
        make_offer(company=company)
    response = post_company(client, company, **{field: BLOCKED[field]})
    assert response.status_code == 200
    [error] = response.context["form"].errors[field]
    age = "Limite d’âge\u00a0: «\u00a0moins de 30 ans\u00a0». Une offre ne fixe pas"
    assert ("06 12 34 56 78" if field == "name" else age) in error
    # What was typed is still there, and the page offers the way on.
    assert response.context["form"][field].value() == BLOCKED[field]
    assert response.content.decode().count("Pourquoi ce texte est justifié") == 1
    assert Company.objects.get().name == "Ateliers"
    assert not CompanyRevision.objects.exists()


def test_careful_texts_pass(client, company):
    texts = {
        "name": "Femmes et numérique",
        "sector": "Assurance maladie",
        "description": "Nous formons de jeunes talents.",
    }
    assert post_company(client, company, **texts).status_code == 302
    assert Company.objects.filter(**texts).exists()
    assert (
        "Pourquoi ce texte est justifié"
        not in client.get(reverse("posting:company", args=[company.slug])).content.decode()
    )


@pytest.mark.parametrize("is_live", [False, True])
def test_justified_text_waits_for_a_moderator(client, company, is_live):
    if is_live:
        make_offer(company=company)
    text, justification = "Nous recrutons des jeunes de moins de 25 ans.", "C’est notre public, pas nos salariés."
    post_company(client, company, description=text, justification=justification)
    revision = CompanyRevision.objects.waiting().get()
    assert (revision.changes, revision.justification) == ({"description": text}, justification)
    assert Company.objects.get().description == ""
    # The form starts from the proposed text and its justification.
    form = client.get(reverse("posting:company", args=[company.slug])).context["form"]
    assert (form["description"].value(), form["justification"].value()) == (text, justification)
    assert form.shows_justification
    # Corrected, the text needs no justification, which is dropped.
    post_company(client, company, description="Nous aidons des jeunes.", justification=justification)
    waiting = CompanyRevision.objects.waiting().first()
    assert (waiting.justification if is_live else waiting) == ("" if is_live else None)


def test_stored_text_does_not_block_other_changes(client, company):
    Company.objects.filter(pk=company.pk).update(description=BLOCKED["description"])
    response = post_company(client, company, description=BLOCKED["description"], sector="Banque")
    assert response.status_code == 302
    assert Company.objects.get().sector == "Banque"


def test_refused_text_asks_for_the_logo_again(client, company):
    logo = SimpleUploadedFile("logo.png", picture())
    response = post_company(client, company, description=BLOCKED["description"], logo=logo)
    assert set(response.context["form"].errors) == {"description", "logo"}


def test_new_company_with_a_refused_text_is_not_registered(client, company):
    data = {"name": "Autre", "kind": "direct", "sector": BLOCKED["sector"]}
    response = client.post(NEW, data)
    assert list(response.context["form"].errors) == ["sector"]
    # There is no company yet whose change could wait for a moderator.
    assert "justifié" not in response.content.decode()
    assert f'<a href="{reverse("contact:form")}?sujet=recruteur">Écrivez-nous</a>' in response.content.decode()
    assert not Company.objects.filter(name="Autre").exists()
    assert client.post(NEW, {**data, "sector": "Banque"}).status_code == 302
