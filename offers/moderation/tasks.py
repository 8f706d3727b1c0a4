from offers.moderation import notices


def mail_arrival_notices() -> None:
    """Tell moderators about arrivals, if the setting asks for it. Scheduled every five minutes; idempotent."""
    notices.queue_arrival_notices()


def mail_daily_notices() -> None:
    """Tell moderators what waits. Scheduled every morning; idempotent."""
    notices.queue_daily_notices()
