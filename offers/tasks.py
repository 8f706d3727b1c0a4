from offers import changes
from offers.models import Audience


def prune_changes():
    changes.prune()


def prune_audience():
    Audience.objects.past_retention().delete()
