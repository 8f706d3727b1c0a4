from offers.moderation.models.report import Report
from offers.moderation.models.return_reason import ReturnReason
from offers.moderation.models.wording import WordingTerm

__all__ = [
    "Report",
    "ReturnReason",
    "WordingTerm",
]
