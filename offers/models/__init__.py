from offers.models.change import Change
from offers.models.company import Company, Membership
from offers.models.offer import Offer, TransitionRefused
from offers.models.place import Place, PostalCode
from offers.models.skill import Skill, SkillAlias
from offers.models.synonyms import SynonymSet

__all__ = [
    "Change",
    "Company",
    "Membership",
    "Offer",
    "Place",
    "PostalCode",
    "Skill",
    "SkillAlias",
    "SynonymSet",
    "TransitionRefused",
]
