"""Offers: constraints, validation, dates, transitions and employer."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from offers.enums import Contract, EmployerKind, OfferStatus
from offers.models import Offer, TransitionRefused
from tests.factories import make_company, make_offer, make_place
from tests.threads import needs_postgresql, run_in_threads

NOW = timezone.now()
INVALID = {
    "unknown status": ({"status": "perdue"}, "Cet état n’existe pas."),
    "unknown contract": ({"contract": "stagiaire"}, "Ce contrat n’existe pas."),
    "pay reversed": ({"pay_min": 50_000, "pay_max": 40_000}, "du plus petit au plus grand montant"),
    "pay without maximum": ({"pay_min": 50_000, "pay_max": None}, "du plus petit au plus grand montant"),
    "pay without minimum": ({"pay_min": None, "pay_max": 50_000}, "du plus petit au plus grand montant"),
    "pay of zero": ({"pay_min": 0, "pay_max": 0}, "du plus petit au plus grand montant"),
    "six remote days": ({"remote_days": 6}, "Une semaine compte cinq jours de travail."),
    "fully remote, two days": ({"fully_remote": True, "remote_days": 2}, "compte cinq jours de télétravail"),
    "fully remote, days unknown": (
        {"fully_remote": True, "remote_days": None},
        "compte cinq jours de télétravail",
    ),
    "no place": ({"place": None}, "Une offre a une commune"),
    "no company": ({"company": None}, "Une offre porte le nom d’une entreprise"),
    "published without a date": ({"published_at": None}, "a une date de publication et expire après elle"),
    "published without an end": ({"expires_at": None}, "a une date de publication et expire après elle"),
    "expires before publication": (
        {"expires_at": NOW - timedelta(days=9)},
        "a une date de publication et expire après elle",
    ),
    "filled, not closed": ({"status": OfferStatus.FILLED}, "a une date de fermeture"),
    "open and closed": ({"closed_at": NOW}, "a une date de fermeture"),
    "apply URL over http": ({"apply_url": "http://example.org/"}, "commence par https://"),
    "URL of a confidential employer": (
        {"apply_url": "https://example.org/", "confidential": True},
        "dévoilerait un employeur confidentiel",
    ),
}


@pytest.mark.parametrize(("values", "message"), INVALID.values(), ids=INVALID)
def test_invalid_values_are_refused_by_validation_and_database(db, values, message):
    offer = make_offer()
    for name, value in values.items():
        setattr(offer, name, value)
    with pytest.raises(ValidationError):
        offer.full_clean()
    # full_clean may stop at the validators of a field, before the constraints.
    with pytest.raises(ValidationError) as refused:
        offer.validate_constraints()
    assert message in " ".join(refused.value.messages)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**values)


def test_external_reference_is_unique_per_company(db):
    company = make_company()
    make_offer(company=company, external_reference="A-1")
    make_offer(external_reference="A-1")
    make_offer(company=company)
    make_offer(company=company)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_offer(company=company, external_reference="A-1")
    duplicate = make_offer(company=company)
    duplicate.external_reference = "A-1"
    with pytest.raises(ValidationError, match="déjà une offre sous cette référence"):
        duplicate.full_clean()


@pytest.mark.parametrize(
    ("contract", "pay_min", "pay_max", "message"),
    [
        (Contract.CDI, 45, 55, "entre 5\u202f000 et 500\u202f000 € par an"),
        (Contract.FREELANCE, 45_000, 55_000, "entre 80 et 3\u202f000 € par jour"),
    ],
)
def test_implausible_pay_is_refused(db, contract, pay_min, pay_max, message):
    offer = make_offer(contract=contract, pay_min=pay_min, pay_max=pay_max)
    with pytest.raises(ValidationError) as refused:
        offer.full_clean()
    assert message in " ".join(refused.value.messages)


def test_more_than_six_highlights_are_refused(db):
    offer = make_offer(highlights="\n".join("abcdefg"))
    with pytest.raises(ValidationError, match="Six points forts au plus"):
        offer.full_clean()


def test_temp_agency_cannot_be_confidential(db):
    offer = make_offer(company=make_company(kind=EmployerKind.TEMP_AGENCY), confidential=True)
    with pytest.raises(ValidationError, match="agence d’intérim est nommée"):
        offer.full_clean()


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("Développeur Python (H/F)", "Développeur Python"),
        ("Développeuse Python F/H", "Développeuse Python"),
        ("CTO - H/F", "CTO"),
        ("Data Engineer [H/F/X]", "Data Engineer"),
        ("Développeur H/F Python / Django", "Développeur Python / Django"),
        ("CTO H/F - Lyon", "CTO - Lyon"),
        ("CTO - (H / F) – Lyon", "CTO – Lyon"),
        ("Ingénieur DevOps H/F (Lyon)", "Ingénieur DevOps (Lyon)"),
        ("Chef de projet F/H Paris", "Chef de projet Paris"),
        ("H/F - Développeuse", "Développeuse"),
        ("(F/H) Développeuse", "Développeuse"),
        ("Développeur(H/F)Python", "Développeur Python"),
        ("Développeur (H/F, CDI)", "Développeur (CDI)"),
        ("Développeur (CDI - H/F) Lyon", "Développeur (CDI) Lyon"),
        ("Développeur H/F\u00a0: Paris", "Développeur\u00a0: Paris"),
        ("Développeur, H/F, Paris", "Développeur, Paris"),
        ("Product Owner H/F / PO", "Product Owner / PO"),
        ("CDI-h/f-Lyon", "CDI-Lyon"),
        ("Testeuse M/F/X", "Testeuse"),
        ("Testeuse (m/w/d)", "Testeuse"),
        ("Testeuse w/m/d", "Testeuse"),
        ("DevOps (m/w/x) - Strasbourg", "DevOps - Strasbourg"),
        ("Testeuse (D/F/M)", "Testeuse"),
        ("Testeuse (X/F/H)", "Testeuse"),
        ("Testeuse (f|m|d)", "Testeuse"),
        ("Testeuse (H-F)", "Testeuse"),
        ("Testeuse (homme/femme)", "Testeuse"),
        ("Testeuse - Femme / Homme", "Testeuse"),
        ("Ingénieur R&D/M", "Ingénieur R&D/M"),
        ("Expert C/H/F et TCP/IP", "Expert C/H/F et TCP/IP"),
        ("H/F", "H/F"),
    ],
)
def test_gender_mark_is_removed_from_the_title(db, value, title):
    assert make_offer(title=value).title == title


@pytest.mark.parametrize("title", ["H/F", "(m/w/d)", "---", "H/F - F/H", "…", "C", "42", "(H/F) !"])
def test_title_without_a_job_is_refused(db, title):
    with pytest.raises(ValidationError) as error:
        make_offer(title=title).full_clean()
    assert error.value.message_dict == {
        "title": ["Nommez le métier\u00a0: «\u00a0Développeur Java\u00a0», par exemple."]
    }


@pytest.mark.parametrize("title", ["CTO", "IA", "DBA 42", "Ingénieure C++"])
def test_title_may_be_short(db, title):
    make_offer(title=title).full_clean()


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("DevOps/SRE", "devops-sre"),
        ("DevOps / SRE", "devops-sre"),
        ("Chef d’équipe & d'atelier", "chef-d-equipe-d-atelier"),
        ("Développeur·se Node.js, React+Vue", "developpeur-se-nodejs-react-vue"),
        ("Lead – C++ | Lyon:Paris", "lead-c-lyon-paris"),
        ("Qualité_logicielle", "qualite_logicielle"),
        ("+++", "offre"),
    ],
)
def test_slug_separates_the_words_of_the_title(title, slug):
    assert Offer(title=title).slug == slug


def test_offer_is_published_from_published_at_until_expires_at(db):
    offer = make_offer(age=timedelta(days=1))
    for at, visible in [
        (offer.published_at - timedelta(seconds=1), False),
        (offer.published_at, True),
        (offer.expires_at - timedelta(seconds=1), True),
        (offer.expires_at, False),
    ]:
        assert Offer.objects.published(at).exists() is visible
        assert offer.is_published(at) is visible
    Offer.objects.update(status=OfferStatus.DRAFT)
    assert not Offer.objects.published().exists()


def test_offer_is_published_filled_republished_and_withdrawn(db):
    offer = make_offer(status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    with pytest.raises(TransitionRefused):
        offer.fill()
    offer.publish()
    assert offer.is_published()
    assert offer.confirmed_at == offer.published_at
    offer.fill()
    assert not offer.is_published()
    assert offer.ended_at() == offer.closed_at
    with pytest.raises(TransitionRefused):
        offer.withdraw()
    offer.publish()
    assert offer.closed_at is None
    offer.withdraw()
    offer.refresh_from_db()
    assert (offer.status, offer.is_published()) == (OfferStatus.WITHDRAWN, False)


def test_transition_of_a_stale_instance_is_refused(db):
    offer = make_offer()
    stale = Offer.objects.get(pk=offer.pk)
    offer.fill()
    with pytest.raises(TransitionRefused, match="rechargez la page"):
        stale.withdraw()
    stale.refresh_from_db()
    assert stale.status == OfferStatus.FILLED


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_transitions_is_refused():
    offer = make_offer()
    first, second = (Offer.objects.get(pk=offer.pk) for _ in range(2))
    outcomes = run_in_threads(first.fill, second.withdraw, refusal=TransitionRefused)
    assert [isinstance(outcome, TransitionRefused) for outcome in outcomes].count(True) == 1
    offer.refresh_from_db()
    assert offer.status in {OfferStatus.FILLED, OfferStatus.WITHDRAWN}


def test_closed_offer_is_gone_after_thirty_days(db, settings):
    settings.OFFER_GONE_AFTER_DAYS = 30
    offer = make_offer()
    assert not offer.is_gone()
    offer.fill(at=NOW)
    assert not offer.is_gone(NOW + timedelta(days=29))
    assert offer.is_gone(NOW + timedelta(days=30))


def test_confidential_employer_is_not_named(db):
    offer = make_offer(company=make_company(name="Secrète SA"), confidential=True)
    assert offer.employer_line == "Employeur confidentiel"
    assert offer.public_company is None
    offer.employer_descriptor = "Éditeur de logiciel"
    assert offer.employer_line == "Éditeur de logiciel"


def test_companies_with_the_same_name_get_different_slugs(db):
    assert [make_company(name="L’Atelier").slug for _ in range(2)] == ["latelier", "latelier-2"]


def test_best_paid_first_sorts_unknown_pay_last(db):
    place = make_place()
    unknown = make_offer(place=place)
    low = make_offer(place=place, pay_min=30_000, pay_max=40_000)
    high = make_offer(place=place, pay_min=30_000, pay_max=50_000)
    day = make_offer(place=place, contract=Contract.FREELANCE, pay_min=500, pay_max=900)
    assert list(Offer.objects.best_paid_first()) == [high, low, day, unknown]
