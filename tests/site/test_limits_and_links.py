"""Rate limits and the maximum ages of signed links and forms, tested one step before and after each limit."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as conf
from django.utils import timezone

from jobboard import form_token
from jobboard.accounts import attempts
from jobboard.contact.models import RateLimitExceeded, Sender
from jobboard.network import client_network
from jobboard.text.dates import end_of_day
from offers.alerts import links
from offers.applications.models import Application, PendingUpload
from offers.companies.models import Invitation
from offers.posting.models import Reminder
from tests.factories import make_alert, make_application, make_invitation, make_user

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


@pytest.fixture
def advance_clock(monkeypatch):
    """Return a function that sets the clock of signatures this many seconds ahead."""
    now = int(time.time())

    def set_clock(seconds):
        monkeypatch.setattr("django.core.signing.time.time", lambda: now + seconds)

    set_clock(0)
    return set_clock


# Links


def test_default_limits_and_periods():
    assert (conf.ALERT_UNCONFIRMED_DAYS, conf.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS) == (7, 3)
    assert (conf.CONTACT_LIMIT_PER_HOUR, conf.APPLICATION_LIMIT_PER_HOUR, conf.ALERT_LIMIT_PER_HOUR) == (5, 20, 10)
    assert conf.ACCOUNT_RATE_LIMITS == {
        "login": None,
        "login_failed": None,
        "signup": "20/h/ip",
        "confirm_email": "1/3m/key,5/d/key",
        "reset_password": "20/h/ip",
    }
    assert attempts.PER_ACCOUNT == (5, 900, (0, 0, 30, 120))
    assert (attempts.PER_NETWORK[:2], attempts.PER_SOURCE[:2]) == ((20, 900), (30, 60))
    assert (conf.CV_MAX_BYTES, conf.MAX_BODY_BYTES) == (5_000_000, 6_000_000)
    assert (conf.DATA_UPLOAD_MAX_MEMORY_SIZE, conf.DATA_UPLOAD_MAX_NUMBER_FIELDS) == (1_000_000, 5_000)
    assert (conf.OFFER_LIFETIME_DAYS, conf.OFFER_GONE_AFTER_DAYS, conf.CONFIRM_AFTER_DAYS) == (60, 30, 21)


@pytest.mark.parametrize(("page", "days"), [(links.CONFIRM, 7), (links.MANAGE, 30), (links.STOP, None)])
def test_alert_link_is_valid_for_the_period_of_its_page(advance_clock, page, days):
    alert = make_alert()
    make_alert()
    token = links.path(page, alert).rstrip("/").rpartition("/")[2]
    assert links.alert_from_token(page, token) == alert
    advance_clock((days or 9_999) * DAY - 1)
    assert links.alert_from_token(page, token) == alert
    advance_clock((days or 9_999) * DAY + 1)
    assert links.alert_from_token(page, token) == (None if days else alert)


def test_each_token_is_accepted_by_its_own_page_only():
    alert, application = make_alert(), make_application()
    invitation = make_invitation()
    reminder = Reminder.objects.create(user=make_user())
    upload = PendingUpload.objects.create(file="cv/00/x.pdf", name="CV.pdf")
    tokens = {
        **{page: links.path(page, alert).rstrip("/").rpartition("/")[2] for page in ("confirm", "manage", "stop")},
        "application": application.token,
        "invitation": invitation.token,
        "freshness": reminder.token,
        "upload": upload.token,
    }
    lookups = {
        **{
            page: lambda token, page=page: links.alert_from_token(page, token) for page in ("confirm", "manage", "stop")
        },
        "application": Application.objects.with_token,
        "invitation": lambda token: Invitation.objects.by_token(token).first(),
        "freshness": Reminder.objects.with_token,
        "upload": PendingUpload.objects.with_token,
    }
    for name, token in tokens.items():
        accepted = {key for key, find in lookups.items() if find(token) is not None}
        assert accepted == {name}
        # Empty, without or with a wrong signature, truncated or changed.
        head, sign, tail = token.rpartition("." if "." in token else ":")
        broken = [
            "",
            head,
            f"{head}{sign}",
            token[:-1],
            f"{head}{sign}{tail[::-1]}",
            f"{head}0{sign}{tail}",
            f"é{token}",
        ]
        assert [find(each) for find in lookups.values() for each in broken] == [None] * len(lookups) * len(broken), name


def test_invitation_is_open_until_it_expires(settings):
    now = timezone.now()
    invitation = make_invitation(expires_at=now)
    last_day = timezone.localdate(now + timedelta(days=14))
    assert Invitation(company=invitation.company).expires_at == end_of_day(last_day)
    for seconds, is_open in ((-1, True), (0, False), (1, False)):
        at = now + timedelta(seconds=seconds)
        assert Invitation.objects.open(at).exists() is is_open
        assert Invitation.objects.with_is_open(at).get().is_open is is_open
    for name in ("accepted_at", "revoked_at"):
        setattr(invitation, name, now)
        invitation.save()
        assert not Invitation.objects.open(now - timedelta(days=1)).exists()
        setattr(invitation, name, None)


def test_form_token_is_valid_after_three_seconds_and_for_a_day(advance_clock, settings):
    settings.CONTACT_MINIMUM_DELAY = 3
    token = form_token.make_form_token()
    results = {}
    for seconds in (0, 2, 4, DAY - 1, DAY + 1):
        advance_clock(seconds)
        form = form_token.SpamProtectedForm({"form_token": token})
        results[seconds] = form.is_valid()
    assert results == {0: False, 2: False, 4: True, DAY - 1: True, DAY + 1: False}
    advance_clock(4)
    for invalid in ("", "x", token[:-1], form_token.make_form_token()):
        assert not form_token.SpamProtectedForm({"form_token": invalid}).is_valid()
    assert form_token.SpamProtectedForm({"form_token": token, "detail": "x"}).is_trapped
    assert not form_token.SpamProtectedForm({"form_token": token}).is_trapped


# Limits


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_requests_above_the_hourly_limit_are_refused(limit):
    now, hour = timezone.now(), timedelta(hours=1)
    for minutes in range(limit):
        Sender.objects.count_message("192.0.2.1", at=now + timedelta(minutes=minutes), limit=limit)
    with pytest.raises(RateLimitExceeded) as refused:
        Sender.objects.count_message("192.0.2.1", at=now + timedelta(minutes=30), limit=limit)
    assert refused.value.retry_after == 30 * 60
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1", at=now + hour - timedelta(seconds=1), limit=limit)
    # Other networks and purposes have their own limit.
    Sender.objects.count_message("192.0.2.2", at=now, limit=limit)
    Sender.objects.count_message("192.0.2.1", at=now, purpose="report", limit=limit)
    # The hour starts with the first request, and the next hour with the first request after it.
    for minutes in range(limit):
        Sender.objects.count_message("192.0.2.1", at=now + hour + timedelta(minutes=minutes), limit=limit)
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1", at=now + 2 * hour - timedelta(seconds=1), limit=limit)
    assert "192.0.2" not in str(list(Sender.objects.values()))


def test_default_limit_is_that_of_the_contact_form(settings):
    settings.CONTACT_LIMIT_PER_HOUR = 1
    Sender.objects.count_message("192.0.2.1")
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1")


NETWORKS = [
    # proxies, REMOTE_ADDR, X-Forwarded-For, network
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


@pytest.mark.parametrize(("proxies", "remote_ip", "forwarded", "network"), NETWORKS)
def test_rate_limits_count_this_network(rf, settings, proxies, remote_ip, forwarded, network):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR=remote_ip, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert client_network(request) == network
