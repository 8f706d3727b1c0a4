"""What a company is: its number, its badge, who has been asked into it. The verbs are in test_companies_team."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobboard.privacy import registry
from jobboard.privacy.registry import ErasureRefused, Person
from offers.companies.enums import MemberRole, RequestStatus
from offers.companies.models import Company, Invitation, JoinRequest, Membership
from offers.models import Offer
from tests.factories import make_company, make_member, make_offer, make_user

pytestmark = pytest.mark.django_db
SIRET = "73282932000074"


@pytest.mark.parametrize("typed", [SIRET, "732 829 320 00074", "732\u202f829\u00a0320\u00a000074", "35600000049837"])
def test_siret_is_checked_and_kept_without_spaces(typed):
    # The last one is a post office: theirs follow another rule than the rest.
    company = make_company(siret=typed)
    company.full_clean()
    company.save()
    company.refresh_from_db()
    assert len(company.siret) == 14
    assert company.siret.isdigit()


@pytest.mark.parametrize("typed", ["73282932000079", "732829320", "abc", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "7" * 500])
def test_what_is_no_siret_is_refused(typed):
    with pytest.raises(ValidationError, match="SIRET"):
        Company(name="Ateliers", slug="ateliers", siret=typed).full_clean()


def test_one_siret_one_company():
    make_company(siret=SIRET)
    make_company(siret="")
    make_company(siret="")
    with pytest.raises(ValidationError, match="déjà inscrite avec ce numéro"):
        Company(name="Autre", slug="autre", siret=SIRET).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_company(siret=SIRET)


@pytest.mark.parametrize("name", ["Gagnez sur https://x.example", "www.x.example", "moi@x.example", "a\u200bb"])
def test_a_name_carries_no_address(name):
    with pytest.raises(ValidationError, match="Un nom, sans adresse"):
        Company(name=name, slug="x").full_clean()


def test_badge_goes_when_name_or_number_changes_and_stays_otherwise():
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


def test_who_comes_first_owns():
    company = make_company()
    first, second = (Membership.objects.create(company=company, user=make_user()) for _ in range(2))
    assert (first.role, second.role) == (MemberRole.OWNER, MemberRole.RECRUITER)


def test_an_address_is_invited_once_at_a_time():
    company = make_company()
    first = Invitation.objects.create(company=company, email=" Zoe@Example.org")
    assert first.email == "zoe@example.org"
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(company=company, email="ZOE@example.org")
    Invitation.objects.filter(pk=first.pk).update(revoked_at=timezone.now())
    Invitation.objects.create(company=company, email="zoe@example.org")
    assert Invitation.objects.by_token(first.token).get() == first
    for wrong in (first.token[:-1], first.key.hex, "", "x:y", "\u00e9"):
        assert not Invitation.objects.by_token(wrong).exists()


def test_a_request_is_waiting_or_dated():
    company, user = make_company(), make_user()
    JoinRequest.objects.create(company=company, user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.create(company=company, user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.update(status=RequestStatus.DECLINED)


def test_an_account_is_not_erased_while_others_need_its_owner():
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


def test_what_is_known_of_invitations_and_requests():
    user = make_user(email="anne@example.org")
    old = timezone.now() - timedelta(days=31)
    Invitation.objects.create(company=make_company(), email="anne@example.org", expires_at=old)
    request = JoinRequest.objects.create(company=make_company(), user=user, message="Bonjour")
    found = registry.export(Person.from_email("anne@example.org"))
    assert found["Invitations dans une entreprise"][0]["adresse e-mail"] == "anne@example.org"
    assert found["Demandes d’accès à une entreprise"][0]["message"] == "Bonjour"
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert [type(row) for row in overdue] == [Invitation]
    JoinRequest.objects.filter(pk=request.pk).update(status="declined", decided_at=old - timedelta(days=365))
    overdue = [row for source in registry.sources() for row in source.past_retention(timezone.now())]
    assert {type(row) for row in overdue} == {Invitation, JoinRequest}
