"""The admin's pages of this room, a module for each model; importing them registers them."""

from offers.admin import company, offer, place, skill, synonyms

__all__ = ["company", "offer", "place", "skill", "synonyms"]
