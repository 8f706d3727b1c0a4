from offers.applications.models.application import (
    Application,
    ApplicationConsent,
    ApplicationEvent,
    ApplicationNote,
    ApplicationRefused,
    CvAccess,
)
from offers.applications.models.upload import PendingUpload

__all__ = [
    "Application",
    "ApplicationConsent",
    "ApplicationEvent",
    "ApplicationNote",
    "ApplicationRefused",
    "CvAccess",
    "PendingUpload",
]
