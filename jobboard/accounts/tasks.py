from django.core.cache import cache


def forget() -> None:
    """Delete the limits that no longer count. Scheduled every ten minutes; what a person can see goes by the purge."""
    cache.forget_expired()
