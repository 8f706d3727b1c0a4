import logging

from offers.alerts import sending
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)


def send_alerts() -> None:
    """Queue the mails of the alerts whose turn has come, as far as there is time. Scheduled every minute."""
    try:
        sending.run()
    except SearchUnavailable:
        logger.error("alerts wait: this host has no index that serves")
