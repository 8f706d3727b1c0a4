from offers.moderation.models.report import Report, ReportMail
from offers.moderation.models.return_reason import ReturnReason
from offers.moderation.models.wording import WordingTerm

__all__ = [
    "Report",
    "ReportMail",
    "ReturnReason",
    "WordingTerm",
]
