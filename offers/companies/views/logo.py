"""The logo of a company, where no web server in front of the site serves it."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Digests, as `offers.companies.logos` makes them, with what the storage adds where two companies have one picture.
_LOGO = re.compile(r"[0-9a-f]{32}(_\w{7})?\.webp")


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def logo(request, name):
    """A logo, where no web server before the site answers for it. Its name tells its content, which never changes."""
    if not _LOGO.fullmatch(name):
        raise Http404
    try:
        file = default_storage.open(f"logos/{name}")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type="image/webp")
