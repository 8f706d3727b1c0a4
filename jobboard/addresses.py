import re
from functools import lru_cache

from django.urls import get_urlconf, reverse


def fixed_address(name: str, *arguments: str) -> str:
    """`reverse` for pages of which there are few: each is worked out once by a process."""
    return _reverse(name, arguments, get_urlconf())


@lru_cache(maxsize=500)
def _reverse(name: str, arguments: tuple[str, ...], urlconf: str | None) -> str:
    return reverse(name, urlconf, arguments)


def address_of(name: str, *arguments: int | str) -> str:
    """`reverse` for pages of which there are many, with numbers and slugs in their addresses.

    What all of them have alike is worked out once by a process; the arguments are put in as they are.
    """
    return _form(name, len(arguments), get_urlconf()) % arguments


@lru_cache(maxsize=100)
def _form(name: str, number: int, urlconf: str | None) -> str:
    """The address with “%s” for each of so many arguments."""
    # Digits are numbers and slugs alike, and no address of ours has so many of its own.
    marks = [f"9{place:018}" for place in range(number)]
    return re.sub("|".join(marks), "%s", reverse(name, urlconf, marks).replace("%", "%%"))
