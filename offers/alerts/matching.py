"""Search the new offers of a saved search: once for all alerts that share it, and among new offers only."""

import logging
from dataclasses import replace
from datetime import datetime

from offers.alerts import saved
from offers.search.current import current
from offers.search.query import DATE, search

logger = logging.getLogger(__name__)

# The newest offers of one search: more than a mail lists.
MAX_OFFERS = 60


class Matcher:
    """Search one snapshot of the index, opened when the matcher is created."""

    def __init__(self):
        self.current = current()
        self.searches = 0

    def newest_pks(self, query: str, since: datetime) -> tuple[int, ...]:
        """Return the pks of at most MAX_OFFERS offers published after `since`, the newest first.

        Return none if the search names a deleted object: without it, the search would be wider. The list of alerts
        warns of it (saved.names_deleted_object). Raise SearchUnavailable.
        """
        search_filter = saved.replay(query)
        if search_filter.errors:
            return ()
        self.searches += 1
        criteria = replace(search_filter.criteria, since=since)
        return search(
            self.current.searcher, criteria, thesaurus=self.current.thesaurus, sort=DATE, limit=MAX_OFFERS, exact=True
        ).ids
