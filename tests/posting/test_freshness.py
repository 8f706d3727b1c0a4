"""Offers are kept fresh: recruiters are asked, answer by a link, and without an answer the offer ends on its day."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule

from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.companies.enums import MemberRole
from offers.enums import OfferStatus
from offers.models import OfferEvent
from offers.posting import freshness, tasks
from offers.posting.models import Notice, Reminder
from tests.contact.processes import run_at_once
from tests.factories import make_company, make_member, make_offer, make_place, make_user
from tests.mail.outbox import due_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_company(name="Ateliers")


@pytest.fixture
def owner(company):
    return make_member(company, make_user(email="proprietaire@example.org")).user


@pytest.fixture
def old(company, owner):
    """An offer that nobody has confirmed for 22 days."""
    return make_offer(title="Testeuse", company=company, age=timedelta(days=22))


def sent():
    for queued in OrmQ.objects.all():
        import_string(queued.func())(*queued.task["args"])
    return mail.outbox


def links(message) -> dict[str, str]:
    addresses = re.findall(r"http\S+/recruteurs/suivi/\S+", message.body)
    return {parse_qs(urlsplit(each).query)["acte"][0]: each for each in addresses}


def path(link):
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def test_after_three_weeks_the_recruiter_is_asked_once(old, owner):
    fresh = make_offer(company=old.company, age=timedelta(days=20))
    tasks.send_reminders()
    tasks.send_reminders()
    [message] = sent()
    assert message.to == ["proprietaire@example.org"]
    assert message.subject == "Toujours à pourvoir\u00a0? Testeuse"
    assert set(links(message)) == {"confirmer", "pourvue", "retirer"}
    assert "proprietaire" not in message.body
    assert fresh.title not in message.body
    assert "proprietaire" not in str([queued.task for queued in OrmQ.objects.all()])
    assert sent() == [message]


@pytest.mark.parametrize(
    ("act", "status", "told"),
    [
        ("confirmer", OfferStatus.PUBLISHED, "est confirmée"),
        ("pourvue", OfferStatus.FILLED, "est marquée pourvue"),
        ("retirer", OfferStatus.WITHDRAWN, "est retirée"),
    ],
)
def test_a_link_shows_and_its_button_acts(client, old, owner, act, status, told):
    tasks.send_reminders()
    link = path(links(sent()[0])[act])
    before = old.confirmed_at
    page = client.get(link)
    html = page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    old.refresh_from_db()
    assert (old.status, old.confirmed_at) == (OfferStatus.PUBLISHED, before), "a GET changes nothing"
    # What the link was for is the first button.
    assert re.search(r'name="acte" value="(\w+)"', html)[1] == act
    response = client.post(link.partition("?")[0], {"offre": old.pk, "acte": act}, follow=True)
    assert told in response.content.decode()
    old.refresh_from_db()
    assert old.status == status
    event = OfferEvent.objects.filter(offer=old).first()
    assert (event.by, event.verb) == (owner, freshness.ACTIONS[act])
    if act == "confirmer":
        assert old.confirmed_at.date() == timezone.now().date()
        assert f"le {timezone.localtime(old.confirmed_at).day}" in client.get(old.get_absolute_url()).content.decode()
        tasks.send_reminders()
        assert len(sent()) == 1


def test_another_three_weeks_another_question(old):
    tasks.send_reminders()
    old.confirm()
    freshness.send_reminders(timezone.now() + timedelta(days=22))
    assert Notice.objects.filter(kind="confirm").count() == 2


def test_the_end_is_announced_a_week_and_a_day_before(company, owner):
    make_offer(company=company, expires_at=timezone.now() + timedelta(days=6), age=timedelta(days=54))
    freshness.send_reminders()
    freshness.send_reminders()
    freshness.send_reminders(timezone.now() + timedelta(days=5, hours=12))
    messages = sent()
    assert list(Notice.objects.values_list("kind", flat=True).order_by("pk")) == ["week", "day"]
    assert all(message.subject.startswith("Votre offre expire le ") for message in messages)
    assert "renouveler" in links(messages[0])


def test_a_renewed_offer_needs_no_announcement_that_waited(company, owner, client):
    offer = make_offer(company=company, expires_at=timezone.now() + timedelta(days=6), age=timedelta(days=54))
    freshness.send_reminders()
    offer.renew(owner)
    assert sent() == []
    message = OutboxMessage.objects.get()
    assert (message.due_at, message.is_given_up) == (None, False), "there was nothing left to say"


def test_one_mail_for_all_of_a_recruiters_offers(company, owner, django_assert_max_num_queries):
    place = make_place()
    for _ in range(30):
        make_offer(company=company, place=place, age=timedelta(days=30))
    with django_assert_max_num_queries(24):
        tasks.send_reminders()
    [message] = sent()
    assert len(re.findall("acte=confirmer", message.body)) == 30
    assert message.subject == "Vos offres attendent un mot de vous"


def test_who_asked_for_the_publication_hears_of_it(company, owner):
    recruiter = make_member(company, make_user(email="recruteuse@example.org"), MemberRole.RECRUITER).user
    company.trusted = True
    company.save()
    offer = make_offer(company=company, status=OfferStatus.DRAFT, published_at=None, expires_at=None)
    offer.publish(recruiter)
    in_time = timezone.now() + timedelta(days=22)
    freshness.send_reminders(in_time)
    assert [each.user for each in Reminder.objects.all()] == [recruiter]
    # Who has left hears of nothing more.
    company.memberships.filter(user=recruiter).delete()
    offer.confirm()
    freshness.send_reminders(in_time + timedelta(days=22))
    assert Reminder.objects.order_by("pk").last().user == owner


def test_nothing_is_said_of_what_is_not_out(company, owner):
    make_offer(company=company, status=OfferStatus.FILLED, closed_at=timezone.now(), age=timedelta(days=30))
    make_offer(confidential=True, age=timedelta(days=30))
    assert freshness.send_reminders() == 0


def test_whoever_left_the_company_acts_no_more(client, old, owner):
    tasks.send_reminders()
    link = path(links(sent()[0])["retirer"])
    old.company.memberships.all().delete()
    assert "ne travaillez plus" in client.get(link).content.decode()
    client.post(link, {"offre": old.pk, "acte": "retirer"})
    old.refresh_from_db()
    assert old.status == OfferStatus.PUBLISHED


@pytest.mark.parametrize(
    "sent_values",
    [{}, {"offre": "x", "acte": "retirer"}, {"offre": "9" * 30, "acte": "retirer"}, {"acte": "supprimer"}],
)
def test_what_makes_no_sense_changes_nothing(client, old, sent_values):
    tasks.send_reminders()
    link = path(links(sent()[0])["retirer"])
    assert client.post(link.partition("?")[0], {"offre": old.pk, **sent_values}).status_code == 302
    old.refresh_from_db()
    assert old.status == OfferStatus.PUBLISHED
    assert client.get(f"{link.partition('?')[0]}?offre=²&acte=%27").status_code == 200


def test_another_offer_cannot_be_reached_through_a_link(client, old, company):
    other = make_offer(company=company)
    tasks.send_reminders()
    link = path(links(sent()[0])["retirer"]).partition("?")[0]
    client.post(link, {"offre": other.pk, "acte": "retirer"})
    other.refresh_from_db()
    assert other.status == OfferStatus.PUBLISHED


@pytest.mark.parametrize("token", ["x", "a.b", "00000000000000000000000000000000.abc", "é"])
def test_a_link_that_is_not_ours(client, token):
    assert client.get(f"/recruteurs/suivi/{token}/").status_code == 404


def test_a_dead_mail_server_loses_nothing(old, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tasks.send_reminders()
    assert sent() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_again()
    send_outbox()
    send_outbox()
    assert len(mail.outbox) == 1


def test_it_is_scheduled():
    functions = set(Schedule.objects.values_list("func", flat=True))
    assert {"offers.posting.tasks.send_reminders", "jobboard.mail.tasks.send_outbox"} <= functions


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_say_everything_once(tmp_path):
    company = make_company()
    make_member(company)
    for _ in range(40):
        make_offer(company=company, age=timedelta(days=30))
    lines = run_at_once(
        """
from offers.posting import freshness
from offers.posting.models import Notice, Reminder
said = freshness.send_reminders()
sys.stdin.readline()
print(said, Notice.objects.count(), Notice.reminders.through.objects.count())
""",
        3,
        tmp_path,
    )
    counts = [[int(number) for number in line.split()] for line in lines]
    assert sum(said for said, *_ in counts) == 40
    assert counts[-1][1:] == [40, 40]
