from functools import wraps

from django.shortcuts import render


def in_our_frame(view):
    """`view` of allauth without its own `site`, a name under which our pages know who the site is."""

    @wraps(view)
    def framed(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if context := getattr(response, "context_data", None):
            context.pop("site", None)
        return response

    return framed


def too_many_requests(request):
    """What allauth answers over its limits, all of which count by the minute or longer."""
    response = render(request, "429.html", {"retry_after": 60}, status=429)
    response["Retry-After"] = "60"
    return response
