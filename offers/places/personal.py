"""Communes contain no personal data."""

from jobboard.privacy.registry import exempt_model

exempt_model("places.Place", "public data about communes")
