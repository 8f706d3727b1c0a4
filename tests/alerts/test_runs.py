"""The offers, recipients and text of the mails that a run of the alerts queues."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from jobboard.mail import delivery
from offers.alerts import mails, sending, tasks
from offers.alerts.models import Alert, next_slot
from offers.alerts.sending import MAX_OFFERS, Run
from offers.models import Offer
from tests.alerts.mails import make_due, offer_titles
from tests.factories import make_alert, make_company, make_offer, make_role


def test_alert_mails_each_new_offer_of_its_search_once(run_alerts):
    alert = make_alert(email="anne@example.org", query="contrat=cdi", label="CDI")
    make_offer(title="Avant l’alerte", age=timedelta(days=2))
    make_offer(title="Autre contrat", contract="cdd")
    new = make_offer(
        title="Directrice technique",
        company=make_company(name="Ateliers"),
        pay_min=95_000,
        pay_max=115_000,
        remote_days=2,
    )
    make_offer(
        title="Discrète", company=make_company(name="Secrète SA"), confidential=True, employer_descriptor="éditeur"
    )
    make_offer(title="Pourvue").fill()

    assert run_alerts() == Run(alerts=1, mails=1, searches=1)
    (message,) = mail.outbox
    assert message.to == ["anne@example.org"]
    assert message.subject == "2\u00a0nouvelles offres\u00a0: CDI"
    assert sorted(offer_titles(message)) == ["Directrice technique", "Discrète"]
    assert (
        "Ateliers\nLyon (69), CDI, 95\u00a0–\u00a0115\u00a0K€ brut par an, 2\u00a0jours de télétravail\n"
        in message.body
    )
    assert f"https://emploi.example{new.get_absolute_url()}\n" in message.body
    assert "https://emploi.example/offres/?contrat=cdi\n" in message.body
    assert "Éditeur" in message.body
    assert "Secrète" not in message.body
    assert "&" not in message.body

    headers = message.extra_headers
    stop = re.search(r"https://emploi\.example/alertes/arreter/\S+", message.body)[0]
    assert headers["List-Unsubscribe"] == f"<{stop}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "anne" not in stop
    alert.refresh_from_db()
    assert alert.due_at == next_slot("daily", timezone.now())
    assert alert.last_sent_at
    assert alert.claim is None

    assert run_alerts() == Run(), "no alert is due"
    make_due()
    assert run_alerts() == Run(alerts=1, searches=1), "no new offer, no mail"
    # An offer that is closed and published again is not mailed again.
    new.fill()
    new.publish()
    make_offer(title="Toute nouvelle", age=timedelta(0))
    make_due()
    run_alerts()
    assert offer_titles(mail.outbox[-1]) == ["Toute nouvelle"]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "fields",
    [{"confirmed_at": None, "due_at": None}, {"paused_at": timezone.now(), "due_at": None},
     {"unsubscribed_at": timezone.now(), "due_at": None}, {"due_at": timezone.now() + timedelta(hours=1)}],
)  # fmt: skip
def test_alert_that_is_not_due_is_not_mailed(run_alerts, fields):
    make_alert(**fields)
    make_offer()
    assert run_alerts() == Run()
    assert mail.outbox == []


def test_offer_committed_or_indexed_late_is_mailed_by_the_next_run(run_alerts):
    alert = make_alert(created_at=timezone.now() - timedelta(days=3))
    make_offer(title="À l’heure", age=timedelta(minutes=20))
    run_alerts()
    # Published before the watermark that the first run saved.
    make_offer(title="En retard", age=timedelta(minutes=30))
    make_due()
    run_alerts()
    assert [offer_titles(message) for message in mail.outbox] == [["À l’heure"], ["En retard"]]
    alert.refresh_from_db()
    assert alert.deliveries.count() == 2


def test_resumed_alert_skips_offers_published_during_the_pause(run_alerts):
    alert = make_alert()
    alert.pause()
    make_offer(title="Entre-temps", age=timedelta(minutes=5))
    alert.resume()
    make_offer(title="Depuis", age=timedelta(0))
    make_due()
    run_alerts()
    assert [offer_titles(message) for message in mail.outbox] == [["Depuis"]]


def test_search_for_an_unknown_role_slug_sends_nothing(run_alerts):
    role = make_role(slug="cto")
    make_alert(query="metier=cto")
    make_offer(role=role)
    role.slug = "autre"
    role.save()
    assert run_alerts() == Run(alerts=1)
    assert mail.outbox == []


def test_long_mail_lists_twenty_offers_and_counts_the_others(run_alerts):
    company = make_company()
    make_alert(label="un", created_at=timezone.now() - timedelta(hours=12))
    for i in range(25):
        make_offer(title=f"Offre {i:02}", company=company, age=timedelta(hours=3, minutes=i))
    run_alerts()
    (message,) = mail.outbox
    assert message.subject.startswith("25\u00a0nouvelles offres")
    assert len(offer_titles(message)) == 20
    assert "Et 5 autres" in message.body
    for i in range(MAX_OFFERS):
        make_offer(title=f"Encore {i:02}", company=company, age=timedelta(0))
    make_due()
    run_alerts()
    assert mail.outbox[1].subject.startswith(f"Plus de {MAX_OFFERS} nouvelles offres")
    assert f"Et plus de {MAX_OFFERS - 20} autres" in mail.outbox[1].body


def test_equal_searches_run_once_with_few_queries(run_alerts, search_index, django_assert_num_queries):
    for i in range(30):
        make_alert(query=["contrat=cdi", "contrat=cdd", "q=introuvable"][i % 3])
    make_offer(age=timedelta(days=2))
    search_index.follow()
    with django_assert_num_queries(7):
        assert sending.run() == Run(alerts=30, searches=3)
    make_due()
    make_offer(age=timedelta(0))
    counts = run_alerts()
    assert (counts.alerts, counts.mails, counts.searches) == (30, 10, 3)


def test_mails_per_second_are_limited(run_alerts, settings, monkeypatch):
    pauses = []
    monkeypatch.setattr(delivery.time, "sleep", pauses.append)
    settings.ALERT_MAILS_PER_SECOND = 2
    for _ in range(3):
        make_alert()
    make_offer()
    run_alerts()
    assert pauses[0] == 0
    assert all(0.3 < pause <= 0.5 for pause in pauses[1:])


def test_run_stops_at_its_time_limit_and_the_next_one_continues(run_alerts):
    for _ in range(3):
        make_alert()
    make_offer()
    assert run_alerts(seconds=-1).stopped
    assert mail.outbox == []
    assert Alert.objects.due().count() == 3
    run_alerts()
    assert len(mail.outbox) == 3


def test_alerts_wait_while_the_index_does_not_follow_the_database(db, search_index, tmp_path, settings, caplog):
    make_alert()
    make_offer()
    search_index.follow()
    settings.SEARCH_DIR = tmp_path
    assert sending.run().stopped
    tasks.send_alerts()
    assert mail.outbox == []
    assert Alert.objects.due().count() == 1
    assert "alerts wait" in caplog.text


def test_equal_mails_are_rendered_once_with_own_links(run_alerts, monkeypatch):
    alerts = [make_alert(query="contrat=cdi", label="CDI") for _ in range(3)]
    late = make_alert(query="contrat=cdi", label="CDI", created_at=timezone.now() - timedelta(hours=2))
    make_offer(title="Ancienne", age=timedelta(hours=5))
    make_offer(title="Nouvelle")
    rendered = []
    render = mails.render_text
    monkeypatch.setattr(mails, "render_text", lambda *args: rendered.append(1) or render(*args))
    run_alerts()
    assert len(rendered) == 2
    texts = {message.to[0]: message for message in mail.outbox}
    assert offer_titles(texts[late.email]) == ["Nouvelle"]
    # Offers of one day have no order of their own.
    assert all(sorted(offer_titles(texts[alert.email])) == ["Ancienne", "Nouvelle"] for alert in alerts)
    assert len({re.search(r"/alertes/arreter/\S+", message.body)[0] for message in mail.outbox}) == 4


def test_run_writes_no_change_of_offers(run_alerts):
    """Else each run would invalidate cached pages and update the index."""
    offer = make_offer()
    make_alert()
    run_alerts()
    assert Offer.objects.get() == offer
