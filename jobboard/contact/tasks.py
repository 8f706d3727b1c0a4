from jobboard.contact.models import Sender


def delete_expired_senders() -> None:
    """Delete the counters of networks whose hour is over. Scheduled every ten minutes."""
    Sender.objects.expired().delete()
