"""Companies: SIRET, name, verification, memberships, invitations and join requests; test_team.py has the operations."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from jobboard.mail.tasks import send_outbox
from jobboard.privacy import registry
from jobboard.privacy.registry import ErasureRefused, Person
from offers.companies.enums import CompanyChange, MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.models import Offer
from tests.companies.forms import SIRET, post_company
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [SIRET, "732 829 320 00074", "732\u202f829\u00a0320\u00a000074", "35600000049837"])
def test_valid_siret_is_stored_without_spaces(value):
    # The last one is of a post office: the post has a checksum rule of its own.
    company = make_company(siret=value)
    company.full_clean()
    company.save()
    company.refresh_from_db()
    assert len(company.siret) == 14
    assert company.siret.isdigit()


@pytest.mark.parametrize("value", ["73282932000079", "732829320", "abc", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "7" * 500])
def test_invalid_siret_is_refused(value):
    with pytest.raises(ValidationError, match="SIRET"):
        Company(name="Ateliers", slug="ateliers", siret=value).full_clean()


def test_siret_is_unique_among_verified_companies():
    curator = make_user(is_staff=True)
    first, second = make_company(siret=SIRET), make_company(siret=SIRET)
    for _ in range(2):
        assert make_company(siret="").verify(curator)
    second.full_clean()
    assert first.verify(curator)
    assert not second.verify(curator)
    assert not second.events.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.filter(pk=second.pk).update(verified_at=timezone.now())


@pytest.mark.parametrize("name", ["Gagnez sur https://x.example", "www.x.example", "moi@x.example"])
def test_name_with_a_url_or_email_address_is_refused(name):
    with pytest.raises(ValidationError, match="Un nom, sans adresse"):
        Company(name=name, slug="x").full_clean()


def test_verification_is_lost_when_name_or_siret_changes():
    curator = make_user(is_staff=True)
    company = make_company(name="Ateliers", siret=SIRET)
    for field, value, stays in [("sector", "Bois", True), ("name", "Ateliers X", False), ("siret", "", False)]:
        assert company.verify(curator)
        setattr(company, field, value)
        company.save(update_fields=[field])
        company.refresh_from_db()
        assert bool(company.verified_at) is bool(company.verified_by) is stays, field
    stale = Company.objects.get(pk=company.pk)
    Company.objects.filter(pk=company.pk).update(name="Encore un autre")
    assert not stale.verify(curator)


def test_rename_removes_badge_and_trust_and_alerts_curators(settings):
    settings.TEAM_EMAILS = ["equipe@emploi.example"]
    curator = make_user(is_staff=True)
    company = make_company(name="Ateliers Vauban", siret=SIRET)
    for update_fields in (None, ["name"]):
        company.verify(curator)
        company.trust(curator)
        former = company.name
        company.name = "Banque de France" if update_fields is None else "Ministère des Armées"
        company.save(update_fields=update_fields)
        company.refresh_from_db()
        assert (company.trusted, company.verified_at) == (False, None)
        changes = list(company.events.values_list("change", flat=True)[:3])
        assert changes == [CompanyChange.RENAMED, CompanyChange.UNTRUSTED, CompanyChange.UNVERIFIED]
        mail.outbox.clear()
        send_outbox()
        [message] = mail.outbox
        assert message.to == ["equipe@emploi.example"]
        assert former in message.body
        assert company.name in message.subject
    # A company that the public does not see yet may correct its name without a mail.
    company = make_company(name="Atelier")
    company.name = "Ateliers"
    company.save()
    mail.outbox.clear()
    send_outbox()
    assert mail.outbox == []


def test_change_of_the_siret_removes_trust():
    company = make_company(siret=SIRET)
    company.trust(make_user(is_staff=True))
    company.siret = "35600000049837"
    company.save()
    assert not Company.objects.get().trusted


def test_first_member_is_the_owner():
    company = make_company()
    first, second = (Membership.objects.create(company=company, user=make_user()) for _ in range(2))
    assert (first.role, second.role) == (MemberRole.OWNER, MemberRole.RECRUITER)


def test_email_address_has_one_open_invitation_per_company():
    company = make_company()
    first = Invitation.objects.create(company=company, email=" Zoe@Example.org")
    assert first.email == "zoe@example.org"
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(company=company, email="ZOE@example.org")
    Invitation.objects.filter(pk=first.pk).update(revoked_at=timezone.now())
    Invitation.objects.create(company=company, email="zoe@example.org")
    assert Invitation.objects.by_token(first.token).get() == first
    for token in (first.token[:-1], first.key.hex, "", "x:y", "\u00e9"):
        assert not Invitation.objects.by_token(token).exists()


def test_join_request_is_unique_while_waiting_and_dated_once_decided():
    company, user = make_company(), make_user()
    JoinRequest.objects.create(company=company, user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.create(company=company, user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.update(status=RequestStatus.DECLINED)


def test_erasure_of_the_only_owner_is_refused_while_others_depend_on_it():
    user = make_user()
    company = make_company(name="Ateliers")
    make_member(company, user=user)
    offer = make_offer(company=company)
    colleague = make_member(company, role=MemberRole.RECRUITER)
    with pytest.raises(ErasureRefused) as refused:
        registry.erase(Person(user=user))
    assert "Ateliers" in refused.value.reasons[0]
    colleague.delete()
    with pytest.raises(ErasureRefused):
        registry.erase(Person(user=user))
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    registry.erase(Person(user=user))
    assert not company.memberships.exists()


def test_invitations_and_join_requests_are_exported_and_purged():
    user = make_user(email="anne@example.org")
    old = timezone.now() - timedelta(days=31)
    Invitation.objects.create(company=make_company(), email="anne@example.org", expires_at=old)
    request = JoinRequest.objects.create(company=make_company(), user=user, message="Bonjour")
    archive = registry.export(Person.from_email("anne@example.org"))
    assert archive["Invitations dans une entreprise"][0]["adresse e-mail"] == "anne@example.org"
    assert archive["Demandes d’accès à une entreprise"][0]["message"] == "Bonjour"
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert [type(row) for row in overdue] == [Invitation]
    JoinRequest.objects.filter(pk=request.pk).update(status="declined", decided_at=old - timedelta(days=365))
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert {type(row) for row in overdue} == {Invitation, JoinRequest}


def test_saving_the_form_keeps_the_verification_unless_the_name_changes(client, company, owner):
    client.force_login(owner)
    client.get(reverse("posting:company", args=[company.slug]))
    company.verify(make_user(is_staff=True))
    post_company(client, company, sector="Bois")
    company.refresh_from_db()
    assert company.verified_at
    response = post_company(client, company, name="Un autre nom")
    assert response.status_code == 302
    company.refresh_from_db()
    assert company.verified_at is None


@pytest.mark.parametrize("name", ["---", "…", "&"])
def test_name_has_a_letter_or_a_digit(db, name):
    with pytest.raises(ValidationError, match="une lettre ou un chiffre"):
        make_company(name=name).full_clean()
