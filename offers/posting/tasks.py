from offers.posting import expiry, freshness


def send_reminders() -> None:
    """Remind recruiters to confirm or renew offers. Scheduled every morning; idempotent."""
    freshness.send_reminders()


def expire_offers() -> None:
    """Set the status of offers past their expiry date. Scheduled every ten minutes."""
    expiry.expire_offers()
