"""Time a run of the alerts on a generated database: `python -m tests.bench.alerts ALERTS SEARCHES`.

Every alert is due, as in the morning, and covers the offers published within a day; a mail backend in this process
accepts the mails immediately. The alerts are deleted at the end.
"""

import json
import random
import resource
import sys
import time
from datetime import timedelta
from urllib.parse import urlencode

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from jobboard.mail.models import OutboxMessage
from jobboard.mail.tasks import send_outbox
from offers.alerts import saved, sending
from offers.alerts.models import Alert
from offers.enums import Contract
from offers.indexing import health
from offers.models import Offer
from offers.places.models import Place
from offers.search.vocabulary import Vocabulary

ALERTS, SEARCHES = 100_000, 5_000
DAY = timedelta(days=1)


def measure(alerts: int, searches: int) -> dict:
    settings.EMAIL_BACKEND = "tests.bench.alerts.DiscardingBackend"
    settings.ALERT_MAILS_PER_SECOND = 1_000_000
    # Without a follower: the database has not changed since the index was built.
    (settings.SEARCH_DIR / "heartbeat").touch()
    assert health.health() == health.Health.OK
    newest = Offer.objects.published().order_by("-published_at").values_list("published_at", flat=True).first()
    queries = _queries(searches)
    _create_alerts(alerts, queries, newest - DAY)
    counter = _StatementCounter()
    try:
        start = time.monotonic()
        with connection.execute_wrapper(counter):
            result = sending.run(seconds=3_600)
            send_outbox(seconds=3_600)
        seconds = time.monotonic() - start
    finally:
        Alert.objects.filter(email__endswith=DOMAIN).delete()
        OutboxMessage.objects.filter(kind="alerts.new_offers").delete()
    assert result.alerts == alerts
    assert not result.stopped
    assert not OutboxMessage.objects.pending().exists()
    return {
        "alerts": alerts,
        "distinct": len(queries),
        "new_offers": Offer.objects.published().filter(published_at__gt=newest - DAY).count(),
        "seconds": seconds,
        "searches": result.searches,
        "mails": result.mails,
        "statements": counter.count,
        # Linux counts in kB.
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


DOMAIN = "@alertes.example.org"


class DiscardingBackend(BaseEmailBackend):
    """A mail backend that renders mails to bytes, which is part of the cost of a run, and discards them."""

    def send_messages(self, email_messages):
        return sum(bool(message.message().as_bytes()) for message in email_messages)


class _StatementCounter:
    """Count SQL statements."""

    count = 0

    def __call__(self, execute, *arguments):
        self.count += 1
        return execute(*arguments)


def _queries(count: int) -> list[str]:
    """Return `count` different searches, drawn by seed: a role, skill or word, most with a town, some with more."""
    rng, vocabulary, queries = random.Random(2026), Vocabulary(), {}
    roles, skills = sorted(vocabulary.roles), sorted(vocabulary.skills)
    towns = list(Place.objects.order_by("-population").values_list("name", "department")[:400])
    while len(queries) < count:
        search = {rng.choice(["metier", "competence", "q"]): ""}
        name = next(iter(search))
        skill = rng.choice(skills)
        search[name] = {"metier": rng.choice(roles), "competence": skill, "q": vocabulary.skills[skill].label}[name]
        if rng.random() < 0.8:
            # Larger towns more often.
            town, department = towns[int(len(towns) * rng.random() ** 2)]
            search |= {"ou": f"{town} ({department})", "rayon": rng.choice(["", "10", "20", "30", "50"])}
        if rng.random() < 0.4:
            search["contrat"] = rng.choice(Contract.values)
        if rng.random() < 0.2:
            search["salaire"] = rng.choice(["40000", "50000", "60000"])
        # In the form of saved.canonical().
        queries[urlencode(sorted((name, value) for name, value in search.items() if value))] = None
    for query in list(queries)[:20]:
        assert saved.canonical(saved.replay(query)) == query
    return list(queries)


def _create_alerts(alerts: int, queries: list[str], since) -> None:
    rng, now = random.Random(2027), timezone.now()
    rows = (
        Alert(
            email=f"personne{index}{DOMAIN}",
            # A few searches are shared by many alerts.
            query=queries[int(len(queries) * rng.random() ** 2)] if index >= len(queries) else queries[index],
            label="une recherche",
            frequency=rng.choice(Alert.Frequency.values),
            confirmed_at=now,
            follows_from=since,
            covered_until=since,
            due_at=now,
        )
        for index in range(alerts)
    )
    Alert.objects.bulk_create(rows, batch_size=1_000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE alerts_alert")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    print(json.dumps(measure(*(arguments or (ALERTS, SEARCHES)))))
