from offers.models.event import OfferEvent
from offers.models.offer import Offer
from offers.models.question import Question
from offers.models.revision import Revision
from offers.models.skill import Skill, SkillAlias
from offers.models.transitions import NotAllowed, TransitionRefused

__all__ = [
    "NotAllowed",
    "Offer",
    "OfferEvent",
    "Question",
    "Revision",
    "Skill",
    "SkillAlias",
    "TransitionRefused",
]
