import re
from datetime import datetime
from functools import lru_cache

from django.utils.text import slugify

from jobboard.reversing import cached_reverse
from offers import visibility
from offers.enums import Contract
from offers.models.title import gender_mark

_SEPARATORS = re.compile(r"[^\w\s.-]+")


class PublicOffer:
    """The public attributes of an offer, shared by Offer and by the Card of a list."""

    pk: int
    title: str
    status: str
    contract: str
    experience: str
    confidential: bool
    company_id: int | None
    employer_descriptor: str
    highlights: str
    published_at: datetime | None
    expires_at: datetime | None
    # Pairs of pk and name, by name.
    card_skills: list[list] | None

    def get_absolute_url(self):
        return cached_reverse("catalogue:detail", self.pk, self.slug)

    @property
    def slug(self) -> str:
        return _slug(self.title)

    @property
    def gender_mark(self) -> str:
        return gender_mark(self.title)

    @property
    def public_company(self):
        """Return the company, None if its name is confidential."""
        return None if self.confidential else self.company

    @property
    def surrogate_keys(self) -> set[str]:
        """Return the surrogate keys of pages with the card of this offer: see jobboard.caching.tags."""
        keys = {f"offer:{self.pk}", "places", *(f"skill:{pk}" for pk, _ in self.card_skills or ())}
        if self.company_id and not self.confidential:
            keys.add(f"company:{self.company_id}")
        return keys

    @property
    def employer_line(self) -> str:
        """Return the name of the employer, or its public description if it is confidential."""
        if self.confidential:
            return self.employer_descriptor or "Employeur confidentiel"
        return self.company.name

    @property
    def highlight_list(self) -> list[str]:
        return [text for line in self.highlights.splitlines() if (text := line.strip())]

    @property
    def highlights_line(self) -> str:
        return " · ".join(self.highlight_list)

    @property
    def pay_period(self) -> str:
        """Return “day” for freelance contracts, “year” for the others."""
        return "day" if self.contract == Contract.FREELANCE else "year"

    def is_published(self, at=None) -> bool:
        return visibility.is_published(self, at)


@lru_cache(maxsize=2_000)
def _slug(title: str) -> str:
    # slugify joins the words on both sides of a slash. Of a point it should: “Node.js”.
    return slugify(_SEPARATORS.sub(" ", title)) or "offre"
