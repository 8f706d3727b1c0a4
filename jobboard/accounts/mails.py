"""The mails of accounts. Links with tokens are created when the mail is sent."""

from functools import partial

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from jobboard.accounts.models import User
from jobboard.mail.kinds import Mail, absolute_url, mail_kind

# Mails to an account.
EVENTS = {
    "account_exists": "compte, déjà ouvert",
    "address_changing": "compte, changement d’adresse demandé",
    "codes_made": "compte, nouveaux codes de secours",
    "factor_added": "compte, double authentification ajoutée",
    "factor_removed": "compte, double authentification retirée",
    "factor_reset": "compte, double authentification retirée par l’équipe",
    "password_changed": "compte, mot de passe changé",
}
# Mails to an unconfirmed address.
CONFIRMATIONS = {
    "address_change": "compte, nouvelle adresse à confirmer",
    "address_confirm": "compte, adresse à confirmer",
}
# Mails to a former address, which no account has any more.
LAST_EVENTS = {
    "account_deleted": "compte, supprimé",
    "address_changed": "compte, adresse changée",
}


def _mail(event: str, to: list[str] | None, **context) -> Mail:
    urls = {
        "account_url": absolute_url(reverse("account_home")),
        "login_url": absolute_url(reverse("account_login")),
        "reset_url": absolute_url(reverse("account_reset_password")),
        "contact_url": f"{absolute_url(reverse('contact:form'))}?sujet=compte",
    }
    return Mail(f"account/mail/{event}", {**urls, **context}, to=to)


def _active(user: int) -> User | None:
    return User.objects.filter(pk=user, is_active=True).first()


def _event(event: str, user: int) -> Mail | None:
    instance = _active(user)
    return instance and _mail(event, [instance.email])


def _confirmation(event: str, user: int, address: int) -> Mail | None:
    row = EmailAddress.objects.filter(pk=address, user=_active(user), verified=False).first()
    if row is None:
        # Confirmed or removed meanwhile.
        return None
    link = absolute_url(reverse("account_confirm_email", args=[EmailConfirmationHMAC(row).key]))
    return _mail(event, [row.email], link=link, days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


@mail_kind("accounts.password_reset", "compte, mot de passe à choisir")
def password_reset(user: int) -> Mail | None:
    instance = _active(user)
    if instance is None:
        return None
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(instance)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(instance), token])
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return _mail("password_reset", [instance.email], link=absolute_url(path), hours=hours)


for _name, _label in EVENTS.items():
    mail_kind(f"accounts.{_name}", _label)(partial(_event, _name))
for _name, _label in CONFIRMATIONS.items():
    mail_kind(f"accounts.{_name}", _label)(partial(_confirmation, _name))
for _name, _label in LAST_EVENTS.items():
    mail_kind(f"accounts.{_name}", _label)(partial(_mail, _name, None))
