import re
from functools import lru_cache

from django.conf import settings
from django.urls import reverse


def cached_reverse(name: str, *args: int | str) -> str:
    """Return the path that `reverse` returns for URL patterns that take only integers and slugs, several times faster.

    Each process reverses a pattern once and then only fills in `args`, which it does not quote.
    """
    return _path_format(name, len(args), settings.ROOT_URLCONF) % args


@lru_cache(maxsize=500)
def _path_format(name: str, count: int, urlconf: str) -> str:
    """Return the path of `name` with “%s” in place of each of its `count` arguments."""
    # Digits match integer and slug converters alike, and no path has so many digits of its own.
    markers = [f"9{index:018}" for index in range(count)]
    path = reverse(name, urlconf, markers).replace("%", "%%")
    return re.sub("|".join(markers), "%s", path) if markers else path
