"""The outbox in the admin: states, filters, permissions, and the action that sends messages again."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS
from jobboard.mail.tasks import send_outbox
from tests.factories import make_lead, make_outbox_message, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:mail_outboxmessage_changelist")


@pytest.fixture
def curator(client):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Curation"))
    client.force_login(user)
    return user


def make_given_up(**fields):
    return make_outbox_message(due_at=None, attempts=MAX_ATTEMPTS, error="SMTPRecipientsRefused 550", **fields)


def post_send_again(client, *messages):
    data = {"action": "send_again", "_selected_action": [message.pk for message in messages]}
    return client.post(LIST, data, follow=True)


def test_list_shows_and_filters_the_state_of_each_message(client, curator):
    make_given_up()
    make_outbox_message(attempts=1, error="KeyError")
    make_outbox_message(due_at=None, sent_at=timezone.now())
    make_outbox_message(due_at=None)
    html = client.get(LIST).content.decode()
    for state in ("jamais parti (18\u00a0essais), SMTPRecipientsRefused 550", "en attente, 1\u00a0essai, KeyError",
                  "parti le ", "sans objet", "demande de contact, à l’équipe"):  # fmt: skip
        assert state in html
    for state, count in (("attente", 1), ("partis", 1), ("abandon", 1), ("", 4)):
        assert client.get(f"{LIST}?etat={state}" if state else LIST).context["cl"].result_count == count, state
    assert client.get(f"{LIST}?sorte=contact.notification").context["cl"].result_count == 4


def test_list_needs_no_query_per_row(client, curator, django_assert_max_num_queries):
    for _ in range(30):
        make_outbox_message()
    with django_assert_max_num_queries(10):
        client.get(LIST)


def test_messages_that_were_given_up_are_sent_again(client, curator):
    lead = make_lead(email="anne@example.org")
    message = make_given_up(kind="contact.acknowledgement", context={"lead": lead.pk})
    waiting = make_outbox_message(attempts=3)
    assert "L’e-mail sélectionné repart." in post_send_again(client, message, waiting).content.decode()
    message.refresh_from_db()
    waiting.refresh_from_db()
    assert (message.attempts, message.error, waiting.attempts) == (0, "", 3)
    assert OrmQ.objects.count() == 1
    OutboxMessage.objects.filter(pk=waiting.pk).delete()
    send_outbox()
    assert [sent.to for sent in mail.outbox] == [["anne@example.org"]]
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (curator, f"e-mail n°\u00a0{message.pk}")
    assert "Aucun des e-mails sélectionnés" in post_send_again(client, message).content.decode()


def test_success_message_agrees_in_number(client, curator):
    response = post_send_again(client, make_given_up(), make_given_up())
    assert "2\u00a0e-mails sélectionnés repartent." in response.content.decode()


def test_view_permission_does_not_allow_sending_again(client):
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_outboxmessage"))
    client.force_login(user)
    message = make_given_up()
    assert "send_again" not in client.get(LIST).content.decode()
    post_send_again(client, message)
    message.refresh_from_db()
    assert message.is_given_up


def test_messages_cannot_be_added_changed_or_deleted(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    message = make_given_up()
    change = reverse("admin:mail_outboxmessage_change", args=[message.pk])
    assert client.get(reverse("admin:mail_outboxmessage_add")).status_code == 403
    assert client.get(change).status_code == 200
    assert client.post(change, {}).status_code == 403
    assert client.post(reverse("admin:mail_outboxmessage_delete", args=[message.pk])).status_code == 403
