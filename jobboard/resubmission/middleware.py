from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from jobboard.resubmission import saved

# In the session: tokens by path, of the forms to submit again after signing in.
SESSION_KEY = "saved_forms"
MAX_FORMS = 5


class SavedFormMiddleware:
    """Keep the forms that were submitted without a session, and show them again once the user has signed in.

    Forms with an invalid CSRF token are shown again at once, by `jobboard.views.csrf_failure`. In both cases their
    files are restored when the form is submitted again.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.method == "GET" and has_session and (response := _resume(request)):
            return response
        response = self.get_response(request)
        # With HX-Redirect, `csrf_failure` has just saved the form.
        if request.method == "POST" and "HX-Redirect" not in response:
            if _asks_to_sign_in(request, response):
                if request.headers.get("HX-Request"):
                    return leave_fragment(request, response.url)
                _keep(request)
            elif token := request.POST.get(saved.TOKEN) or _saved_token(request, has_session):
                _forget(request, token, delete=response.status_code in {302, 303})
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        # After the check of the CSRF token.
        token = request.POST.get(saved.TOKEN) if request.method == "POST" else None
        if not token:
            return None
        if saved.DISCARD in request.POST:
            _forget(request, token, delete=True)
            return HttpResponseRedirect(request.get_full_path())
        submission = saved.load(token)
        if submission and submission.path == request.get_full_path():
            for name, file in submission.files:
                if name not in request.FILES:
                    request.FILES.appendlist(name, file)
        return None


def leave_fragment(request, url: str) -> HttpResponse:
    """Answer a refused request of htmx, whose response would be a whole page inside of the form.

    After a click on a button the browser opens `url`, and the form is saved. An update that the page requests by itself
    is ignored: the user goes on typing.
    """
    is_click = request.headers.get("HX-Trigger-Name", "") in request.POST
    if is_click and saved.is_same_origin(request) and _keep(request):
        return HttpResponseClientRedirect(url)
    return HttpResponse(status=204)


def _asks_to_sign_in(request, response) -> bool:
    if response.status_code != 302 or not saved.is_same_origin(request):
        return False
    path = urlsplit(response.url).path
    return path != request.path and path in {
        resolve_url(settings.LOGIN_URL),
        reverse("admin:login"),
        reverse("account_reauthenticate"),
    }


def _keep(request) -> bool:
    """Save the form, and return whether it will be shown again."""
    submission = saved.submission_of(request)
    if not (submission.fields or submission.files) or not (token := saved.save(request, submission)):
        return False
    forms = {**request.session.get(SESSION_KEY, {}), submission.path: token}
    request.session[SESSION_KEY] = dict(list(forms.items())[-MAX_FORMS:])
    return True


def _saved_token(request, has_session: bool) -> str | None:
    """Return the token of the form saved for this path, or None."""
    return request.session.get(SESSION_KEY, {}).get(request.get_full_path()) if has_session else None


def _resume(request):
    """Return the page with the form saved for this path, or None."""
    if not request.user.is_authenticated:
        return None
    token = _saved_token(request, has_session=True)
    if not token:
        return None
    submission = saved.load(token)
    if submission is None:
        _forget(request, token, delete=False)
        return None
    response = render(request, "resubmission/resume.html", {"submission": submission})
    add_never_cache_headers(response)
    return response


def _forget(request, token: str, *, delete: bool) -> None:
    if delete:
        saved.delete(token)
    forms = request.session.get(SESSION_KEY, {})
    if token in forms.values():
        request.session[SESSION_KEY] = {path: each for path, each in forms.items() if each != token}
