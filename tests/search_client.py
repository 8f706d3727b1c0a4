"""A test client that updates the search index before each request.

In production the process `search_index follow` does this, but it could not see the rows of a test's open transaction.
"""

from contextlib import contextmanager

from django.conf import settings
from django.db import connection, models
from django.test import Client

from careers.models import Role, RoleTitle
from offers.changelog.models import ChangeLogEntry
from offers.indexing.drift import compare
from offers.indexing.writer import Writer
from offers.models import Skill, SkillAlias
from offers.places.gazetteer import gazetteer
from offers.places.models import Place, PostalCode
from offers.search import documents
from offers.search.models import SynonymSet
from offers.search.snapshot import current_snapshot

Kind = ChangeLogEntry.Kind
# For each stamp file, the models whose changes touch it, and the kinds of log entries that these changes write.
NAMES = {
    "words": ((Role, RoleTitle, Skill, SkillAlias, SynonymSet), {Kind.NAME, Kind.ROLES, Kind.ALL}),
    "places": ((Place, PostalCode), {Kind.PLACE, Kind.ALL}),
}


class SyncedIndex:
    """The search index of a test run, compared with the database by `follow` after writes."""

    def __init__(self, root):
        self.root = root
        self.writer = Writer(root)
        self.writer.__enter__()
        self.compared = None
        self.logs = {}
        self.names = {}

    def follow(self):
        with _without_counting_queries():
            self.writer.ensure_index()
            log = _summarize_log()
            self._follow_offers(log)
            for stamp in NAMES:
                self._follow_names(stamp, log)
            (self.root / "heartbeat").touch()
            current_snapshot()
            gazetteer()

    def _follow_offers(self, log):
        """Compare only after a write, as most tests make several requests after their last write.

        The log is not applied, as the follower does: after the rollback of a test, the next one uses the same pks.
        """
        index = self.writer.current
        state = (index, log, documents.published_ids())
        if state == self.compared:
            return
        if drift := compare(index.searcher()):
            index.apply(drift.ids)
        self.compared = state

    def _follow_names(self, stamp, log):
        """Touch the stamp only if names changed: otherwise no page could be cached."""
        tables, kinds = NAMES[stamp]
        log = [line for line in log if line[0] in kinds]
        if log == self.logs.get(stamp):
            return
        names = [list(model.objects.order_by("pk").values_list()) for model in tables]
        if names != self.names.get(stamp):
            self.names[stamp] = names
            (self.root / stamp).touch()
        self.logs[stamp] = log

    def close(self):
        self.writer.__exit__(None, None, None)


def _summarize_log() -> list[tuple]:
    """Return a summary of the change log that differs after every write, even after the rollback of another test.

    Entries with the same pk differ by their datetime.
    """
    kinds = ChangeLogEntry.objects.order_by("kind").values_list("kind")
    return list(kinds.annotate(models.Count("pk"), models.Max("pk"), models.Max("at")))


@contextmanager
def _without_counting_queries():
    """Exclude queries of the index from the query counts of a test."""
    force_debug_cursor, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = force_debug_cursor


class IndexingClient(Client):
    def __init__(self, index, **defaults):
        super().__init__(**defaults)
        self.index = index

    def request(self, **request):
        # Not if the test has set another directory, to test requests without an index.
        if self.index.root == settings.SEARCH_DIR:
            self.index.follow()
        return super().request(**request)
