"""Changes of the status of an offer in the admin: actions of the change list, and buttons of the change page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from offers.enums import OfferStatus
from offers.models import Offer
from tests.admin.pages import change_url, form_data, form_errors, message_texts, run_action
from tests.admin.staff import make_staff
from tests.factories import make_company, make_offer, make_place

LIST = reverse("admin:offers_offer_changelist")
ADD = reverse("admin:offers_offer_add")


def test_action_reports_each_offer_whose_status_forbids_it(client, superuser):
    draft, published = make_offer(title="Brouillon", status=OfferStatus.DRAFT), make_offer(title="En ligne")
    already_filled = make_offer(title="Déjà pourvue", status=OfferStatus.FILLED, closed_at=timezone.now())
    messages = message_texts(run_action(client, LIST, "fill_offers", draft, published, already_filled))
    assert "1\u00a0offre marquée pourvue." in messages
    assert any(message.startswith("«\u00a0Brouillon\u00a0» ne peut pas passer") for message in messages)
    assert any(message.startswith("«\u00a0Déjà pourvue\u00a0» ne peut pas passer") for message in messages)
    assert dict(Offer.objects.values_list("title", "status")) == {
        "Brouillon": OfferStatus.DRAFT,
        "En ligne": OfferStatus.FILLED,
        "Déjà pourvue": OfferStatus.FILLED,
    }


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("publish_offers", OfferStatus.PUBLISHED),
        ("fill_offers", OfferStatus.FILLED),
        ("withdraw_offers", OfferStatus.WITHDRAWN),
    ],
)
def test_action_changes_the_status_and_logs_the_user(client, superuser, action, status):
    status_before = OfferStatus.DRAFT if status == OfferStatus.PUBLISHED else OfferStatus.PUBLISHED
    offers = [make_offer(status=status_before), make_offer(status=status_before)]
    response = run_action(client, LIST, action, *offers)
    assert any(message.startswith("2\u00a0offres ") for message in message_texts(response))
    assert set(Offer.objects.values_list("status", flat=True)) == {status}
    entries = LogEntry.objects.filter(user=superuser, object_id__in=[str(offer.pk) for offer in offers])
    assert {entry.get_change_message() for entry in entries} == {f"État\u00a0: {status_before.label} → {status.label}."}
    assert len(entries) == 2


def test_action_on_more_offers_than_the_limit_is_refused(client, superuser, monkeypatch):
    monkeypatch.setattr("offers.admin.offer.BULK_LIMIT", 1)
    response = run_action(client, LIST, "withdraw_offers", make_offer(), make_offer())
    assert message_texts(response) == ["Pas plus de 1\u00a0offres à la fois."]
    assert Offer.objects.published().count() == 2


def test_buttons_depend_on_the_status(client, superuser):
    draft, published = make_offer(status=OfferStatus.DRAFT), make_offer()
    closed = make_offer(status=OfferStatus.WITHDRAWN, closed_at=timezone.now())
    assert client.get(change_url(draft)).context["verbs"] == [
        ("_submit", "Soumettre"),
        ("_publish", "Publier"),
        ("_withdraw", "Retirer"),
    ]
    assert client.get(change_url(published)).context["reasoned_verbs"] == [
        ("_return_", "Renvoyer"),
        ("_remove", "Supprimer du site"),
    ]
    assert client.get(change_url(published)).context["verbs"] == [
        ("_renew", "Renouveler"),
        ("_fill", "Marquer pourvue"),
        ("_withdraw", "Retirer"),
    ]
    assert client.get(change_url(closed)).context["verbs"] == [
        ("_publish", "Publier"),
        ("_reopen", "Reprendre en brouillon"),
    ]
    assert client.get(ADD).context["verbs"] == [("_submit", "Soumettre"), ("_publish", "Publier")]


def test_publish_button_saves_publishes_and_stays_on_the_page(client, superuser):
    offer = make_offer(status=OfferStatus.DRAFT)
    page = client.get(change_url(offer))
    response = client.post(change_url(offer), form_data(page, title="Nouveau titre", _publish="Publier"), follow=True)
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Nouveau titre", OfferStatus.PUBLISHED)
    assert response.redirect_chain == [(change_url(offer), 302)]
    assert "«\u00a0Nouveau titre\u00a0» est enregistrée et publiée." in message_texts(response)
    log = [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=str(offer.pk), user=superuser)]
    assert "État\u00a0: brouillon → publiée." in log
    history = client.get(reverse("admin:offers_offer_history", args=[offer.pk])).content.decode()
    assert "État\u00a0: brouillon → publiée." in history


def test_refused_transition_is_an_error_of_the_form(client, superuser):
    # Another user fills the offer after the page was loaded: nothing is saved, and what was typed stays.
    offer = make_offer(title="Avant")
    data = form_data(client.get(change_url(offer)), title="Après", _fill="Marquer pourvue")
    offer.fill()
    response = client.post(change_url(offer), data)
    assert any("ne peut pas passer à l’état «\u00a0pourvue\u00a0»" in error for error in form_errors(response))
    assert 'value="Après"' in response.content.decode()
    offer.refresh_from_db()
    assert offer.title == "Avant"


def test_new_offer_is_published_with_the_publish_button(client, superuser):
    data = form_data(
        client.get(ADD),
        title="Développeur Go (H/F)",
        contract="cdi",
        company=make_company().pk,
        place=make_place().pk,
        _publish="Publier",
    )
    response = client.post(ADD, data)
    assert response.status_code == 302, form_errors(response)
    offer = Offer.objects.get()
    assert offer.title == "Développeur Go"
    assert offer.is_published()


def test_user_with_view_permission_has_no_buttons_and_no_actions(client, db):
    client.force_login(make_staff("view_offer"))
    offer = make_offer(status=OfferStatus.DRAFT)
    assert "verbs" not in client.get(change_url(offer)).context
    assert client.post(change_url(offer), {"_publish": "Publier"}).status_code == 403
    run_action(client, LIST, "publish_offers", offer)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_user_with_add_permission_only_adds_a_draft(client, db):
    client.force_login(make_staff("view_offer", "add_offer"))
    data = form_data(
        client.get(ADD), title="CTO", contract="cdi", company=make_company().pk, place=make_place().pk, _publish="1"
    )
    client.post(ADD, data)
    assert Offer.objects.get().status == OfferStatus.DRAFT


def test_posted_status_is_ignored(client, superuser):
    offer = make_offer(status=OfferStatus.DRAFT)
    client.post(change_url(offer), form_data(client.get(change_url(offer)), status="published", closed_at="2026-01-01"))
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


def test_save_as_new_creates_a_draft_without_dates(client, superuser):
    offer = make_offer(title="Original")
    data = form_data(client.get(change_url(offer)), title="Copie", _saveasnew="1")
    assert client.post(change_url(offer), data).status_code == 302
    copy = Offer.objects.get(title="Copie")
    assert copy.status == OfferStatus.DRAFT
    assert (copy.published_at, copy.expires_at, copy.confirmed_at) == (None, None, None)
    offer.refresh_from_db()
    assert offer.title == "Original"
