"""Names of places outside of France, from `data/abroad.toml`."""

import re
import tomllib
from functools import cache

from offers.places.areas import DATA
from offers.places.models import place_key

# “1000 Bruxelles”, “CH-1201 Genève”, “L-1855 Luxembourg”.
_POSTAL_CODE = re.compile(r"^(?:[a-z]{1,2} ?)?\d{4,5} ", re.ASCII)


@cache
def _keys() -> frozenset[str]:
    with (DATA / "abroad.toml").open("rb") as file:
        countries = tomllib.load(file)["country"]
    return frozenset(place_key(name) for row in countries for name in (row["label"], *row["names"]))


def is_abroad(key: str) -> bool:
    """Return whether a key is the name of a country or city outside of France, possibly after its postal code."""
    return key in _keys() or (key[-1:].isalpha() and _POSTAL_CODE.sub("", key) in _keys())
