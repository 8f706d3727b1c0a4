from django.core.cache import cache


def forget() -> None:
    """Delete expired rate limits from the cache. Scheduled every ten minutes; personal data is deleted by the purge."""
    cache.delete_expired()
