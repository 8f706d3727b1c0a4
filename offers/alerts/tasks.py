import logging

from offers.alerts import sending
from offers.search.index import SearchUnavailable

logger = logging.getLogger(__name__)


def send_alerts() -> None:
    """Queue the mails of due alerts, as many as the time limit allows. Scheduled every minute."""
    try:
        sending.run()
    except SearchUnavailable:
        logger.error("alerts wait: this host has no index that serves")
