"""Edit offers at a constant rate while requests are measured."""

import time
from random import Random
from threading import Event, Thread

from django.db import connections

from offers.models import Offer

SEED = 5


class Editor(Thread):
    """A thread that changes the highlights of `rate` published offers per second, and restores them at the end.

    Not the title: a page whose slug has changed redirects. New offers are edited more often than old ones: one edit in
    six changes one of the fifty newest of 100,000 offers.
    """

    def __init__(self, rate: int):
        super().__init__(name="editor", daemon=True)
        self.pause = 1 / rate
        self.edits = 0
        self._stop_requested = Event()
        self._originals: dict[int, str] = {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self._stop_requested.set()
        self.join()

    def run(self):
        random = Random(SEED).random
        try:
            newest = list(Offer.objects.published().newest_first().values_list("pk", flat=True))
            next_at = time.monotonic()
            while not self._stop_requested.wait(max(next_at - time.monotonic(), 0)):
                next_at += self.pause
                self._edit(newest[int(len(newest) * random() ** 4)])
            for pk, highlights in self._originals.items():
                Offer.objects.filter(pk=pk).update(highlights=highlights)
        finally:
            connections.close_all()

    def _edit(self, pk: int):
        if pk not in self._originals:
            self._originals[pk] = Offer.objects.values_list("highlights", flat=True).get(pk=pk)
        self.edits += 1
        Offer.objects.filter(pk=pk).update(highlights=f"{self._originals[pk][:500]}\nModification {self.edits}")
