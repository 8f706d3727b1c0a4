"""Where a request comes from."""

import ipaddress

from django.conf import settings


def client_address(request) -> str:
    """The visitor’s address, or nothing where the server does not know it (a Unix socket without a proxy).

    Only what our own proxies wrote in X-Forwarded-For is believed: anyone can send the entries further left.
    """
    candidates = [request.META.get("REMOTE_ADDR", "")]
    if proxies := settings.TRUSTED_PROXIES:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(forwarded) >= proxies:
            candidates.insert(0, forwarded[-proxies].strip())
    return next((str(address) for text in candidates if (address := _parse(text))), "")


def network_of(request) -> str:
    """The visitor’s network: an IPv4 address, or the /64 of an IPv6 address (one subscriber has at least that)."""
    address = client_address(request)
    if ":" in address:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return address or "unknown"


def _parse(text: str):
    """The address in `text`, which may carry a port or, for IPv6, a zone; None when there is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
