from offers.companies.models.company import Company, Membership
from offers.companies.models.event import CompanyEvent
from offers.companies.models.joining import Invitation, JoinRequest
from offers.companies.models.revision import CompanyRevision

__all__ = [
    "Company",
    "CompanyEvent",
    "CompanyRevision",
    "Invitation",
    "JoinRequest",
    "Membership",
]
