from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import resolve
from django.utils.cache import get_conditional_response

from jobboard.caching.pages import Key, PageCache, Unavailable
from jobboard.middleware import database_unavailable_response
from offers.changelog.version import PublicVersion
from offers.search.revalidation import observed_generation


class PageCacheMiddleware:
    """Serve cached responses before sessions are loaded, and cache the responses with tags.

    Loading the session took a third of the time. Headers are set by the middleware above this one.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.cache = PageCache(PublicVersion(), observed_generation)

    def __call__(self, request):
        key = cache_key(request)
        if not is_anonymous_get(request) or not (key in self.cache or is_cached_view(request.path_info)):
            return self.get_response(request)
        try:
            response = self.cache.get_or_render(key, lambda: self.get_response(request))
        except Unavailable:
            return database_unavailable_response()
        if "ETag" in response:
            return get_conditional_response(request, etag=response["ETag"], response=response)
        return response


def is_anonymous_get(request: HttpRequest) -> bool:
    """Return whether the request is a GET without a session, and not from htmx.

    htmx requests a fragment from the URL of a page, so its responses must not be cached under the same key.
    """
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "HTTP_HX_REQUEST" not in request.META
    )


def cache_key(request: HttpRequest) -> Key:
    return request.path_info, request.META["QUERY_STRING"]


def is_cached_view(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "cached_page", False)
    except Http404:
        return False
