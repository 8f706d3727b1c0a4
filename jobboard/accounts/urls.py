"""The pages of django-allauth that make sense here, in our frame, and our own."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path
from django.views.generic import RedirectView

from jobboard.accounts import views
from jobboard.accounts.views import in_our_frame

urlpatterns = [
    path("", views.home, name="account_home"),
    path("login/", in_our_frame(account.login), name="account_login"),
    path("logout/", in_our_frame(account.logout), name="account_logout"),
    path("inactive/", in_our_frame(account.account_inactive), name="account_inactive"),
    path("signup/", in_our_frame(account.signup), name="account_signup"),
    path("reauthenticate/", in_our_frame(account.reauthenticate), name="account_reauthenticate"),
    path("export/", views.export, name="account_export"),
    path("delete/", views.delete, name="account_delete"),
    # The address
    path("email/", in_our_frame(account.email), name="account_email"),
    path("confirm-email/", in_our_frame(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", in_our_frame(account.confirm_email), name="account_confirm_email"),
    # The password
    path("password/change/", in_our_frame(account.password_change), name="account_change_password"),
    path("password/set/", in_our_frame(account.password_set), name="account_set_password"),
    path("password/reset/", in_our_frame(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", in_our_frame(account.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        in_our_frame(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_our_frame(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    # Where one is signed in
    path("sessions/", views.sessions, name="account_sessions"),
    path("sessions/end/", views.end_session, name="account_end_session"),
    # The second factor
    path("2fa/", in_our_frame(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", in_our_frame(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", in_our_frame(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", in_our_frame(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", in_our_frame(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", in_our_frame(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        in_our_frame(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        views.DownloadRecoveryCodes.as_view(),
        name="mfa_download_recovery_codes",
    ),
    # One page shows the keys and all else.
    path("2fa/keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("2fa/keys/add/", in_our_frame(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/keys/login/", in_our_frame(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "2fa/keys/reauthenticate/",
        in_our_frame(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/keys/<int:pk>/remove/", in_our_frame(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/keys/<int:pk>/edit/", in_our_frame(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
