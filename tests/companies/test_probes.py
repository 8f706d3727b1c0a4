"""Answers to “is X registered here?”: the same for a hidden company as for a company that does not exist."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from jobboard.mail.tasks import send_outbox
from offers.companies import team
from offers.companies.models import Company, JoinRequest
from tests.companies.forms import SIRET, post_company
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db
NEW = reverse("posting:company_new")
FACTS = {"name": "Ateliers Vauban", "siret": SIRET, "kind": "direct", "sector": "", "size": "", "website": ""}


@pytest.fixture
def hidden():
    """Return a company that has published confidential offers only."""
    company = make_company(name="Ateliers Vauban", siret=SIRET, slug="ateliers-vauban")
    make_member(company, make_user(email="anne@example.org"))
    make_offer(company=company, confidential=True)
    return company


@pytest.fixture
def attacker(client):
    user = make_user(email="attaque@example.net")
    client.force_login(user)
    return user


def without_tokens(response) -> str:
    text = re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", response.content.decode())
    return re.sub(r"ateliers-vauban-\w{5}", "SLUG", text)


def register(client, user, name, siret):
    """Register a company; return its page without tokens, and its slug without its random end."""
    response = client.post(NEW, {**FACTS, "name": name, "siret": siret}, follow=True)
    company = Company.objects.filter(memberships__user=user).get()
    assert re.fullmatch(r"ateliers-vauban-[a-z2-9]{5}", company.slug)
    return response.status_code, without_tokens(response)


def test_registration_answers_alike_and_tells_owners_and_team(client, settings):
    settings.TEAM_EMAILS = ["equipe@emploi.example"]
    answers = []
    for is_registered in (False, True):
        user = make_user(email="attaque@example.net")
        client.force_login(user)
        if is_registered:
            company = make_company(name="Ateliers Vauban SAS", siret=SIRET)
            make_member(company, make_user(email="anne@example.org"))
        mail.outbox.clear()
        answers.append(register(client, user, "Ateliers Vauban", SIRET))
        send_outbox()
        assert sorted(message.to[0] for message in mail.outbox) == (
            ["anne@example.org", "equipe@emploi.example"] if is_registered else []
        )
        if not is_registered:
            Company.objects.all().delete()
            user.delete()
    assert answers[0] == answers[1]
    to_owner = next(message for message in mail.outbox if message.to == ["anne@example.org"])
    assert "attaque@example.net" not in to_owner.body


def test_form_of_a_company_answers_alike(client, attacker, hidden):
    own = make_member(make_company(name="À moi"), attacker).company
    assert post_company(client, own, siret=SIRET).status_code == 302
    assert post_company(client, own, siret="35600000049837").status_code == 302


def test_join_page_and_answer_are_alike(client, attacker, hidden):
    pages, answers = [], []
    for slug in (hidden.slug, "ateliers-vaubin"):
        url = reverse("companies:join", args=[slug])
        pages.append(without_tokens(client.get(url)).replace(slug, "X"))
        # Twice: a second request must not be told that the first one waits.
        for _ in range(2):
            response = client.post(url, {"message": "Bonjour"}, follow=True)
            answers.append((response.status_code, [str(each) for each in response.context["messages"]]))
    assert pages[0] == pages[1]
    assert "Vauban" not in pages[0]
    assert len(set(map(str, answers))) == 1
    # The owner of the hidden company gets the request.
    assert JoinRequest.objects.get().company == hidden


def test_waiting_requests_to_hidden_companies_do_not_count(attacker):
    for _ in range(team.MAX_WAITING):
        team.request_to_join(make_company(), attacker)
    public = make_company()
    make_offer(company=public)
    team.request_to_join(public, attacker)


def test_member_is_told_that_the_own_company_is_registered(client, hidden):
    client.force_login(hidden.memberships.get().user)
    response = client.post(NEW, FACTS)
    assert response.context["similar"] == hidden
    assert Company.objects.count() == 1


@pytest.mark.parametrize("by", ["account", "network"])
def test_probes_are_limited_by_account_and_network(client, hidden, monkeypatch, by):
    monkeypatch.setattr(team, "MAX_PROBES", 3 if by == "account" else 100)
    monkeypatch.setattr(team, "MAX_PROBES_OF_NETWORK", 3 if by == "network" else 100)
    user = make_user()
    urls = [reverse("companies:join", args=[f"essai-{n}"]) for n in range(2)]
    for url in urls:
        client.force_login(make_user() if by == "network" else user)
        assert client.post(url, {"message": "x"}).status_code == 302
    assert client.post(NEW, {**FACTS, "name": "Menuiserie"}).status_code == 302
    for url, data in ((urls[0], {"message": "Un message précieux"}), (NEW, {**FACTS, "sector": "Bois précieux"})):
        response = client.post(url, data)
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 0
        assert "précieux" in response.content.decode()
        assert "n’est pas perdue" in response.content.decode()
