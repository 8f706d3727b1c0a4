"""Serve company logos, unless a web server in front of the site does."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Names from `offers.companies.logos`: a digest, plus the suffix of the storage when two companies have the same logo.
_LOGO = re.compile(r"[0-9a-f]{32}(_\w{7})?\.webp")


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def logo(request, name):
    """Serve a logo with an immutable cache header: its name is a digest of its content."""
    if not _LOGO.fullmatch(name):
        raise Http404
    try:
        file = default_storage.open(f"logos/{name}")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type="image/webp")
