"""Rate limits, and the ages of signed links and forms: one second and one request before and after each limit."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from jobboard import form_token
from jobboard.contact.models import RateLimitExceeded, Sender
from jobboard.network import client_network
from offers.alerts import links
from offers.applications.models import Application, PendingUpload
from offers.companies.models import Invitation
from offers.posting.models import Reminder
from tests.factories import make_alert, make_application, make_company, make_user

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


@pytest.fixture
def later(monkeypatch):
    """Set the clock of signatures so many seconds ahead."""
    now = int(time.time())

    def set_clock(seconds):
        monkeypatch.setattr("django.core.signing.time.time", lambda: now + seconds)

    set_clock(0)
    return set_clock


# Links


def test_the_periods_in_the_settings():
    assert (site.ALERT_UNCONFIRMED_DAYS, site.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS) == (7, 3)
    assert (site.CONTACT_LIMIT_PER_HOUR, site.APPLICATION_LIMIT_PER_HOUR, site.ALERT_LIMIT_PER_HOUR) == (5, 20, 10)
    assert site.ACCOUNT_RATE_LIMITS == {
        "login": "30/m/ip",
        "login_failed": "10/m/ip,5/5m/key",
        "signup": "20/h/ip",
        "confirm_email": "1/3m/key,5/d/key",
        "reset_password": "20/h/ip,5/h/key",
    }
    assert (site.CV_MAX_BYTES, site.MAX_BODY_BYTES) == (5_000_000, 6 * 1024 * 1024)
    assert (site.DATA_UPLOAD_MAX_MEMORY_SIZE, site.DATA_UPLOAD_MAX_NUMBER_FIELDS) == (1024 * 1024, 5_000)
    assert (site.OFFER_LIFETIME_DAYS, site.OFFER_GONE_AFTER_DAYS, site.CONFIRM_AFTER_DAYS) == (60, 30, 21)


@pytest.mark.parametrize(("page", "days"), [(links.CONFIRM, 7), (links.MANAGE, 30), (links.STOP, None)])
def test_a_link_of_an_alert_opens_its_page_for_so_long(later, page, days):
    alert = make_alert()
    make_alert()
    token = links.path(page, alert).rstrip("/").rpartition("/")[2]
    assert links.alert_from_token(page, token) == alert
    later((days or 9_999) * DAY - 1)
    assert links.alert_from_token(page, token) == alert
    later((days or 9_999) * DAY + 1)
    assert links.alert_from_token(page, token) == (None if days else alert)


def test_no_link_opens_the_page_of_another():
    alert, application = make_alert(), make_application()
    invitation = Invitation.objects.create(company=make_company(), email="a@example.org")
    mail = Reminder.objects.create(user=make_user())
    upload = PendingUpload.objects.create(file="cv/00/x.pdf", name="CV.pdf")
    tokens = {
        **{page: links.path(page, alert).rstrip("/").rpartition("/")[2] for page in ("confirm", "manage", "stop")},
        "application": application.token,
        "invitation": invitation.token,
        "freshness": mail.token,
        "upload": upload.token,
    }
    openers = {
        **{
            page: lambda token, page=page: links.alert_from_token(page, token) for page in ("confirm", "manage", "stop")
        },
        "application": Application.objects.with_token,
        "invitation": lambda token: Invitation.objects.by_token(token).first(),
        "freshness": Reminder.objects.with_token,
        "upload": PendingUpload.objects.with_token,
    }
    for name, token in tokens.items():
        opened = {opener for opener, find in openers.items() if find(token) is not None}
        assert opened == {name}
        # A signature of nothing, of another row, cut short or changed.
        head, sign, tail = token.rpartition("." if "." in token else ":")
        bad = ["", head, f"{head}{sign}", token[:-1], f"{head}{sign}{tail[::-1]}", f"{head}0{sign}{tail}", f"é{token}"]
        assert [find(each) for find in openers.values() for each in bad] == [None] * len(openers) * len(bad), name


def test_an_invitation_is_open_until_it_ends(settings):
    now = timezone.now()
    invitation = Invitation.objects.create(company=make_company(), email="a@example.org", expires_at=now)
    lifetime = Invitation(company=invitation.company).expires_at - now
    assert timedelta(days=14) <= lifetime < timedelta(days=14, minutes=5)
    for seconds, is_open in ((-1, True), (0, False), (1, False)):
        at = now + timedelta(seconds=seconds)
        assert invitation.is_open(at) is is_open
        assert Invitation.objects.open(at).exists() is is_open
    for name in ("accepted_at", "revoked_at"):
        setattr(invitation, name, now)
        assert not invitation.is_open(now - timedelta(days=1))
        invitation.save()
        assert not Invitation.objects.open(now - timedelta(days=1)).exists()
        setattr(invitation, name, None)


def test_a_form_is_taken_for_a_day_and_not_in_the_first_seconds(later, settings):
    settings.CONTACT_MINIMUM_DELAY = 3
    token = form_token.make_form_token()
    results = {}
    for seconds in (0, 2, 4, DAY - 1, DAY + 1):
        later(seconds)
        form = form_token.SpamProtectedForm({"form_token": token})
        results[seconds] = form.is_valid()
    assert results == {0: False, 2: False, 4: True, DAY - 1: True, DAY + 1: False}
    later(4)
    for wrong in ("", "x", token[:-1], form_token.make_form_token()):
        assert not form_token.SpamProtectedForm({"form_token": wrong}).is_valid()
    assert form_token.SpamProtectedForm({"form_token": token, "detail": "x"}).is_trapped
    assert not form_token.SpamProtectedForm({"form_token": token}).is_trapped


# Limits


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_so_many_within_the_hour_and_not_one_more(limit):
    now, hour = timezone.now(), timedelta(hours=1)
    for number in range(limit):
        Sender.objects.count_message("192.0.2.1", at=now + timedelta(minutes=number), limit=limit)
    with pytest.raises(RateLimitExceeded) as refused:
        Sender.objects.count_message("192.0.2.1", at=now + timedelta(minutes=30), limit=limit)
    assert refused.value.retry_after == 30 * 60
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1", at=now + hour - timedelta(seconds=1), limit=limit)
    # Another network and another purpose count for themselves.
    Sender.objects.count_message("192.0.2.2", at=now, limit=limit)
    Sender.objects.count_message("192.0.2.1", at=now, purpose="report", limit=limit)
    # The hour begins with the first one, and again with the first one after it.
    for number in range(limit):
        Sender.objects.count_message("192.0.2.1", at=now + hour + timedelta(minutes=number), limit=limit)
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1", at=now + 2 * hour - timedelta(seconds=1), limit=limit)
    assert "192.0.2" not in str(list(Sender.objects.values()))


def test_without_a_limit_that_of_the_contact_form_counts(settings):
    settings.CONTACT_LIMIT_PER_HOUR = 1
    Sender.objects.count_message("192.0.2.1")
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1")


NETWORKS = [
    # proxies, remote address, forwarded for, what is counted
    (0, "192.0.2.1", "", "192.0.2.1"),
    (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    (1, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    (1, "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
    (2, "10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
    (2, "10.0.0.1", "198.51.100.7", "10.0.0.1"),
    (1, "10.0.0.1", "unknown", "10.0.0.1"),
    (1, "10.0.0.1", "198.51.100.7:5000", "198.51.100.7"),
    (1, "10.0.0.1", "[2001:db8:1:2::5]:443", "2001:db8:1:2::/64"),
    (0, "2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
    (0, "2001:db8:1:2:ffff::9", "", "2001:db8:1:2::/64"),
    (0, "2001:db8:1:3::4", "", "2001:db8:1:3::/64"),
    (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
    (0, "", "", "unknown"),
]


@pytest.mark.parametrize(("proxies", "remote", "forwarded", "network"), NETWORKS)
def test_the_network_that_is_counted(rf, settings, proxies, remote, forwarded, network):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR=remote, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert client_network(request) == network
