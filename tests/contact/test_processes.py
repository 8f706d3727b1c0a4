"""The rate limit and the idempotent submission across concurrent processes."""

import uuid
from collections import Counter

import pytest

from tests.contact.processes import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_rate_limit_is_exact_across_processes(tmp_path):
    lines = run_at_once(
        """
from jobboard.contact.models import Sender, RateLimitExceeded
for _ in range(4):
    try:
        Sender.objects.count_message("192.0.2.1")
        print("passed")
    except RateLimitExceeded:
        print("refused")
""",
        3,
        tmp_path,
    )
    assert Counter(lines) == {"passed": 5, "refused": 7}


def test_double_click_on_several_workers_creates_one_lead(tmp_path):
    lines = run_at_once(
        f"""
import uuid
from jobboard.contact.intake import receive
from jobboard.contact.models import Lead, Sender
from django_q.models import OrmQ
from jobboard.mail.models import OutboxMessage
lead = Lead(subject="recruteur", name="Anne", company="Exemple", email="anne@example.org", message="Bonjour")
lead = receive(lead, uuid.UUID("{uuid.uuid4()}"), "192.0.2.1")
print(lead.pk, Lead.objects.count(), OutboxMessage.objects.count(), OrmQ.objects.count(), Sender.objects.get().count)
""",
        3,
        tmp_path,
    )
    assert len(lines) == 3
    assert len(set(lines)) == 1
    assert lines[0].endswith(" 1 2 1 1")
