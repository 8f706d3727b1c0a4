from django.views.defaults import bad_request


class RefuseNulMiddleware:
    """Answer 400 to a NUL character in a path, a query string, a cookie or a form.

    PostgreSQL cannot store one and raises wherever it meets it, SQLite does not: refusing it up front keeps
    both alike and spares every view the check. Answered rather than raised: a refusal is one line of the log.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Before anything reads a session by its cookie.
        if has_nul(request.path_info, *request.COOKIES.values()) or has_nul_in(request.GET):
            return bad_request(request, None)
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        # A form is parsed only where there is a view for it, which may have set its own upload handlers.
        if has_nul_in(request.POST) or has_nul_in(request.FILES, lambda file: file.name or ""):
            return bad_request(request, None)
        return None


def has_nul_in(data, text=str) -> bool:
    return any(has_nul(key, *map(text, items)) for key, items in data.lists())


def has_nul(*values) -> bool:
    return any("\0" in value for value in values)
