from functools import lru_cache

from django.urls import get_urlconf, reverse


def fixed_address(name: str, *arguments: str) -> str:
    """`reverse` for pages of which there are few: each is worked out once by a process."""
    return _reverse(name, arguments, get_urlconf())


@lru_cache(maxsize=500)
def _reverse(name: str, arguments: tuple[str, ...], urlconf: str | None) -> str:
    return reverse(name, urlconf, arguments)
