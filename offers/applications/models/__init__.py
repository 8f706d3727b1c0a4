from offers.applications.models.application import (
    Application,
    ApplicationEvent,
    ApplicationNote,
    ApplicationRefused,
    CvAccess,
)
from offers.applications.models.upload import KeptUpload

__all__ = [
    "Application",
    "ApplicationEvent",
    "ApplicationNote",
    "ApplicationRefused",
    "CvAccess",
    "KeptUpload",
]
