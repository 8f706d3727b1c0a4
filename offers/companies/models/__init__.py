from offers.companies.models.company import Company, Membership
from offers.companies.models.event import CompanyEvent
from offers.companies.models.joining import Invitation, JoinRequest

__all__ = [
    "Company",
    "CompanyEvent",
    "Invitation",
    "JoinRequest",
    "Membership",
]
