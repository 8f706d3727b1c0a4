from offers.models.alert import Alert, AlertDelivery
from offers.models.application import (
    Application,
    ApplicationEvent,
    ApplicationMail,
    ApplicationNote,
    ApplicationRefused,
    CvAccess,
)
from offers.models.audience import Audience
from offers.models.change import Change
from offers.models.company import Company, Membership
from offers.models.event import CompanyEvent, OfferEvent
from offers.models.freshness import FreshnessMail, Notice
from offers.models.joining import Invitation, JoinRequest
from offers.models.offer import Offer
from offers.models.place import Place, PostalCode
from offers.models.question import Question
from offers.models.report import Report, ReportMail
from offers.models.return_reason import ReturnReason
from offers.models.revision import Revision
from offers.models.skill import Skill, SkillAlias
from offers.models.synonyms import SynonymSet
from offers.models.transitions import NotAllowed, TransitionRefused
from offers.models.upload import KeptUpload
from offers.models.wording import WordingTerm

__all__ = [
    "Alert",
    "AlertDelivery",
    "Application",
    "ApplicationEvent",
    "ApplicationMail",
    "ApplicationNote",
    "ApplicationRefused",
    "Audience",
    "Change",
    "Company",
    "CompanyEvent",
    "CvAccess",
    "FreshnessMail",
    "Invitation",
    "JoinRequest",
    "KeptUpload",
    "Membership",
    "NotAllowed",
    "Notice",
    "Offer",
    "OfferEvent",
    "Place",
    "PostalCode",
    "Question",
    "Report",
    "ReportMail",
    "ReturnReason",
    "Revision",
    "Skill",
    "SkillAlias",
    "SynonymSet",
    "TransitionRefused",
    "WordingTerm",
]
