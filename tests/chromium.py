import os
import shutil


def find_chromium() -> str | None:
    """Return the path of the browser that CHROMIUM names or, by default, of the first one on PATH."""
    named = os.environ.get("CHROMIUM", "")
    return (
        shutil.which(named)
        if named
        else next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    )
