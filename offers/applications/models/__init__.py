from offers.applications.models.application import (
    Application,
    ApplicationEvent,
    ApplicationMail,
    ApplicationNote,
    ApplicationRefused,
    CvAccess,
)
from offers.applications.models.upload import PendingUpload

__all__ = [
    "Application",
    "ApplicationEvent",
    "ApplicationMail",
    "ApplicationNote",
    "ApplicationRefused",
    "CvAccess",
    "PendingUpload",
]
