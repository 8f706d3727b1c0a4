from offers.posting import expiry, freshness


def ask_recruiters() -> None:
    """Remind recruiters to confirm or renew offers. Scheduled every morning; idempotent."""
    freshness.send_reminders()


def send_freshness_mail(pk: int) -> None:
    """Try to send one mail, right after it was written."""
    freshness.send(pk)


def send_freshness_mails() -> None:
    """Try again what did not leave. Scheduled every minute."""
    freshness.send_due()


def expire_offers() -> None:
    """Set the status of offers past their end date. Scheduled every ten minutes."""
    expiry.expire_offers()
