"""The subject of contact requests: the form, the links to it, the mails, and the admin."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError
from django.urls import reverse

from jobboard.contact.enums import ContactSubject
from jobboard.contact.models import Lead
from jobboard.mail.tasks import send_outbox
from tests.admin.pages import change_url, form_data, form_errors, listed_objects, run_action
from tests.factories import make_company, make_lead, make_offer, make_user

pytestmark = pytest.mark.django_db
URL = reverse("contact:form")
LIST = reverse("admin:contact_lead_changelist")
OTHERS = [subject for subject in ContactSubject if subject != ContactSubject.RECRUITER]
COMPANY_ERROR = "Indiquez l’entreprise qui recrute."


@pytest.fixture(autouse=True)
def no_minimum_delay(settings):
    settings.CONTACT_MINIMUM_DELAY = 0


def form_at(client, url, **headers):
    """Return the fields of the form at `url`, as a browser without JavaScript submits them."""
    form = client.get(url, headers=headers).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def send(client, url=URL, **values):
    data = {"name": "Anne Martin", "email": "anne@example.org", "message": "Bonjour,\nune question."}
    return client.post(URL, {**form_at(client, url), **data, **values})


def test_candidate_on_a_legal_page_reaches_the_form_and_needs_no_company(client):
    html = client.get(reverse("privacy")).content.decode()
    url = unescape(re.search(rf'href="({URL}[?][^"]+)">', html.partition("Les droits de chacun")[2])[1])
    page = client.get(url).content.decode()
    assert '<option value="donnees" selected>Données personnelles</option>' in page
    response = send(client, url)
    assert response.status_code == 302
    lead = Lead.objects.get()
    assert (lead.subject, lead.company, str(lead)) == ("donnees", "", "Anne Martin")


@pytest.mark.parametrize("subject", OTHERS)
def test_only_recruiters_need_a_company(client, subject):
    assert send(client, f"{URL}?sujet={subject}", company="  ").status_code == 302
    assert Lead.objects.get().subject == subject


def test_company_of_a_recruiter_is_required_at_its_field_and_nothing_is_lost(client):
    response = send(client, f"{URL}?sujet=recruteur", role="CTO", company=" ")
    html = response.content.decode()
    assert response.status_code == 200
    error = re.search(r'<ul class="error" id="contact-company_error"><li>([^<]+)</li>', html)
    assert error[1] == COMPANY_ERROR
    assert f'<a href="#contact-company">Entreprise qui recrute</a>\u00a0: {COMPANY_ERROR}' in html
    assert re.search(r'<input[^>]+name="company"[^>]+aria-invalid="true"', html)
    for value in ("Anne Martin", "anne@example.org", "une question.", 'value="CTO"', 'value="recruteur" selected'):
        assert value in html
    assert not Lead.objects.exists()


@pytest.mark.parametrize("subject", ["", "inconnu", "recruteur, candidature"])
def test_missing_or_unknown_subject_is_refused_and_not_assumed(client, subject):
    options = client.get(URL, {"sujet": subject}).content.decode().partition("</select>")[0]
    assert re.findall(r'<option value="([^"]*)" selected', options) == [""]
    response = send(client, subject=subject)
    assert response.status_code == 200
    assert 'href="#contact-subject"' in response.content.decode()
    assert not Lead.objects.exists()


def test_page_speaks_to_recruiters_only_if_they_are_meant(client):
    heading = re.compile("<h1>([^<]+)</h1>")
    assert heading.search(client.get(f"{URL}?sujet=recruteur").content.decode())[1] == "Parlons de votre recrutement"
    assert heading.search(client.get(f"{URL}?metier=cto").content.decode())[1] == "Parlons de votre recrutement"
    for url in (URL, f"{URL}?sujet=candidature", f"{URL}?sujet=nul"):
        html = client.get(url).content.decode()
        assert heading.search(html)[1] == "Nous écrire"
        assert "consultant" not in html.partition("<main")[2]


def test_links_to_the_form_pass_a_known_subject(client):
    offer = make_offer()
    recruiter, member = make_user(), make_user()
    company = make_company()
    company.memberships.create(user=member)
    pages = {
        reverse("accessibility"): {"accessibilite"},
        reverse("legal"): {"offre"},
        reverse("privacy"): {"donnees"},
        reverse("home"): {"recruteur"},
        offer.get_absolute_url(): {"offre"},
        reverse("account_reset_password_done"): {"compte"},
        reverse("posting:dashboard"): {"recruteur"},
    }
    for path, subjects in pages.items():
        if path == reverse("posting:dashboard"):
            client.force_login(recruiter)
        main = client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
        links = [unescape(query) for query in re.findall(rf'href="{URL}([^"]*)"', main)]
        assert {re.search(r"\?sujet=(\w+)", link)[1] for link in links} == subjects, path


def test_every_subject_in_a_template_or_mail_exists():
    root = Path(settings.BASE_DIR)
    files = [*root.glob("templates/**/*.html"), *root.glob("jobboard/**/*.py"), *root.glob("offers/**/*.py")]
    used = {subject for file in files for subject in re.findall(r"\?sujet=([a-z]+)", file.read_text())}
    assert len(used) > 4
    assert used <= set(ContactSubject.values)


@pytest.mark.parametrize(
    ("subject", "company", "line", "acknowledgement"),
    [
        ("recruteur", "Exemple SAS", "Je recrute\u00a0: Exemple SAS", "Votre demande est bien arrivée"),
        ("candidature", "", "Candidature ou recherche d’emploi\u00a0: Anne Martin", "Votre message est bien arrivé"),
        ("presse", "Le Quotidien", "Presse\u00a0: Le Quotidien", "Votre message est bien arrivé"),
    ],
)
def test_mails_name_the_subject(client, settings, subject, company, line, acknowledgement):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    send(client, f"{URL}?sujet={subject}", company=company)
    send_outbox()
    team, person = mail.outbox
    assert team.subject == line
    assert f"Sujet\u00a0: {ContactSubject(subject).label}\n" in team.body
    assert ("Poste\u00a0:" in team.body) == (subject == "recruteur")
    assert "()" not in team.body
    assert person.subject == acknowledgement
    assert ("consultant" in person.body) == (subject == "recruteur")


@pytest.mark.parametrize("values", [{"subject": "x"}, {"company": ""}, {"subject": "presse", "status": "won"}])
def test_database_refuses_what_the_forms_refuse(values):
    with pytest.raises(IntegrityError):
        make_lead(**values)


def test_list_shows_and_filters_the_subject(client, superuser):
    recruiter, candidate, press = make_lead(), make_lead(subject="candidature", company=""), make_lead(subject="presse")
    assert "candidature ou recherche d’emploi" in client.get(LIST).content.decode()
    for query, leads in {
        "sujet=recruteur": {recruiter},
        "sujet=candidature": {candidate},
        "sujet=sauf-recruteurs": {candidate, press},
        "sujet=inconnu": set(),
    }.items():
        assert listed_objects(client.get(f"{LIST}?{query}")) == leads, query


def test_sales_statuses_are_for_recruiters(client, superuser):
    recruiter, candidate = make_lead(), make_lead(subject="candidature", company="")
    html = run_action(client, LIST, "mark_won", recruiter, candidate).content.decode()
    assert "1\u00a0demande mise à jour." in html
    assert "1\u00a0demande laissée en l’état" in html
    assert dict(Lead.objects.values_list("subject", "status")) == {"recruteur": "won", "candidature": "new"}
    run_action(client, LIST, "mark_handled", recruiter, candidate)
    assert set(Lead.objects.values_list("status", flat=True)) == {"handled"}

    url = change_url(candidate)
    response = client.post(url, form_data(client.get(url), status="won"))
    assert any("réservé aux demandes de recruteurs" in error for error in form_errors(response))
    response = client.post(url, form_data(client.get(url), subject="recruteur"))
    assert form_errors(response) == [COMPANY_ERROR]
