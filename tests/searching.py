"""Pages that search, in tests: the index follows what a test has written before each of its requests.

On a real site a process of its own does this; inside the transaction of a test only the test's connection sees the
rows.
"""

from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.test import Client

from careers.models import Role, RoleTitle
from offers.models import Skill, SkillAlias
from offers.places.gazetteer import gazetteer
from offers.places.models import Place, PostalCode
from offers.search.current import current
from offers.search.models import SynonymSet
from offers.search.writer import Writer

NAMES = {"words": (Role, RoleTitle, Skill, SkillAlias, SynonymSet), "places": (Place, PostalCode)}


class Index:
    """The index of a test run, brought up to date by comparing it with the database."""

    def __init__(self, root):
        self.root = root
        self.writer = Writer(root)
        self.writer.__enter__()
        self.names = {}

    def follow(self):
        with _uncounted():
            self.writer.ensure_index()
            self.writer.repair()
            # Names too, but only where they changed: else no page could be kept.
            for stamp, models in NAMES.items():
                names = [list(model.objects.order_by("pk").values_list()) for model in models]
                if names != self.names.get(stamp):
                    self.names[stamp] = names
                    (self.root / stamp).touch()
            current()
            gazetteer()

    def close(self):
        self.writer.__exit__(None, None, None)


@contextmanager
def _uncounted():
    """Queries that a page would not make are none of those that a test counts."""
    counting, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = counting


class SearchingClient(Client):
    def __init__(self, index, **defaults):
        super().__init__(**defaults)
        self.index = index

    def request(self, **request):
        # Not where a test has chosen a folder of its own, to show what happens without an index.
        if self.index.root == settings.SEARCH_DIR:
            self.index.follow()
        return super().request(**request)
