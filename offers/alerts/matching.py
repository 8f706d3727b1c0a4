"""Which new offers a kept search finds: each search once, however many alerts have it, and among new offers only."""

import logging
from dataclasses import replace
from datetime import datetime

from offers.alerts import saved
from offers.search.current import current
from offers.search.query import DATE, search

logger = logging.getLogger(__name__)

# Offers of one search that are looked at, the newest: more than a mail lists.
MOST = 60


class Matcher:
    """Of one moment: the index is that of when it was made."""

    def __init__(self):
        self.current = current()
        self.searches = 0

    def newest(self, query: str, since: datetime) -> tuple[int, ...]:
        """The numbers of the newest offers that came out after `since`, the newest first; raises SearchUnavailable.

        No offer for a search that names something which is no longer there: without it, it would find what nobody asked
        for. The list of somebody’s alerts says so (saved.names_what_is_gone).
        """
        asked = saved.replay(query)
        if asked.errors:
            return ()
        self.searches += 1
        criteria = replace(asked.criteria, since=since)
        return search(
            self.current.searcher, criteria, thesaurus=self.current.thesaurus, sort=DATE, limit=MOST, exact=True
        ).ids
