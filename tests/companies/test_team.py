"""Who works for a company: from its registration to the last owner, as people do it, with the mails they get."""

import contextlib
import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from offers.companies import team
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from tests.factories import make_company, make_member, make_user

SIRET = "73282932000074"
NEW = reverse("companies:new")
FACTS = {"name": "Ateliers du Numérique", "siret": "", "kind": "direct", "sector": "", "size": "", "website": ""}


@pytest.fixture
def anne(db):
    return make_user(email="anne@example.org")


@pytest.fixture
def company(anne):
    company = make_company(name="Ateliers du Numérique SAS", siret=SIRET)
    make_member(company, anne)
    return company


@pytest.fixture
def web(anne):
    client = Client()
    client.force_login(anne)
    return client


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name, company, *args):
    return reverse(f"companies:{name}", args=[company.slug, *args])


def deliver():
    """What the task worker does, twice, as it may: what is queued stays until the end."""
    queued = [line.task for line in OrmQ.objects.order_by("pk")]
    for _ in range(2):
        for task in queued:
            import_string(task["func"])(*task["args"])
    OrmQ.objects.all().delete()
    sent, mail.outbox[:] = list(mail.outbox), []
    return sent


def said(response) -> str:
    return " ".join(map(str, response.context["messages"]))


def test_a_company_is_registered_by_its_first_owner(web, anne):
    response = web.post(NEW, {**FACTS, "siret": "732 829 320 00074"}, follow=True)
    company = Company.objects.get()
    assert response.redirect_chain[-1][0] == at("edit", company)
    assert company.siret == SIRET
    assert company.memberships.get().user == anne
    assert company.memberships.get().is_owner
    assert "Ateliers du Numérique" in web.get(reverse("posting:dashboard")).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "obligatoire"),
        ("name", "www.gagnez.example", "sans adresse"),
        ("siret", "12345678901234", "numéro SIRET n'est pas valable"),
        ("kind", "mairie", "choix valide"),
        ("website", "javascript:alert(1)", "URL"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_stays(web, field, value, message):
    response = web.post(NEW, {**FACTS, "sector": "Bois", field: value})
    form = response.context["form"]
    assert message in " ".join(form.errors[field]).replace("’", "'") or message in " ".join(form.errors[field])
    assert form["sector"].value() == "Bois"
    assert not Company.objects.exists()


@pytest.mark.parametrize("name", ["ateliers du numerique", "Ateliers du Numérique SARL", "Atelier du Numérique"])
def test_a_near_name_leads_to_the_company_that_is_there_and_tells_nothing_of_its_people(company, name):
    web = signed_in(make_user())
    response = web.post(NEW, {**FACTS, "name": name})
    html = response.content.decode()
    assert at("join", company) in html
    assert "anne@example.org" not in html
    assert Company.objects.count() == 1
    # Homonyms exist, and say so.
    web.post(NEW, {**FACTS, "name": name, "another": "on"})
    assert Company.objects.count() == 2


def test_the_same_number_is_the_same_company_whatever_one_says(company):
    web = signed_in(make_user())
    response = web.post(NEW, {**FACTS, "name": "Tout autre chose", "siret": SIRET, "another": "on"})
    assert response.context["same_siret"]
    assert at("join", company) in response.content.decode()
    assert Company.objects.count() == 1


def test_asking_to_join_is_answered_by_an_owner(web, company, anne):
    paul = make_user(email="paul@example.org")
    theirs = signed_in(paul)
    theirs.post(at("join", company), {"message": "Paul, des achats"})
    [asked] = deliver()
    assert asked.to == ["anne@example.org"]
    assert "Paul, des achats" in asked.body
    assert "déjà en attente" in theirs.post(at("join", company), {}).content.decode()
    assert theirs.get(at("members", company)).status_code == 404
    request = JoinRequest.objects.get()
    assert "paul@example.org" in web.get(at("members", company)).content.decode()
    web.post(at("request_accept", company, request.pk))
    [answered] = deliver()
    assert answered.to == ["paul@example.org"]
    assert "acceptée" in answered.body
    assert Membership.objects.get(user=paul).role == MemberRole.RECRUITER
    again = web.post(at("request_decline", company, request.pk), follow=True)
    assert "Quelqu’un vient de répondre" in said(again)
    assert Membership.objects.filter(user=paul).exists()


def test_who_was_declined_waits_before_asking_again(web, company):
    paul = make_user()
    request = team.request_to_join(company, paul)
    web.post(at("request_decline", company, request.pk))
    assert "n’a pas été acceptée" in deliver()[-1].body
    with pytest.raises(team.TeamRefused, match="moins d’un mois"):
        team.request_to_join(company, paul)
    JoinRequest.objects.update(decided_at=timezone.now() - timedelta(days=31))
    team.request_to_join(company, paul)


def test_a_company_of_nobody_is_asked_through_the_team_of_the_site(settings, db):
    settings.TEAM_EMAILS = ["equipe@example.org"]
    company, paul, curator = make_company(), make_user(), make_user(is_staff=True, is_superuser=True)
    request = team.request_to_join(company, paul)
    [asked] = deliver()
    assert asked.to == ["equipe@example.org"]
    team.decide_join_request(company, curator, request.pk, True)
    assert company.memberships.get().is_owner


def test_an_invitation_from_mail_to_membership(web, company):
    response = web.post(at("invitations", company), {"email": "Zoe@Example.org", "role": "recruiter"}, follow=True)
    assert "zoe@example.org" in said(response)
    [invited] = deliver()
    assert invited.to == ["zoe@example.org"]
    assert "anne@" not in invited.body
    link = re.search(r"http://\S+", invited.body)[0].removeprefix("http://127.0.0.1:8000")

    stranger = Client()
    page = stranger.get(link)
    assert "Ateliers du Numérique" in page.content.decode()
    assert "anne@" not in page.content.decode()
    assert stranger.post(link).url.startswith(reverse("account_login"))
    # She signs in with another address than the one that was guessed.
    zoe = make_user(email="zoe.martin@example.com")
    hers = signed_in(zoe)
    hers.get(link)
    assert not Membership.objects.filter(user=zoe).exists()
    hers.post(link)
    assert Membership.objects.get(user=zoe).role == MemberRole.RECRUITER
    [told] = deliver()
    assert told.to == ["anne@example.org"]
    assert "zoe.martin@example.com" in told.body
    # Once.
    paul = make_user()
    assert signed_in(paul).post(link).status_code == 410
    assert not Membership.objects.filter(user=paul).exists()


def test_an_invitation_says_the_same_whether_or_not_there_is_an_account(web, company):
    make_user(email="known@example.org")
    answers = []
    for email in ("known@example.org", "unknown@example.org"):
        response = web.post(at("invitations", company), {"email": email, "role": "recruiter"}, follow=True)
        answers.append((response.status_code, said(response).replace(email, "")))
    assert answers[0] == answers[1]
    bodies = [re.sub(r"http\S+", "", message.body) for message in deliver()]
    assert bodies[0] == bodies[1]


def test_an_invitation_is_sent_again_taken_back_and_runs_out(web, company):
    invitation = team.invite(company, company.memberships.get().user, "zoe@example.org", "recruiter")
    link = reverse("companies:invitation", args=[invitation.token])
    assert len(deliver()) == 1
    again = at("invitation_resend", company, invitation.pk)
    assert "vient de partir" in said(web.post(again, follow=True))
    old = timezone.now() - timedelta(days=20)
    Invitation.objects.update(requested_at=old, expires_at=old + timedelta(days=14))
    assert Client().get(link).status_code == 410
    web.post(again)
    assert link in deliver()[0].body
    assert Client().get(link).status_code == 200
    web.post(at("invitation_revoke", company, invitation.pk))
    assert Client().get(link).status_code == 410
    assert signed_in(make_user()).post(link).status_code == 410
    assert company.memberships.count() == 1


def test_what_an_invitation_refuses(web, company, monkeypatch):
    url = at("invitations", company)
    for email, message in [
        ("anne@example.org", "déjà membre"),
        ("pas une adresse", "valide"),
        ("a@example.org\r\nBcc: b@example.org", "valide"),
    ]:
        response = web.post(url, {"email": email, "role": "recruiter"})
        assert message in " ".join(response.context["form"].errors["email"])
    assert web.post(url, {"email": "z@example.org", "role": "admin"}).context["form"].errors["role"]
    web.post(url, {"email": "z@example.org", "role": "recruiter"})
    assert "déjà invitée" in web.post(url, {"email": "Z@example.org", "role": "recruiter"}).content.decode()
    monkeypatch.setattr(team, "MAX_PER_DAY", 1)
    assert "par jour au plus" in web.post(url, {"email": "y@example.org", "role": "recruiter"}).content.decode()


def test_roles_removal_transfer_and_leaving(web, company, anne):
    paul = make_member(company, role=MemberRole.RECRUITER)
    assert "au moins une personne propriétaire" in said(web.post(at("leave", company), follow=True))
    web.post(at("member_role", company, paul.pk), {"role": "owner"})
    paul.refresh_from_db()
    assert paul.is_owner
    web.post(at("member_role", company, paul.pk), {"role": "recruiter"})
    web.post(at("member_role", company, paul.pk), {"role": "roi"})
    web.post(at("member_transfer", company, paul.pk))
    roles = dict(company.memberships.values_list("user", "role"))
    assert roles == {anne.pk: MemberRole.RECRUITER, paul.user_id: MemberRole.OWNER}
    # She gave it away: nothing of an owner's is hers.
    assert web.post(at("member_remove", company, paul.pk)).status_code == 404
    signed_in(paul.user).post(at("member_remove", company, company.memberships.get(user=anne).pk))
    assert [message.to for message in deliver()] == [["anne@example.org"]]
    assert web.get(at("members", company)).status_code == 404


def test_whoever_is_of_another_company_cannot_be_reached_through_ones_own(web, company):
    other = make_member()
    for name in ("member_role", "member_transfer", "member_remove"):
        response = web.post(at(name, company, other.pk), {"role": "recruiter"}, follow=True)
        assert "ne fait plus partie" in said(response)
    foreign = Invitation.objects.create(company=other.company, email="z@example.org")
    request = JoinRequest.objects.create(company=other.company, user=make_user())
    web.post(at("invitation_revoke", company, foreign.pk))
    web.post(at("request_accept", company, request.pk))
    other.refresh_from_db()
    foreign.refresh_from_db()
    request.refresh_from_db()
    assert other.is_owner
    assert foreign.is_open()
    assert request.status == RequestStatus.WAITING


def test_an_address_that_is_not_confirmed_opens_no_room(company):
    web = signed_in(make_member(company, make_user(confirmed=False)).user)
    for url in (reverse("posting:dashboard"), NEW, at("members", company)):
        assert web.get(url).url == reverse("account_home")


def test_queries_do_not_grow_with_the_team(web, company, django_assert_num_queries):
    for _ in range(20):
        make_member(company, role=MemberRole.RECRUITER)
        JoinRequest.objects.create(company=company, user=make_user())
        Invitation.objects.create(company=company, email=make_user().email)
    with django_assert_num_queries(6):  # session, person, confirmed address, company, members, requests
        web.get(at("members", company))
    with django_assert_num_queries(5):  # session, person, confirmed address, company, invitations
        web.get(at("invitations", company))


# Races: on PostgreSQL, with real threads ------------------------------------------------------------------------------


def together(*acts):
    """Run the acts at once, each on a connection of its own; what each of them raised, or None."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            act()
        except team.TeamRefused as refused:
            outcomes[number] = str(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def two_owners():
    company = make_company()
    return company, make_member(company).user, make_member(company).user


def slowly(monkeypatch, both):
    """Have whoever has counted the owners wait for the other one, who may be waiting for the row."""
    counted = threading.Barrier(2)
    check = team._require_other_owner

    def wait(membership):
        check(membership)
        with contextlib.suppress(threading.BrokenBarrierError):
            counted.wait(timeout=2 if both else 0.3)

    monkeypatch.setattr(team, "_require_other_owner", wait)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time")
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one(monkeypatch):
    company, one, other = two_owners()
    slowly(monkeypatch, both=False)
    outcomes = together(lambda: team.leave(company, one), lambda: team.leave(company, other))
    assert company.memberships.filter(role=MemberRole.OWNER).count() == 1
    assert sorted(map(bool, outcomes)) == [False, True]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time")
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_leave_none(monkeypatch):
    company, one, other = two_owners()
    monkeypatch.setattr(team, "_lock_company", lambda pk: Company.objects.get(pk=pk))
    slowly(monkeypatch, both=True)
    assert together(lambda: team.leave(company, one), lambda: team.leave(company, other)) == [None, None]
    assert not company.memberships.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time")
@pytest.mark.django_db(transaction=True)
def test_an_invitation_is_accepted_once_by_many_at_once():
    company = make_company()
    invitation = Invitation.objects.create(company=company, email="z@example.org")
    users = [make_user() for _ in range(6)]
    outcomes = together(*[lambda user=user: team.accept(invitation, user) for user in users])
    assert outcomes.count(None) == 1
    assert company.memberships.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time")
@pytest.mark.django_db(transaction=True)
def test_one_number_registered_by_many_at_once_is_one_company():
    users = [make_user() for _ in range(6)]
    together(*[lambda user=user: team.create_company(Company(name="Ateliers", siret=SIRET), user) for user in users])
    assert Company.objects.count() == Membership.objects.count() == 1
