"""The admin's pages of this room, a module for each model; importing them registers them."""

from offers.admin import application, company, moderation, offer, place, report, skill, synonyms, wording

__all__ = ["application", "company", "moderation", "offer", "place", "report", "skill", "synonyms", "wording"]
