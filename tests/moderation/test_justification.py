"""Justifications of texts with errors: in the queue, the history, the mails and the admin of offers."""

import pytest
from django.core import mail
from django.urls import reverse

from jobboard.mail.tasks import send_outbox
from offers.enums import ActorRole, OfferStatus
from offers.models import Offer
from offers.models.transitions import TRANSITIONS, NotAllowed
from tests.admin.pages import change_url, form_data, message_texts, run_action
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_member, make_offer
from tests.posting.forms import DESCRIPTION, DRAFT

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:offers_offer_moderation")
LIST = reverse("admin:offers_offer_changelist")
FAULTY = f"Vous êtes célibataire. {DESCRIPTION}"
WHY = "L’arrêté du 1er mars l’exige & <nous> aussi."


def make_faulty(**fields) -> Offer:
    values = {"title": "Développeur", "description": FAULTY, "pay_min": 45_000, "pay_max": 55_000, **DRAFT}
    return make_offer(**{**values, **fields})


@pytest.mark.parametrize(
    ("verb", "roles"),
    [
        ("submit", {ActorRole.MEMBER, ActorRole.TEAM}),
        ("propose", {ActorRole.MEMBER, ActorRole.TEAM}),
        ("publish", {ActorRole.TEAM}),
    ],
)
def test_transition_table_says_who_may_justify_a_text(verb, roles):
    assert TRANSITIONS[verb].justified_by == roles
    others = [other for name, other in TRANSITIONS.items() if name not in ("submit", "propose", "publish")]
    assert not any(other.justified_by for other in others)


def test_trusted_company_cannot_publish_with_a_justification():
    offer = make_faulty(company=make_company(trusted=True))
    member = make_member(offer.company).user
    with pytest.raises(NotAllowed, match="relu avant"):
        offer.publish(member, justification=WHY)
    offer.submit_or_publish(member, justification=WHY)
    assert offer.status == OfferStatus.SUBMITTED
    assert offer.events.get().justification == WHY


def test_queue_and_history_show_the_justification_and_the_mail_quotes_it(client, moderator):
    offer = make_faulty()
    member = make_member(offer.company).user
    offer.submit(member, justification=WHY)
    client.force_login(moderator)
    assert "selon l’entreprise" in client.get(QUEUE).content.decode()
    assert "L’arrêté du 1er mars l’exige &amp; &lt;nous&gt; aussi." in client.get(QUEUE).content.decode()
    offer.return_(moderator, "Ce texte ne le permet pas.")
    assert "exige &amp; &lt;nous&gt; aussi." in client.get(change_url(offer)).content.decode()
    send_outbox()
    [message] = mail.outbox
    assert "Ce texte ne le permet pas." in message.body
    assert WHY in message.body
    # The next submission is without errors: the queue and the mail say nothing of the former text.
    offer.description = DESCRIPTION
    offer.save()
    offer.submit(member)
    assert "selon l’entreprise" not in client.get(QUEUE).content.decode()
    offer.publish(moderator)
    send_outbox()
    assert WHY not in mail.outbox[-1].body


def test_decision_on_a_change_quotes_its_justification(moderator):
    offer = make_faulty(description=DESCRIPTION)
    member = make_member(offer.company).user
    offer.publish(moderator)
    offer.propose({"description": FAULTY}, member, justification=WHY)
    offer.accept(moderator)
    send_outbox()
    assert WHY in mail.outbox[-1].body


# The admin of offers


@pytest.fixture
def curator(client):
    user = make_superuser()
    client.force_login(user)
    return user


def publish(client, offer, **changes):
    data = form_data(client.get(change_url(offer)), _publish="Publier", **changes)
    return client.post(change_url(offer), data, follow=True)


def test_curator_reads_the_errors_and_publishes_with_a_justification(client, curator):
    offer = make_faulty()
    refused = publish(client, offer)
    assert any("n’est pas publiée" in text for text in message_texts(refused))
    html = refused.content.decode()
    assert "<mark>Vous êtes célibataire</mark>" in html
    assert "L1132-1" in html
    assert 'name="_justification"' in html
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT
    publish(client, offer, _justification=WHY)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED
    event = offer.events.first()
    assert (event.verb, event.justification, event.role) == ("publish", WHY, ActorRole.TEAM)
    # The change of a published text is public at once: the curator is told what the check finds.
    page = client.post(change_url(offer), form_data(client.get(change_url(offer)), title="Développeuse"), follow=True)
    assert any("relève des points" in text for text in message_texts(page))


def test_corrected_text_is_published_without_the_justification(client, curator):
    offer = make_faulty()
    publish(client, offer, description=DESCRIPTION, _justification=WHY)
    assert offer.events.first().justification == ""


def test_justification_stays_in_a_form_with_errors(client, curator):
    offer = make_faulty()
    page = publish(client, offer, title="", _justification=WHY)
    assert page.context["errors"]
    assert "exige &amp; &lt;nous&gt; aussi.</textarea>" in page.content.decode()


def test_bulk_publication_names_the_offers_with_errors_and_publishes_the_others(client, curator):
    faulty = [make_faulty(title=f"Développeur {name}") for name in ("A", "B", "C")]
    good = make_faulty(title="Développeur D", description=DESCRIPTION)
    page = run_action(client, LIST, "publish_offers", *faulty, good)
    texts = message_texts(page)
    for offer in faulty:
        offer.refresh_from_db()
        assert offer.status == OfferStatus.DRAFT
        assert any(f"«\u00a0{offer.title}\u00a0» n’est pas publiée" in text for text in texts)
    good.refresh_from_db()
    assert good.status == OfferStatus.PUBLISHED
    assert "1\u00a0offre publiée." in texts


def test_missing_values_do_not_keep_a_curator_from_publishing(client, curator):
    offer = make_faulty(description="", pay_min=None, pay_max=None)
    publish(client, offer)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED
