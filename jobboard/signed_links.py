"""Pages whose address is the key to them."""

import functools

from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods


def by_link(view):
    """For a page whose address is the key to it: kept by nobody, found by no search engine, told to no other page.

    No cookie has a part in what it does, so nobody can be made to do it by another site: its forms need no token of
    Django’s, which would be missing from what mail programs send and is refused where a page hides its address.
    """

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def guarded(request, token, **kwargs):
        response = view(request, token, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded
