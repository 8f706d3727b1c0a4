"""Serve the logos of companies, those of companies without a public page only to their members and the team."""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from offers.companies.models import Company

# Names from `offers.companies.logos`.
_LOGO = re.compile(r"[0-9a-f]{32}\.webp")


@require_safe
def logo(request, name):
    """Serve a logo. A logo of a hidden company gets the response of a file that does not exist.

    The file of a public logo never changes, and browsers cache it for a year.
    """
    path = f"logos/{name}"
    if not _LOGO.fullmatch(name):
        raise Http404
    is_public = Company.objects.public().filter(logo=path).exists()
    if not is_public and not _may_see(request.user, path):
        raise Http404
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="image/webp")
    if is_public:
        patch_cache_control(response, public=True, max_age=365 * 24 * 3600, immutable=True)
    else:
        add_never_cache_headers(response)
    return response


def _may_see(user, path: str) -> bool:
    if not user.is_authenticated:
        return False
    return user.has_perm("companies.view_company") or Company.objects.for_member(user).filter(logo=path).exists()
