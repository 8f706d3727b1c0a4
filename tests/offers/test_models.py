import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from offers.enums import Contract, EmployerKind, OfferStatus
from offers.models import Offer, TransitionRefused
from tests.factories import make_company, make_offer, make_place

NOW = timezone.now()
BROKEN = {
    "unknown status": ({"status": "perdue"}, "Cet état n’existe pas."),
    "unknown contract": ({"contract": "stagiaire"}, "Ce contrat n’existe pas."),
    "pay reversed": ({"pay_min": 50_000, "pay_max": 40_000}, "du plus petit au plus grand montant"),
    "half a range": ({"pay_min": 50_000, "pay_max": None}, "du plus petit au plus grand montant"),
    "other half": ({"pay_min": None, "pay_max": 50_000}, "du plus petit au plus grand montant"),
    "free work": ({"pay_min": 0, "pay_max": 0}, "du plus petit au plus grand montant"),
    "six days at home": ({"remote_days": 6}, "Une semaine compte cinq jours de travail."),
    "fully remote on two days": ({"fully_remote": True, "remote_days": 2}, "compte cinq jours de télétravail"),
    "fully remote, days unknown": ({"fully_remote": True, "remote_days": None}, "compte cinq jours de télétravail"),
    "nowhere": ({"place": None}, "Une offre a une commune"),
    "of nobody": ({"company": None}, "Une offre porte le nom d’une entreprise"),
    "published without a date": ({"published_at": None}, "a une date de publication et expire après elle"),
    "published for ever": ({"expires_at": None}, "a une date de publication et expire après elle"),
    "expired before it began": (
        {"expires_at": NOW - timedelta(days=9)},
        "a une date de publication et expire après elle",
    ),
    "filled, not closed": ({"status": OfferStatus.FILLED}, "a une date de fermeture"),
    "open and closed": ({"closed_at": NOW}, "a une date de fermeture"),
    "apply over http": ({"apply_url": "http://example.org/"}, "commence par https://"),
    "address of a confidential employer": (
        {"apply_url": "https://example.org/", "confidential": True},
        "dévoilerait un employeur confidentiel",
    ),
}


@pytest.mark.parametrize(("values", "message"), BROKEN.values(), ids=BROKEN)
def test_what_makes_no_sense_is_refused_by_the_form_and_by_the_database(db, values, message):
    offer = make_offer()
    for name, value in values.items():
        setattr(offer, name, value)
    with pytest.raises(ValidationError):
        offer.full_clean()
    # A field's own check may speak first.
    with pytest.raises(ValidationError) as refused:
        offer.validate_constraints()
    assert message in " ".join(refused.value.messages)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**values)


def test_reference_is_unique_in_a_company(db):
    company = make_company()
    make_offer(company=company, external_reference="A-1")
    make_offer(external_reference="A-1")
    make_offer(company=company)
    make_offer(company=company)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_offer(company=company, external_reference="A-1")
    twin = make_offer(company=company)
    twin.external_reference = "A-1"
    with pytest.raises(ValidationError, match="déjà une offre sous cette référence"):
        twin.full_clean()


@pytest.mark.parametrize(
    ("contract", "pay_min", "pay_max", "message"),
    [
        (Contract.CDI, 45, 55, "entre 5\u202f000 et 500\u202f000 € par an"),
        (Contract.FREELANCE, 45_000, 55_000, "entre 80 et 3\u202f000 € par jour"),
    ],
)
def test_implausible_pay_is_questioned(db, contract, pay_min, pay_max, message):
    offer = make_offer(contract=contract, pay_min=pay_min, pay_max=pay_max)
    with pytest.raises(ValidationError) as refused:
        offer.full_clean()
    assert message in " ".join(refused.value.messages)


def test_seven_highlights_are_too_many(db):
    offer = make_offer(highlights="\n".join("abcdefg"))
    with pytest.raises(ValidationError, match="Six points forts au plus"):
        offer.full_clean()


def test_temp_agency_is_named(db):
    offer = make_offer(company=make_company(kind=EmployerKind.TEMP_AGENCY), confidential=True)
    with pytest.raises(ValidationError, match="agence d’intérim est nommée"):
        offer.full_clean()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Développeur Python (H/F)", "Développeur Python"),
        ("Développeuse Python F/H", "Développeuse Python"),
        ("CTO - H/F", "CTO"),
        ("Data Engineer [H/F/X]", "Data Engineer"),
        ("H/F", "H/F"),
    ],
)
def test_title_is_kept_without_its_mark(db, typed, kept):
    assert make_offer(title=typed).title == kept


def test_visible_from_publication_to_expiry(db):
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


def test_life_of_an_offer(db):
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


def test_change_is_refused_to_who_holds_a_stale_copy(db):
    offer = make_offer()
    stale = Offer.objects.get(pk=offer.pk)
    offer.fill()
    with pytest.raises(TransitionRefused, match="rechargez la page"):
        stale.withdraw()
    stale.refresh_from_db()
    assert stale.status == OfferStatus.FILLED


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_two_people_at_once_one_is_told():
    offer = make_offer()
    together, outcomes = threading.Barrier(2), []

    def act(verb):
        mine = Offer.objects.get(pk=offer.pk)
        together.wait()
        try:
            getattr(mine, verb)()
            outcomes.append("done")
        except TransitionRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(verb,)) for verb in ("fill", "withdraw")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    offer.refresh_from_db()
    assert offer.status in {OfferStatus.FILLED, OfferStatus.WITHDRAWN}


def test_gone_after_a_while(db, settings):
    settings.OFFER_GONE_AFTER_DAYS = 30
    offer = make_offer()
    assert not offer.is_gone()
    offer.fill(at=NOW)
    assert not offer.is_gone(NOW + timedelta(days=29))
    assert offer.is_gone(NOW + timedelta(days=30))


def test_confidential_employer_has_no_name(db):
    offer = make_offer(company=make_company(name="Secrète SA"), confidential=True)
    assert offer.employer_line == "Employeur confidentiel"
    assert offer.public_company is None
    offer.employer_descriptor = "Éditeur de logiciel"
    assert offer.employer_line == "Éditeur de logiciel"


def test_companies_of_one_name_have_two_addresses(db):
    assert [make_company(name="L’Atelier").slug for _ in range(2)] == ["latelier", "latelier-2"]


def test_two_titles_sort_by_pay_with_unknown_last(db):
    place = make_place()
    unknown = make_offer(place=place)
    low = make_offer(place=place, pay_min=30_000, pay_max=40_000)
    high = make_offer(place=place, pay_min=30_000, pay_max=50_000)
    day = make_offer(place=place, contract=Contract.FREELANCE, pay_min=500, pay_max=900)
    assert list(Offer.objects.best_paid_first()) == [high, low, day, unknown]
