import re
from functools import lru_cache

from django.urls import get_urlconf, reverse


def address_of(name: str, *arguments: int | str) -> str:
    """`reverse` for pages whose addresses have nothing but numbers and slugs in them.

    What the addresses of a name have alike is worked out once by a process; the arguments are put in as they are.
    """
    return _form(name, len(arguments), get_urlconf()) % arguments


@lru_cache(maxsize=500)
def _form(name: str, number: int, urlconf: str | None) -> str:
    """The address with “%s” for each of so many arguments."""
    # Digits are numbers and slugs alike, and no address of ours has so many of its own.
    marks = [f"9{place:018}" for place in range(number)]
    form = reverse(name, urlconf, marks).replace("%", "%%")
    return re.sub("|".join(marks), "%s", form) if marks else form
