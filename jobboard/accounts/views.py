import json
from functools import wraps

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobboard.accounts import attempts, factors
from jobboard.accounts.devices import device_name
from jobboard.accounts.factors import recent_second_factor_required
from jobboard.accounts.forms import DeleteAccountForm, NameForm
from jobboard.accounts.open_sessions import active_session_keys
from jobboard.mail.outbox import queue_mail
from jobboard.privacy import registry
from jobboard.privacy.registry import ErasureRefused, Person


def allauth_view(view):
    """Adapt a view of allauth to the templates of the site.

    Removes `site` from its context, which would replace the variable of the context processor, and adds the options of
    the passkey script as JSON in `passkey`, for a data attribute: inline scripts are forbidden by the CSP.
    """

    @wraps(view)
    @never_cache
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if context := getattr(response, "context_data", None):
            context.pop("site", None)
            if data := context.get("js_data"):
                (options,) = data.values()
                context["passkey"] = json.dumps(options, cls=DjangoJSONEncoder)
        return response

    return wrapper


def too_many_requests(request):
    """Answer 429 when a rate limit of allauth is exceeded. All its periods are at least a minute."""
    response = render(request, "429.html", {"retry_after": 60}, status=429)
    response["Retry-After"] = "60"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def home(request):
    """Show the account page, with a form to change the name."""
    form = NameForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Le nom est enregistré.")
        return redirect("account_home")
    if form.errors:
        # Show the invalid input in the form only, not in the rest of the page.
        request.user.refresh_from_db()
    return render(
        request,
        "account/home.html",
        {
            "form": form,
            "has_second_factor": factors.has_second_factor(request.user),
            "second_factor_needed": request.user.needs_second_factor,
            "memberships": request.user.memberships.select_related("company").order_by("company__name"),
        },
    )


@never_cache
@require_safe
@login_required
def sessions(request):
    """List the active sessions of the user, the current one first."""
    queryset = UserSession.objects.filter(user=request.user, session_key__in=active_session_keys())
    rows = list(queryset)
    if not any(session.is_current() for session in rows):
        # The session was opened before allauth.usersessions was installed.
        UserSession.objects.create_from_request(request)
        rows = list(queryset.all())
    for session in rows:
        session.device = device_name(session.user_agent)
    rows.sort(key=lambda session: (not session.is_current(), -session.created_at.timestamp()))
    return render(request, "account/sessions.html", {"sessions": rows})


@require_POST
@login_required
def end_session(request):
    """End the session with the posted pk, or with `others` all sessions except the current one."""
    pk = request.POST.get("session", "")
    queryset = UserSession.objects.filter(user=request.user)
    if pk.isascii() and pk.isdigit() and len(pk) < 19:
        ended = list(queryset.filter(pk=pk))
    elif "others" in request.POST:
        ended = [session for session in queryset if not session.is_current()]
    else:
        ended = []
    end_sessions(request, ended)
    if not request.user.is_authenticated:
        return redirect(settings.LOGOUT_REDIRECT_URL)
    if ended:
        messages.success(request, "La session est fermée." if len(ended) == 1 else "Les sessions sont fermées.")
    return redirect("account_sessions")


class ActivateTOTP(ActivateTOTPView):
    def form_valid(self, form):
        try:
            with transaction.atomic():
                response = super().form_valid(form)
                authenticator = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
                # The code of the activation is valid once too.
                authenticator.data[factors.LAST_COUNTER] = form.counter
                authenticator.save(update_fields=["data"])
        except IntegrityError:
            # A concurrent request has added an app.
            return redirect("mfa_index")
        # The code has just been entered: do not ask for another one, which the app shows in half a minute.
        post_authentication(self.request, authenticator, reauthenticated=True)
        return response


class AddPasskey(AddWebAuthnView):
    def form_valid(self, form):
        response = super().form_valid(form)
        # The key has just been used.
        key = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN).latest("pk")
        post_authentication(self.request, key, reauthenticated=True)
        return response


class ResetPassword(PasswordResetFromKeyView):
    def form_valid(self, form):
        """Make the device known: the link was sent by mail, and wrong passwords of others must not lock it out."""
        response = super().form_valid(form)
        attempts.remember(self.request, response, self.reset_user)
        return response


class DownloadRecoveryCodes(DownloadRecoveryCodesView):
    def render_to_response(self, context, **response_kwargs):
        response = super().render_to_response(context, **response_kwargs)
        response["Content-Disposition"] = 'attachment; filename="codes-de-secours.txt"'
        return response


@never_cache
@require_safe
@login_required
@recent_second_factor_required
@reauthentication_required(app="allauth.account")
def export(request):
    """Download all personal data of the user as JSON (GDPR, articles 15 and 20)."""
    data = {
        "site": settings.SITE_URL,
        "établi le": timezone.localtime(),
        "données": registry.export(Person(request.user, _verified_email(request.user))),
    }
    return HttpResponse(
        json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n",
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="mes-donnees.json"'},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@recent_second_factor_required
@reauthentication_required(app="allauth.account")
def delete(request):
    """Delete the account of the user with all personal data."""
    person = Person(request.user)
    form = DeleteAccountForm(request.POST if request.method == "POST" else None)
    reasons = registry.erasure_blockers(person)
    if request.method == "POST" and not reasons and form.is_valid():
        try:
            with transaction.atomic():
                email = request.user.email
                registry.erase(person)
                queue_mail("accounts.account_deleted", recipient=email)
        except ErasureRefused as error:
            # A blocker has appeared since the page was rendered.
            reasons = error.reasons
        else:
            logout(request)
            messages.success(request, "Le compte est supprimé. Un e-mail le confirme.")
            return redirect("home")
    return render(request, "account/delete.html", {"form": form, "reasons": reasons})


def _verified_email(user) -> str:
    """Return the e-mail address of the account if it is verified, else ""."""
    verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    return user.email if verified else ""
