from django.core.cache import cache


def delete_expired_limits() -> None:
    """Delete expired rate limits from the cache. Scheduled every ten minutes."""
    cache.delete_expired()
