import os
import shutil


def find_chromium() -> str | None:
    """The browser that CHROMIUM= names, or else the first one on the path."""
    named = os.environ.get("CHROMIUM", "")
    return (
        shutil.which(named)
        if named
        else next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    )
