"""The rate limit of messages for each network, and the network of a request."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobboard.contact.models import RateLimitExceeded, Sender
from jobboard.network import client_network


@pytest.mark.django_db
def test_window_of_the_rate_limit_starts_with_the_first_message(settings):
    settings.CONTACT_LIMIT_PER_HOUR = 2
    start = timezone.now()
    Sender.objects.count_message("192.0.2.1", at=start)
    Sender.objects.count_message("192.0.2.1", at=start + timedelta(minutes=50))
    with pytest.raises(RateLimitExceeded) as error:
        Sender.objects.count_message("192.0.2.1", at=start + timedelta(minutes=59))
    assert error.value.retry_after == 60
    Sender.objects.count_message("192.0.2.2", at=start)
    Sender.objects.count_message("192.0.2.1", at=start + timedelta(minutes=60))
    Sender.objects.count_message("192.0.2.1", at=start + timedelta(minutes=61))
    with pytest.raises(RateLimitExceeded):
        Sender.objects.count_message("192.0.2.1", at=start + timedelta(minutes=62))


@pytest.mark.django_db
def test_ip_is_not_stored():
    Sender.objects.count_message("192.0.2.1")
    assert "192.0.2.1" not in str(Sender.objects.values().get())


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "network"),
    [
        (0, "192.0.2.7", "", "192.0.2.7"),
        (0, "192.0.2.7", "203.0.113.1", "192.0.2.7"),
        (1, "10.0.0.1", "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1", "198.51.100.9, 203.0.113.1", "203.0.113.1"),
        (2, "10.0.0.1", "198.51.100.9, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
        (2, "10.0.0.1", "203.0.113.1", "10.0.0.1"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "203.0.113.1:5123", "203.0.113.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (1, "::1", "[2001:db8:1:2:9::1]:443", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
        (0, "fe80::1%eth0", "", "fe80::/64"),
        (0, "", "", "unknown"),
    ],
)
def test_client_network_of_a_request(rf, settings, proxies, remote, forwarded, network):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR=remote, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert client_network(request) == network
