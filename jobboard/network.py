"""The IP address of the client."""

import ipaddress

from django.conf import settings


def client_ip(request) -> str:
    """Return the IP of the client, or "" when it is unknown (a Unix socket without a proxy).

    Of X-Forwarded-For only the entries of our own proxies (TRUSTED_PROXIES) are trusted: clients can forge the others.
    """
    candidates = [request.META.get("REMOTE_ADDR", "")]
    if proxies := settings.TRUSTED_PROXIES:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(forwarded) >= proxies:
            candidates.insert(0, forwarded[-proxies].strip())
    return next((str(ip) for text in candidates if (ip := _parse_ip(text))), "")


def client_network(request) -> str:
    """Return the key for rate limits: the IPv4 of the client, or the /64 of its IPv6, the least a subscriber has."""
    ip = client_ip(request)
    if ":" in ip:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return ip or "unknown"


def _parse_ip(text: str):
    """Return the IP in `text`, which may have a port or an IPv6 zone; None if it is not an IP."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
