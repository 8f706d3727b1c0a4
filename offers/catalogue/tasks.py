from offers.catalogue.models import Audience


def prune_audience():
    Audience.objects.past_retention().delete()
