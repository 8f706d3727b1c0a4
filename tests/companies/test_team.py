"""The pages of the team of a company: registration, join requests, invitations, roles, and their mails."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from tests.admin.pages import message_texts
from tests.admin.staff import make_superuser
from tests.companies.forms import SIRET
from tests.factories import make_company, make_invitation, make_member, make_offer, make_user
from tests.offers.tasks import run_queued_tasks

NEW = reverse("posting:company_new")
FACTS = {"name": "Ateliers du Numérique", "siret": "", "kind": "direct", "sector": "", "size": "", "website": ""}


@pytest.fixture
def company(owner):
    company = make_company(name="Ateliers du Numérique SAS", siret=SIRET)
    make_member(company, owner)
    return company


@pytest.fixture
def owner_client(owner):
    return logged_in_client(owner)


def logged_in_client(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def team_url(name, company, *args) -> str:
    return reverse(f"companies:{name}", args=[company.slug, *args])


def deliver_mails() -> list:
    """Run each queued task twice, as the worker may; return the messages sent, and empty the queue and the outbox."""
    run_queued_tasks()
    run_queued_tasks()
    OrmQ.objects.all().delete()
    messages, mail.outbox[:] = list(mail.outbox), []
    return messages


def message_text(response) -> str:
    """Return the texts of all messages on the page, as one string."""
    return " ".join(message_texts(response))


def test_registration_makes_the_user_the_owner(owner_client, owner):
    response = owner_client.post(NEW, {**FACTS, "siret": "732 829 320 00074"}, follow=True)
    company = Company.objects.get()
    assert response.redirect_chain[-1][0] == reverse("posting:company", args=[company.slug])
    assert company.siret == SIRET
    assert company.memberships.get().user == owner
    assert company.memberships.get().is_owner
    assert "Ateliers du Numérique" in owner_client.get(reverse("posting:dashboard")).content.decode()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Société\u00a0Générale", "Société Générale"),
        ("Arob@se Conseil", "Arob@se Conseil"),
        ("Bureau d’études\u202f42\u200b", "Bureau d’études 42"),
    ],
)
def test_pasted_name_is_accepted_with_plain_spaces(owner_client, typed, name):
    assert owner_client.post(NEW, {**FACTS, "name": typed}).status_code == 302
    assert Company.objects.get().name == name


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "obligatoire"),
        ("name", "www.gagnez.example", "sans adresse"),
        ("siret", "12345678901234", "numéro SIRET n'est pas valable"),
        ("kind", "mairie", "choix valide"),
        ("website", "javascript:alert(1)", "commence par https://"),
        ("website", "contact@exemple.fr", "adresse e-mail"),
        ("website", "https://www.linkеdin.com/", "autres alphabets"),
        ("website", "https://127.0.0.1:8000/", "numéro"),
    ],
)
def test_invalid_value_is_a_field_error_and_values_are_redisplayed(owner_client, field, value, message):
    response = owner_client.post(NEW, {**FACTS, "sector": "Bois", field: value})
    form = response.context["form"]
    assert message.replace("'", "’") in " ".join(form.errors[field])
    assert form["sector"].value() == "Bois"
    assert not Company.objects.exists()


@pytest.mark.parametrize("name", ["ateliers du numerique", "Ateliers du Numérique SARL", "Atelier du Numérique"])
def test_similar_name_suggests_the_existing_public_company_without_its_members(company, name):
    make_offer(company=company)
    client = logged_in_client(make_user())
    response = client.post(NEW, {**FACTS, "name": name})
    html = response.content.decode()
    assert team_url("join", company) in html
    assert "anne@example.org" not in html
    assert Company.objects.count() == 1
    # Another company may have the same name: the user confirms it.
    client.post(NEW, {**FACTS, "name": name, "another": "on"})
    assert Company.objects.count() == 2


def test_siret_of_a_public_company_is_refused_even_with_confirmation(company):
    make_offer(company=company)
    client = logged_in_client(make_user())
    response = client.post(NEW, {**FACTS, "name": "Tout autre chose", "siret": SIRET, "another": "on"})
    assert response.context["same_siret"]
    assert team_url("join", company) in response.content.decode()
    assert Company.objects.count() == 1


def test_join_request_is_mailed_to_the_owner_who_accepts_it(owner_client, company, owner):
    make_offer(company=company)
    paul = make_user(email="paul@example.org")
    paul_client = logged_in_client(paul)
    paul_client.post(team_url("join", company), {"message": "Paul, des achats"})
    [request_mail] = deliver_mails()
    assert request_mail.to == ["anne@example.org"]
    assert "Paul, des achats" in request_mail.body
    assert "déjà en attente" in paul_client.post(team_url("join", company), {}).content.decode()
    assert paul_client.get(team_url("members", company)).status_code == 404
    request = JoinRequest.objects.get()
    assert "paul@example.org" in owner_client.get(team_url("members", company)).content.decode()
    owner_client.post(team_url("request_accept", company, request.pk))
    [answer] = deliver_mails()
    assert answer.to == ["paul@example.org"]
    assert "acceptée" in answer.body
    assert Membership.objects.get(user=paul).role == MemberRole.RECRUITER
    response = owner_client.post(team_url("request_decline", company, request.pk), follow=True)
    assert "Quelqu’un vient de répondre" in message_text(response)
    assert Membership.objects.filter(user=paul).exists()


def test_new_request_is_refused_for_a_month_after_a_declined_one(owner_client, company):
    paul = make_user()
    request = team.request_to_join(company, paul)
    owner_client.post(team_url("request_decline", company, request.pk))
    assert "n’a pas été acceptée" in deliver_mails()[-1].body
    with pytest.raises(team.TeamRefused, match="moins d’un mois"):
        team.request_to_join(company, paul)
    JoinRequest.objects.update(decided_at=timezone.now() - timedelta(days=31))
    team.request_to_join(company, paul)


def test_join_request_to_a_company_without_members_goes_to_the_site_team(settings, db):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    company, paul, curator = make_company(), make_user(), make_superuser()
    request = team.request_to_join(company, paul)
    [request_mail] = deliver_mails()
    assert request_mail.to == ["equipe@example.org"]
    team.decide_join_request(company, curator, request.pk, True)
    assert company.memberships.get().is_owner


def test_invitation_link_makes_the_logged_in_user_a_member_once(owner_client, company):
    response = owner_client.post(
        team_url("invitations", company), {"email": "Zoe@Example.org", "role": "recruiter"}, follow=True
    )
    assert "zoe@example.org" in message_text(response)
    [invitation_mail] = deliver_mails()
    assert invitation_mail.to == ["zoe@example.org"]
    assert "anne@" not in invitation_mail.body
    link = re.search(r"http://\S+", invitation_mail.body)[0].removeprefix("http://127.0.0.1:8000")

    anonymous = Client()
    page = anonymous.get(link)
    assert "Ateliers du Numérique" in page.content.decode()
    assert "anne@" not in page.content.decode()
    assert anonymous.post(link).url.startswith(reverse("account_login"))
    # The user may have another e-mail address than the invited one.
    zoe = make_user(email="zoe.martin@example.com")
    zoe_client = logged_in_client(zoe)
    zoe_client.get(link)
    assert not Membership.objects.filter(user=zoe).exists()
    zoe_client.post(link)
    assert Membership.objects.get(user=zoe).role == MemberRole.RECRUITER
    [owner_mail] = deliver_mails()
    assert owner_mail.to == ["anne@example.org"]
    assert "zoe.martin@example.com" in owner_mail.body
    # The link cannot be used twice.
    paul = make_user()
    assert logged_in_client(paul).post(link).status_code == 410
    assert not Membership.objects.filter(user=paul).exists()


def test_invitation_does_not_reveal_whether_an_account_exists(owner_client, company):
    make_user(email="known@example.org")
    answers = []
    for email in ("known@example.org", "unknown@example.org"):
        response = owner_client.post(
            team_url("invitations", company), {"email": email, "role": "recruiter"}, follow=True
        )
        answers.append((response.status_code, message_text(response).replace(email, "")))
    assert answers[0] == answers[1]
    bodies = [re.sub(r"http\S+", "", message.body) for message in deliver_mails()]
    assert bodies[0] == bodies[1]


def test_invitation_is_resent_revoked_and_expires(owner_client, company):
    invitation = team.invite(company, company.memberships.get().user, "zoe@example.org", "recruiter")
    link = reverse("companies:invitation", args=[invitation.token])
    assert len(deliver_mails()) == 1
    resend_url = team_url("invitation_resend", company, invitation.pk)
    assert "vient de partir" in message_text(owner_client.post(resend_url, follow=True))
    old = timezone.now() - timedelta(days=20)
    Invitation.objects.update(requested_at=old, expires_at=old + timedelta(days=14))
    assert Client().get(link).status_code == 410
    owner_client.post(resend_url)
    assert link in deliver_mails()[0].body
    assert Client().get(link).status_code == 200
    owner_client.post(team_url("invitation_revoke", company, invitation.pk))
    assert Client().get(link).status_code == 410
    assert logged_in_client(make_user()).post(link).status_code == 410
    assert company.memberships.count() == 1


def test_invalid_invitation_is_refused(owner_client, company, monkeypatch):
    url = team_url("invitations", company)
    for email, message in [
        ("anne@example.org", "déjà membre"),
        ("pas une adresse", "il manque l’arobase"),
        ("a@example.org\r\nBcc: b@example.org", "une seule ligne"),
    ]:
        response = owner_client.post(url, {"email": email, "role": "recruiter"})
        assert message in " ".join(response.context["form"].errors["email"])
    assert owner_client.post(url, {"email": "z@example.org", "role": "admin"}).context["form"].errors["role"]
    owner_client.post(url, {"email": "z@example.org", "role": "recruiter"})
    response = owner_client.post(url, {"email": "Z@example.org", "role": "recruiter"})
    assert "déjà invitée" in response.content.decode()
    monkeypatch.setattr(team, "MAX_PER_DAY", 1)
    assert (
        "par jour au plus" in owner_client.post(url, {"email": "y@example.org", "role": "recruiter"}).content.decode()
    )


def test_roles_transfer_and_removal_keep_one_owner(owner_client, company, owner):
    paul = make_member(company, role=MemberRole.RECRUITER)
    assert "au moins une personne propriétaire" in message_text(
        owner_client.post(team_url("leave", company), follow=True)
    )
    owner_client.post(team_url("member_role", company, paul.pk), {"role": "owner"})
    paul.refresh_from_db()
    assert paul.is_owner
    owner_client.post(team_url("member_role", company, paul.pk), {"role": "recruiter"})
    owner_client.post(team_url("member_role", company, paul.pk), {"role": "roi"})
    owner_client.post(team_url("member_transfer", company, paul.pk))
    roles = dict(company.memberships.values_list("user", "role"))
    assert roles == {owner.pk: MemberRole.RECRUITER, paul.user_id: MemberRole.OWNER}
    # After the transfer the former owner has no rights of an owner.
    assert owner_client.post(team_url("member_remove", company, paul.pk)).status_code == 404
    logged_in_client(paul.user).post(team_url("member_remove", company, company.memberships.get(user=owner).pk))
    assert [message.to for message in deliver_mails()] == [["anne@example.org"]]
    assert owner_client.get(team_url("members", company)).status_code == 404


def test_rows_of_another_company_cannot_be_changed(owner_client, company):
    other = make_member()
    for name in ("member_role", "member_transfer", "member_remove"):
        response = owner_client.post(team_url(name, company, other.pk), {"role": "recruiter"}, follow=True)
        assert "ne fait plus partie" in message_text(response)
    foreign = make_invitation(other.company)
    request = JoinRequest.objects.create(company=other.company, user=make_user())
    owner_client.post(team_url("invitation_revoke", company, foreign.pk))
    owner_client.post(team_url("request_accept", company, request.pk))
    other.refresh_from_db()
    request.refresh_from_db()
    assert other.is_owner
    assert Invitation.objects.open().filter(pk=foreign.pk).exists()
    assert request.status == RequestStatus.WAITING


def test_user_without_confirmed_address_is_redirected_to_the_account(company):
    client = logged_in_client(make_member(company, make_user(confirmed=False)).user)
    for url in (reverse("posting:dashboard"), NEW, team_url("members", company)):
        assert client.get(url).url == reverse("account_home")


def test_query_count_is_independent_of_the_size_of_the_team(owner_client, company, django_assert_num_queries):
    for _ in range(20):
        make_member(company, role=MemberRole.RECRUITER)
        JoinRequest.objects.create(company=company, user=make_user())
        Invitation.objects.create(company=company, email=make_user().email)
    with django_assert_num_queries(6):  # session, user, confirmed address, company, members, requests
        owner_client.get(team_url("members", company))
    with django_assert_num_queries(5):  # session, user, confirmed address, company, invitations
        owner_client.get(team_url("invitations", company))
