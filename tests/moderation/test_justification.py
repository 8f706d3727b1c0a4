"""Justifications of texts with errors: in the queue, the history, the mails and the admin of offers."""

import pytest
from django.core import mail
from django.urls import reverse

from jobboard.mail.tasks import send_outbox
from offers.enums import ActorRole, OfferStatus
from offers.models import Offer
from offers.models.transitions import TRANSITIONS, NotAllowed
from tests.admin.pages import change_url, form_data, form_errors, message_texts, run_action
from tests.admin.staff import make_superuser
from tests.factories import make_company, make_member, make_offer, make_place
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


@pytest.mark.parametrize("trusted", [False, True])
def test_moderator_who_is_a_member_publishes_with_a_justification_as_moderator(moderator, trusted):
    offer = make_faulty(company=make_company(trusted=trusted))
    make_member(offer.company, moderator)
    offer.publish(moderator, justification=WHY)
    event = offer.events.get()
    assert (offer.status, event.role, event.justification) == (OfferStatus.PUBLISHED, ActorRole.TEAM, WHY)
    # The company has asked for the publication (L5331-3).
    assert (event.requested_by, event.on_behalf_of) == (moderator, offer.company)
    # Without a justification, they act as the member that they are.
    other = make_faulty(company=offer.company, description=DESCRIPTION)
    other.submit_or_publish(moderator)
    assert other.events.get().role == (ActorRole.MEMBER if trusted else ActorRole.TEAM)


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


def test_later_decision_quotes_no_justification_of_an_earlier_submission(client, moderator):
    offer = make_faulty()
    offer.submit(make_member(offer.company).user, justification=WHY)
    offer.publish(moderator)
    client.force_login(moderator)
    review = reverse("admin:offers_offer_review", args=[offer.pk])
    # The history has it; the head of the page does not say that this text is justified now.
    assert "selon l’entreprise" not in client.get(review).content.decode()
    offer.return_(moderator, "Un lecteur nous écrit.")
    send_outbox()
    returned = mail.outbox[-1]
    assert "Un lecteur nous écrit." in returned.body
    assert WHY not in returned.body


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
    source = "Mme Martin, par téléphone le 3 mars"
    refused = publish(client, offer, title="Développeuse", request_source=source)
    assert any("ni enregistrée ni publiée" in error for error in form_errors(refused))
    html = refused.content.decode()
    assert "<mark>Vous êtes célibataire</mark>" in html
    assert "L1132-1" in html
    assert 'name="justification"' in html
    # The proof of the request is no column of the offer: it is still in the form.
    assert (html.count(f'value="{source}"'), html.count('value="Développeuse"')) == (1, 1)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT
    publish(client, offer, justification=WHY, request_source=source)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED
    event = offer.events.first()
    assert (event.verb, event.justification, event.role) == ("publish", WHY, ActorRole.TEAM)
    assert event.request_source == source
    # The change of a published text is public at once: the curator is told what the check finds.
    page = client.post(change_url(offer), form_data(client.get(change_url(offer)), title="Développeuse"), follow=True)
    assert any("relève des points" in text for text in message_texts(page))


def test_corrected_text_is_published_without_the_justification(client, curator):
    offer = make_faulty()
    publish(client, offer, description=DESCRIPTION, justification=WHY)
    assert offer.events.first().justification == ""


def test_justification_stays_in_a_form_with_errors(client, curator):
    offer = make_faulty()
    page = publish(client, offer, title="", justification=WHY)
    assert page.context["errors"]
    assert "exige &amp; &lt;nous&gt; aussi.</textarea>" in page.content.decode()


def test_new_offer_with_errors_is_not_saved_until_they_are_justified(client, curator):
    add = reverse("admin:offers_offer_add")
    data = form_data(
        client.get(add), title="Développeur", contract="cdi", company=make_company().pk, place=make_place().pk,
        description=FAULTY, request_source="Mme Martin", _publish="Publier",
    )  # fmt: skip
    page = client.post(add, data)
    html = page.content.decode()
    assert "<mark>Vous êtes célibataire</mark>" in html
    assert ('name="justification"' in html, 'value="Mme Martin"' in html) == (True, True)
    assert not Offer.objects.exists()
    assert client.post(add, {**data, "justification": WHY}).status_code == 302
    event = Offer.objects.get().events.get()
    assert (event.verb, event.justification, event.request_source) == ("publish", WHY, "Mme Martin")


def test_new_question_with_errors_is_found_before_it_is_saved(client, curator):
    offer = make_faulty(description=DESCRIPTION)
    question = {"questions-0-text": "Êtes-vous enceinte\u00a0?", "questions-0-position": "1"}
    question |= {"questions-TOTAL_FORMS": "1"}
    assert "<mark>" in publish(client, offer, **question).content.decode()
    assert not offer.questions.exists()
    publish(client, offer, **question, justification=WHY)
    assert offer.events.get().justification == WHY
    # Deleted with the publication, it is no error any more.
    offer.refresh_from_db()
    offer.return_(curator, "Une question est à retirer.")
    publish(client, offer, **{"questions-0-DELETE": "on"})
    offer.refresh_from_db()
    assert (offer.status, offer.questions.count()) == (OfferStatus.PUBLISHED, 0)


def test_texts_stay_when_the_status_has_changed_meanwhile(client, curator):
    offer = make_faulty()
    data = form_data(client.get(change_url(offer)), justification=WHY, request_source="Mme Martin", _publish="Publier")
    offer.publish()
    page = client.post(change_url(offer), data)
    html = page.content.decode()
    assert any("ne peut pas passer à l’état «\u00a0publiée\u00a0»" in error for error in form_errors(page))
    assert "exige &amp; &lt;nous&gt; aussi.</textarea>" in html
    assert 'value="Mme Martin"' in html


def test_reason_is_required_and_stays(client, curator):
    offer = make_faulty()
    offer.publish()
    data = form_data(client.get(change_url(offer)), title="Autre", _return_="Renvoyer")
    page = client.post(change_url(offer), data)
    assert "Indiquez le motif\u00a0: l’entreprise le lira." in form_errors(page)
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Développeur", OfferStatus.PUBLISHED)
    page = client.post(change_url(offer), {**data, "title": "", "reason": "Trop court."})
    assert "Trop court.</textarea>" in page.content.decode()


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
