"""Mail servers that are unreachable, hang or refuse, and errors of one alert that must not stop the others."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from jobboard.mail import delivery
from jobboard.mail.models import OutboxMessage
from jobboard.mail.retry import MAX_ATTEMPTS
from offers.alerts import mails, sending
from offers.alerts.models import Alert, AlertDelivery
from offers.models import Offer
from tests.alerts.mails import make_due, offer_titles
from tests.contact.smtp import mail_server, use_mail_server
from tests.factories import make_alert, make_offer


def test_unreachable_server_neither_loses_nor_repeats_a_mail(run_alerts, settings, caplog):
    alerts = [make_alert(email=f"personne{i}@example.org") for i in range(3)]
    make_offer(title="Une offre")
    with mail_server() as server:
        use_mail_server(settings, server.port)
    assert run_alerts().mails == 3
    assert Alert.objects.filter(claim=None).count() == 3
    assert sorted(OutboxMessage.objects.pending().values_list("attempts", flat=True)) == [0, 0, 1]
    assert "ConnectionRefusedError" in caplog.text
    assert "personne" not in caplog.text
    make_due()
    with mail_server() as server:
        use_mail_server(settings, server.port)
        assert run_alerts().mails == 0
        make_due()
        run_alerts()
    assert Counter(address for (address,), _ in server.messages) == {alert.email: 1 for alert in alerts}
    assert all(offer_titles(message) == ["Une offre"] for _, message in server.messages)
    assert all(message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for _, message in server.messages)


def test_hanging_server_stops_the_run_and_delays_its_first_mail(run_alerts, settings):
    make_alert()
    make_alert()
    make_offer()
    with mail_server(hangs=True) as server:
        use_mail_server(settings, server.port)
        start = time.monotonic()
        run_alerts()
        assert time.monotonic() - start < 5
    first, second = OutboxMessage.objects.order_by("pk")
    assert first.due_at > timezone.now() + timedelta(minutes=1)
    assert (first.attempts, second.attempts) == (1, 0)
    assert list(OutboxMessage.objects.due()) == [second]


def test_alert_is_suspended_after_the_last_refused_attempt(run_alerts, settings, caplog):
    refusing, other = make_alert(email="anne@example.org"), make_alert()
    make_offer()
    with mail_server(refused=["anne@example.org"]) as server:
        use_mail_server(settings, server.port)
        for _ in range(MAX_ATTEMPTS + 2):
            run_alerts()
            make_due()
    assert [address for (address,), _ in server.messages] == [other.email]
    refusing.refresh_from_db()
    assert refusing.due_at is None
    assert refusing.paused_at == refusing.refused_at
    assert OutboxMessage.objects.given_up().get().error == "SMTPRecipientsRefused 550"
    assert "SMTPRecipientsRefused 550" in caplog.text
    assert "anne" not in caplog.text


def test_failing_search_or_rendering_does_not_stop_the_other_alerts(run_alerts, monkeypatch, caplog):
    failing_search, failing_mail, working = (
        make_alert(query=f"contrat={value}") for value in ("cdd", "cdi", "freelance")
    )
    for contract in ("cdd", "cdi", "freelance"):
        make_offer(contract=contract)
    newest_pks, render_text = sending.Matcher.newest_pks, mails.render_text

    def fail_search(matcher, query, since):
        if query == "contrat=cdd":
            raise ValueError("anne@example.org")
        return newest_pks(matcher, query, since)

    def fail_rendering(query, *arguments):
        if query == failing_mail.query:
            raise KeyError("anne@example.org")
        return render_text(query, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sending.Matcher, "newest_pks", fail_search)
        patch.setattr(mails, "render_text", fail_rendering)
        run_alerts()
    assert [message.to for message in mail.outbox] == [[working.email]]
    watermark = failing_search.covered_until
    failing_search.refresh_from_db()
    assert (failing_search.claim, failing_search.covered_until) == (None, watermark), "no offer is lost"
    assert failing_search.due_at > timezone.now() + timedelta(minutes=50)
    assert f"alert {failing_search.pk} waits: ValueError" in caplog.text
    waiting = OutboxMessage.objects.pending().get()
    assert (waiting.context["alert"], waiting.error) == (failing_mail.pk, "KeyError")
    assert "anne" not in " ".join(record.getMessage() for record in caplog.records)
    make_due()
    run_alerts()
    assert {message.to[0] for message in mail.outbox} == {failing_search.email, failing_mail.email, working.email}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deleted", ["offer", "alert"])
def test_offer_or_alert_deleted_during_delivery_repeats_no_mail(run_alerts, monkeypatch, deleted):
    alert, other = make_alert(email="a@example.org"), make_alert(email="b@example.org")
    make_offer(title="Reste")
    offer = make_offer(title="Part")
    send = delivery.MailServer.send

    def send_and_delete(server, message):
        send(server, message)
        if message.to == ["a@example.org"]:
            (Offer.objects.filter(pk=offer.pk) if deleted == "offer" else Alert.objects.filter(pk=alert.pk)).delete()

    monkeypatch.setattr(delivery.MailServer, "send", send_and_delete)
    assert run_alerts().mails == 2
    make_due()
    run_alerts()
    assert [message.to for message in mail.outbox] == [[alert.email], [other.email]]
    # Either one delivery of each alert, or two of the second.
    assert AlertDelivery.objects.count() == 2


@pytest.mark.parametrize("change", ["pause", "unsubscribe", lambda alert: alert.change_frequency("weekly")])
def test_change_between_search_and_mail_takes_effect(run_alerts, monkeypatch, change):
    alert = make_alert()
    make_offer()
    news = sending.AlertBatch.new_offers

    def change_after_search(batch):
        new_offers = list(news(batch))
        getattr(alert, change)() if isinstance(change, str) else change(alert)
        return iter(new_offers)

    monkeypatch.setattr(sending.AlertBatch, "new_offers", change_after_search)
    run_alerts()
    assert mail.outbox == []
    watermark = alert.covered_until
    alert.refresh_from_db()
    assert alert.covered_until == watermark
    assert alert.is_running is (not isinstance(change, str))
