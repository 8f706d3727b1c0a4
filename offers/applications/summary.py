"""The offer of an application as its candidate may see it, in every status of the offer.

A reopened offer is edited as a draft, whose text, and the name of a formerly confidential employer, are not public yet.
Until it is published again, candidates see the version that was published last.
"""

import copy
from dataclasses import dataclass

from offers.applications.models import Application
from offers.models import versions


@dataclass(frozen=True)
class OfferSummary:
    title: str
    employer_line: str
    place: str
    is_published: bool
    # Path of the page of the offer, empty while it answers 404 or 410.
    url: str = ""
    # Usual time to answer of a company that is named.
    answer_days: int | None = None


def summarize(application: Application) -> OfferSummary:
    """Return the offer of an application selected by `for_candidate`."""
    offer, version = application.offer, application.published_version
    if not offer.was_published() and version:
        published = copy.copy(offer)
        versions.assign(published, version, foreign_keys=False)
        return OfferSummary(
            title=published.title,
            employer_line=published.employer_line if published.confidential else version["company"]["text"],
            place=version["place"]["text"] if version["place"] else "",
            is_published=False,
        )
    company = offer.public_company
    return OfferSummary(
        title=offer.title,
        employer_line=offer.employer_line,
        place=str(offer.place or ""),
        is_published=offer.is_published(),
        url=offer.get_absolute_url() if offer.was_published() and not offer.is_gone() else "",
        answer_days=company.answer_days if company else None,
    )
