"""The admin's pages of this room, a module for each model; importing them registers them."""

from offers.admin import application, company, offer, place, skill, synonyms, wording

__all__ = ["application", "company", "offer", "place", "skill", "synonyms", "wording"]
