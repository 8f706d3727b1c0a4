"""Edits of offers while pages are measured, one a second: of the title, the pay and the description in turn."""

from contextlib import contextmanager
from itertools import cycle
from random import Random
from threading import Event, Thread

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from offers.models import Offer

EVERY = 1.0
SEED = 7
EDITS = (
    lambda offers: offers.update(title=Concat(F("title"), Value("."))),
    lambda offers: offers.update(pay_max=F("pay_max") + 100),
    lambda offers: offers.update(description=Concat(F("description"), Value("\n\nTexte."))),
)


@contextmanager
def edits(wanted: bool):
    if not wanted:
        yield
        return
    over = Event()
    thread = Thread(target=_edit, args=[over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _edit(over: Event):
    random, pks = Random(SEED), list(Offer.objects.published().values_list("pk", flat=True))
    for edit in cycle(EDITS):
        if over.wait(EVERY):
            break
        edit(Offer.objects.filter(pk=random.choice(pks)))
    connection.close()
