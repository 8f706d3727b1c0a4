from offers.catalogue.models import Audience


def prune_audience() -> None:
    """Delete the counts of views past their retention. Scheduled every day."""
    Audience.objects.past_retention().delete()
