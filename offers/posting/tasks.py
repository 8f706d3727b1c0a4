from offers.posting import expiry, freshness


def ask_recruiters() -> None:
    """Ask whether offers still stand, and say which end. Scheduled every morning; repeating it says nothing twice."""
    freshness.run()


def send_freshness_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    freshness.send(pk)


def send_freshness_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    freshness.send_due()


def expire_offers() -> None:
    """Call what is over by its name. Scheduled every ten minutes."""
    expiry.run()
