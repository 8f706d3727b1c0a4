from offers.applications.models.application import (
    Application,
    ApplicationEvent,
    ApplicationMail,
    ApplicationNote,
    ApplicationRefused,
    CvAccess,
)
from offers.applications.models.upload import KeptUpload

__all__ = [
    "Application",
    "ApplicationEvent",
    "ApplicationMail",
    "ApplicationNote",
    "ApplicationRefused",
    "CvAccess",
    "KeptUpload",
]
