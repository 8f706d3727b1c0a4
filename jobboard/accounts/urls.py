"""URLs of the account pages: views of django-allauth in the site’s layout, and own views."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path
from django.views.generic import RedirectView

from jobboard.accounts import views
from jobboard.accounts.factors import recent_second_factor_required
from jobboard.accounts.views import allauth_view


def sensitive_view(view):
    """Adapt a view of allauth that changes how a user authenticates."""
    return recent_second_factor_required(allauth_view(view))


urlpatterns = [
    path("", views.home, name="account_home"),
    path("login/", allauth_view(account.login), name="account_login"),
    path("logout/", allauth_view(account.logout), name="account_logout"),
    path("inactive/", allauth_view(account.account_inactive), name="account_inactive"),
    path("signup/", allauth_view(account.signup), name="account_signup"),
    path("reauthenticate/", allauth_view(account.reauthenticate), name="account_reauthenticate"),
    path("export/", views.export, name="account_export"),
    path("delete/", views.delete, name="account_delete"),
    # E-mail address
    path("email/", sensitive_view(account.email), name="account_email"),
    path("confirm-email/", allauth_view(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", allauth_view(account.confirm_email), name="account_confirm_email"),
    # Password
    path("password/change/", sensitive_view(account.password_change), name="account_change_password"),
    path("password/set/", sensitive_view(account.password_set), name="account_set_password"),
    path("password/reset/", allauth_view(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", allauth_view(account.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth_view(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_view(views.ResetPassword.as_view()),
        name="account_reset_password_from_key",
    ),
    # Sessions
    path("sessions/", views.sessions, name="account_sessions"),
    path("sessions/end/", views.end_session, name="account_end_session"),
    # Second factor
    path("2fa/", allauth_view(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", allauth_view(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", allauth_view(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", sensitive_view(views.ActivateTOTP.as_view()), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", sensitive_view(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", sensitive_view(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        sensitive_view(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        recent_second_factor_required(views.DownloadRecoveryCodes.as_view()),
        name="mfa_download_recovery_codes",
    ),
    # A single page lists passkeys and all other factors.
    path("2fa/keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("2fa/keys/add/", sensitive_view(views.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("2fa/keys/login/", allauth_view(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "2fa/keys/reauthenticate/",
        allauth_view(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/keys/<int:pk>/remove/", sensitive_view(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/keys/<int:pk>/edit/", sensitive_view(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
