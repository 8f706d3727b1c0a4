import pytest

from jobboard.mail.tasks import send_outbox
from offers.alerts import sending
from offers.alerts.sending import Run


@pytest.fixture(autouse=True)
def alert_settings(settings):
    settings.SITE_URL = "https://emploi.example"
    settings.ALERT_MAILS_PER_SECOND = 100_000
    settings.CONTACT_MINIMUM_DELAY = 0


@pytest.fixture
def run_alerts(db, search_index):
    """Update the index, run the alerts and send the outbox; return the counts of the run."""

    def run(seconds=20.0) -> Run:
        search_index.follow()
        counts = sending.run(seconds)
        send_outbox()
        return counts

    return run
