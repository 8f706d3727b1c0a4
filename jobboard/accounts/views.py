import json
from functools import wraps

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.accounts.adapter import send_last_mail
from jobboard.accounts.devices import device
from jobboard.accounts.forms import DeleteForm, NameForm
from jobboard.accounts.open_sessions import live_keys
from jobboard.privacy import registry
from jobboard.privacy.registry import ErasureRefused, Person


def in_our_frame(view):
    """`view` of allauth without its own `site`, a name under which our pages know who the site is.

    What the script for passkeys needs is handed over as text, for an attribute: the pages have no script of their own.
    """

    @wraps(view)
    @never_cache
    def framed(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if context := getattr(response, "context_data", None):
            context.pop("site", None)
            if data := context.get("js_data"):
                (options,) = data.values()
                context["passkey"] = json.dumps(options, cls=DjangoJSONEncoder)
        return response

    return framed


def too_many_requests(request):
    """What allauth answers over its limits, all of which count by the minute or longer."""
    response = render(request, "429.html", {"retry_after": 60}, status=429)
    response["Retry-After"] = "60"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def home(request):
    """All that belongs to one’s account, and its name to change."""
    form = NameForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Le nom est enregistré.")
        return redirect("account_home")
    if form.errors:
        # What was typed stays in the form, not in the rest of the page.
        request.user.refresh_from_db()
    factors = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    return render(
        request,
        "account/home.html",
        {
            "form": form,
            "has_second_factor": bool(factors - {Authenticator.Type.RECOVERY_CODES}),
            "second_factor_needed": settings.STAFF_MFA_REQUIRED and request.user.is_staff,
            "memberships": request.user.memberships.select_related("company").order_by("company__name"),
        },
    )


@never_cache
@require_safe
@login_required
def sessions(request):
    """Where one is signed in."""
    mine = UserSession.objects.filter(user=request.user, session_key__in=live_keys())
    found = list(mine)
    if not any(session.is_current() for session in found):
        # Opened before this list was kept.
        UserSession.objects.create_from_request(request)
        found = list(mine.all())
    for session in found:
        session.device = device(session.user_agent)
    found.sort(key=lambda session: (not session.is_current(), -session.created_at.timestamp()))
    return render(request, "account/sessions.html", {"sessions": found})


@require_POST
@login_required
def end_session(request):
    """Sign out there: in the session whose number was sent, or in all but this one."""
    number = request.POST.get("session", "")
    mine = UserSession.objects.filter(user=request.user)
    if number.isascii() and number.isdigit() and len(number) < 19:
        chosen = list(mine.filter(pk=number))
    elif "others" in request.POST:
        chosen = [session for session in mine if not session.is_current()]
    else:
        chosen = []
    end_sessions(request, chosen)
    if not request.user.is_authenticated:
        return redirect(settings.LOGOUT_REDIRECT_URL)
    if chosen:
        messages.success(request, "La session est fermée." if len(chosen) == 1 else "Les sessions sont fermées.")
    return redirect("account_sessions")


class DownloadRecoveryCodes(DownloadRecoveryCodesView):
    def render_to_response(self, context, **response_kwargs):
        response = super().render_to_response(context, **response_kwargs)
        response["Content-Disposition"] = 'attachment; filename="codes-de-secours.txt"'
        return response


@never_cache
@require_safe
@login_required
@reauthentication_required(app="allauth.account")
def export(request):
    """Everything the site knows of the person, as a file that programs can read too."""
    known = {
        "site": settings.SITE_URL,
        "établi le": timezone.localtime(),
        "données": registry.export(Person(request.user, _proven_address(request.user))),
    }
    return HttpResponse(
        json.dumps(known, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n",
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="mes-donnees.json"'},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required(app="allauth.account")
def delete(request):
    """Delete one’s account, and all that hangs on it."""
    person = Person(request.user)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    reasons = registry.erasure_blockers(person)
    if request.method == "POST" and not reasons and form.is_valid():
        try:
            with transaction.atomic():
                email = request.user.email
                registry.erase(person)
                send_last_mail("account_deleted", email)
        except ErasureRefused as refused:
            # Since the page was made.
            reasons = refused.reasons
        else:
            logout(request)
            messages.success(request, "Le compte est supprimé. Un e-mail le confirme.")
            return redirect("home")
    return render(request, "account/delete.html", {"form": form, "reasons": reasons})


def _proven_address(user) -> str:
    proven = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    return user.email if proven else ""
