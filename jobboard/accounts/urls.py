"""The pages of django-allauth that make sense here: no sign-up of one's own yet, no second address to manage."""

from allauth.account import views
from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

from jobboard.accounts.views import in_our_frame

urlpatterns = [
    path("", RedirectView.as_view(pattern_name=settings.LOGIN_REDIRECT_URL)),
    path("login/", in_our_frame(views.login), name="account_login"),
    path("logout/", in_our_frame(views.logout), name="account_logout"),
    path("inactive/", in_our_frame(views.account_inactive), name="account_inactive"),
    path("signup/", in_our_frame(views.signup), name="account_signup"),
    path("reauthenticate/", in_our_frame(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", in_our_frame(views.password_change), name="account_change_password"),
    path("password/set/", in_our_frame(views.password_set), name="account_set_password"),
    path("password/reset/", in_our_frame(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", in_our_frame(views.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        in_our_frame(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_our_frame(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]
