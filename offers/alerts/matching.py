"""Search for the new offers of a saved search, once for all alerts with the same search."""

import logging
from dataclasses import replace
from datetime import datetime

from offers.alerts import saved
from offers.search.query import DATE, search
from offers.search.snapshot import current_snapshot

logger = logging.getLogger(__name__)

# Maximum of offers of one search; a mail lists fewer.
MAX_OFFERS = 60


class Matcher:
    """Runs saved searches on one snapshot of the index, opened when the matcher is created."""

    def __init__(self):
        self.snapshot = current_snapshot()
        self.searches = 0

    def newest_pks(self, query: str, since: datetime) -> tuple[int, ...]:
        """Return the pks of at most MAX_OFFERS offers published after `since`, the newest first.

        Return an empty tuple if the search names a deleted object: without that criterion it would match more offers.
        The list of alerts shows a warning (saved.names_deleted_object). Raise SearchUnavailable.
        """
        search_filter = saved.replay(query)
        if search_filter.errors:
            return ()
        self.searches += 1
        criteria = replace(search_filter.criteria, since=since)
        return search(
            self.snapshot.searcher,
            criteria,
            thesaurus=self.snapshot.thesaurus,
            sort=DATE,
            limit=MAX_OFFERS,
            exact=True,
        ).ids
