from offers.moderation import notices


def mail_arrivals() -> None:
    """Tell moderators about arrivals, if the setting asks for it. Scheduled every five minutes; idempotent."""
    notices.queue_arrivals()


def mail_morning() -> None:
    """Tell moderators what waits. Scheduled every morning; idempotent."""
    notices.queue_morning()
