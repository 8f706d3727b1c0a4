"""Communes hold no personal data."""

from jobboard.privacy.registry import exempt

exempt("places.Place", "words of the site, which the public reads")
