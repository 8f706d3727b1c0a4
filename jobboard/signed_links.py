"""Views that are authorized by a signed token in their URL."""

import functools

from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods


def signed_link_view(view):
    """Decorate a view whose URL contains a signed token: never cached, not indexed, no Referer sent.

    CSRF-exempt: the view uses no cookies, and the checks would fail for one-click unsubscription by mail programs and
    for the `no-referrer` policy.
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
