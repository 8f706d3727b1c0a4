"""The form of an offer in the admin: database constraints as form errors, defaults, warnings and autocompletion."""

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from offers.admin.offer import OfferAdmin
from offers.enums import OfferStatus
from tests.admin.pages import change_url, form_data, form_errors, message_texts, run_action
from tests.factories import make_company, make_offer, make_place, make_role, make_skill

LIST = reverse("admin:offers_offer_changelist")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contract": "esclavage"}, "Sélectionnez un choix valide. esclavage n’en fait pas partie."),
        ({"pay_min": 50_000, "pay_max": 40_000}, "La rémunération se donne en fourchette"),
        ({"pay_min": 50_000, "pay_max": ""}, "La rémunération se donne en fourchette"),
        ({"pay_min": 0, "pay_max": 50_000}, "Montant peu plausible"),
        ({"pay_min": 45, "pay_max": 50}, "Montant peu plausible"),
        ({"pay_min": "45,500"}, "a deux sens"),
        ({"pay_min": 10**30, "pay_max": 10**30}, "inférieure ou égale à"),
        ({"remote_days": 6}, "inférieure ou égale à 5"),
        ({"remote_days": 3, "fully_remote": "on"}, "100\u00a0% en télétravail compte cinq jours"),
        ({"place": ""}, "Une offre a une commune, sauf à 100\u00a0% en télétravail."),
        ({"company": ""}, "Une offre porte le nom d’une entreprise, sauf employeur confidentiel."),
        ({"expires_at_0": "01/01/2020"}, "Une offre publiée a une date de publication et expire après elle."),
        ({"expires_at_0": "", "expires_at_1": ""}, "Une offre publiée a une date de publication et expire après elle."),
        ({"apply_url": "http://example.org/"}, "commence par https://"),
        ({"apply_url": "https://rh@example.org/a"}, "masque le vrai site"),
        ({"apply_url": "https://2130706433/"}, "désigne une machine par son numéro"),
        ({"apply_url": "https://example.org/", "confidential": "on"}, "dévoilerait un employeur confidentiel"),
        ({"external_reference": "REF-1"}, "Cette entreprise a déjà une offre sous cette référence."),
        ({"highlights": "\n".join("abcdefg")}, "Six points forts au plus."),
        ({"title": ""}, "Ce champ est obligatoire."),
        ({"description": "x" * 20_001}, "20000"),
    ],
)
def test_violated_constraint_is_a_form_error(client, superuser, changes, message):
    company = make_company()
    make_offer(company=company, external_reference="REF-1")
    offer = make_offer(company=company)
    response = client.post(change_url(offer), form_data(client.get(change_url(offer)), **changes))
    assert response.status_code == 200
    assert any(message in error for error in form_errors(response)), form_errors(response)
    assert "Corrigez" in response.content.decode() or "corriger" in response.content.decode()


@pytest.mark.parametrize("field", ["company", "place", "role", "skills"])
@pytest.mark.parametrize("value", ["%", "-1", "9" * 20, "²"])
def test_invalid_primary_key_is_a_form_error(client, superuser, field, value):
    offer = make_offer()
    response = client.post(change_url(offer), form_data(client.get(change_url(offer)), **{field: value}))
    assert response.status_code == 200
    assert any("choix" in error or "valeur" in error for error in form_errors(response)), form_errors(response)


def test_closed_offer_can_be_saved_without_its_dates_in_the_form(client, superuser):
    for status in (OfferStatus.FILLED, OfferStatus.WITHDRAWN):
        offer = make_offer(status=status, closed_at=timezone.now())
        data = form_data(client.get(change_url(offer)), title="Corrigé")
        assert client.post(change_url(offer), data).status_code == 302
        offer.refresh_from_db()
        assert (offer.title, offer.status) == ("Corrigé", status)


def test_fully_remote_offer_without_remote_days_gets_five(client, superuser):
    offer = make_offer()
    data = form_data(client.get(change_url(offer)), fully_remote="on", remote_days="", place="")
    assert client.post(change_url(offer), data).status_code == 302
    offer.refresh_from_db()
    assert (offer.fully_remote, offer.remote_days, offer.place) == (True, 5, None)


def test_integrity_error_is_reported_in_a_message(client, superuser, monkeypatch):
    offer = make_offer()

    def raise_integrity_error(*args):
        raise IntegrityError

    monkeypatch.setattr(OfferAdmin, "save_model", raise_integrity_error)
    response = client.post(change_url(offer), form_data(client.get(change_url(offer))), follow=True)
    assert any(message.startswith("Rien n’a été enregistré") for message in message_texts(response))


# Warnings and help


def save(client, offer, **changes) -> list[str]:
    """Post the change page of the offer with the changes; return the messages."""
    response = client.post(change_url(offer), form_data(client.get(change_url(offer)), **changes), follow=True)
    return message_texts(response)


def test_publishing_without_a_company_warns(client, superuser):
    offer = make_offer(confidential=True, status=OfferStatus.DRAFT)
    assert any("L5332-2" in message for message in save(client, offer, _publish="1"))
    other = make_offer(confidential=True, status=OfferStatus.DRAFT)
    assert any("L5332-2" in message for message in message_texts(run_action(client, LIST, "publish_offers", other)))


def test_name_of_a_confidential_employer_in_the_text_warns(client, superuser):
    offer = make_offer(company=make_company(name="Secrète SA"), confidential=True)
    messages = save(client, offer, description="Chez Secrète SA, tout est secret.")
    assert any("contient le nom de l’employeur" in message for message in messages)
    messages = save(client, offer, description="Ici, tout est secret.")
    assert not any("contient le nom" in message for message in messages)


def test_wide_pay_range_warns(client, superuser):
    offer = make_offer()
    messages = save(client, offer, pay_min=40_000, pay_max=56_001)
    assert any("fourchette de rémunération large" in message for message in messages)
    messages = save(client, offer, pay_min=40_000, pay_max=56_000)
    assert not any("fourchette" in message for message in messages)


def test_form_explains_markdown_and_links_to_the_public_page(client, superuser):
    offer = make_offer(status=OfferStatus.DRAFT)
    page = client.get(change_url(offer)).content.decode()
    assert "Markdown\u00a0: **gras**" in page
    assert f'href="{offer.get_absolute_url()}"' in page
    assert "brouillon" in page


@pytest.mark.parametrize(
    ("field", "term", "expected"),
    [
        ("company", "ateli", "Ateliers"),
        ("place", "lyo", "Lyon (69)"),
        ("place", "Lyon (69)", "Lyon (69)"),
        ("place", "69001", "Lyon (69)"),
        ("role", "cto", "CTO"),
        ("skills", "py", "Python"),
    ],
)
def test_autocomplete_matches_names_aliases_and_postal_codes(client, superuser, field, term, expected):
    make_company(name="Ateliers")
    make_place()
    make_role(name="CTO")
    make_skill("Python", aliases=["py"])
    make_skill("Rust")
    response = client.get(
        reverse("admin:autocomplete"),
        {"term": term, "app_label": "offers", "model_name": "offer", "field_name": field},
    )
    assert [result["text"] for result in response.json()["results"]] == [expected]
