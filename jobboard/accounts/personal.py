"""Personal data of accounts, including the models of django-allauth."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry

from jobboard.accounts.attempts import KNOWN_FOR, PER_ACCOUNT
from jobboard.accounts.devices import device_name
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import active_session_keys
from jobboard.privacy.activities import SECURITY, ProcessingActivity
from jobboard.privacy.processing import declare_data
from jobboard.privacy.registry import (
    OWN_ACCOUNT,
    PersonalDataSource,
    exempt_model,
    filter_by_account,
    filter_by_email,
    format_period,
    register,
)

AS_LONG_AS_THE_ACCOUNT = "aussi longtemps que le compte existe"
ACCOUNTS = ProcessingActivity(
    title="Comptes des recruteurs et de l’équipe",
    purposes="Ouvrir un compte, le protéger, et donner accès aux offres et aux candidatures de son entreprise.",
    legal_basis="Exécution du contrat (article 6.1 b du RGPD)\u00a0; intérêt légitime à la sécurité des comptes "
    "(article 6.1 f).",
    people="Recruteurs inscrits, personnes invitées dans une entreprise, membres de l’équipe du site.",
    recipients=("les membres de la même entreprise, pour le nom, l’adresse e-mail et le rôle",),
)

declare_data(
    SECURITY,
    "Empreintes des comptes et des réseaux dont un mot de passe était faux",
    lambda: format_period(timedelta(seconds=PER_ACCOUNT.window)),
)
declare_data(
    SECURITY,
    "Cookie de l’appareil et empreinte du réseau qui se sont connectés à un compte",
    lambda: format_period(timedelta(seconds=KNOWN_FOR)),
)


# Registered first: sources are erased in reverse order.
@register(User, "Compte")
class AccountDataSource(PersonalDataSource):
    activity = ACCOUNTS
    fields = ["email", "first_name", "last_name", "date_joined", "last_login", "is_active", "is_staff", "groups"]
    not_exported = ("empreinte du mot de passe",)

    @property
    def retention(self):
        days = format_period(settings.UNCONFIRMED_ACCOUNT_DAYS)
        return f"{AS_LONG_AS_THE_ACCOUNT}\u00a0; {days} si son adresse n’est jamais confirmée"

    def get_queryset(self, person):
        return User.objects.filter(pk=person.user.pk) if person.user else User.objects.none()

    def erasure_blockers(self, person):
        if self.get_queryset(person).filter(is_staff=True).exists():
            return [
                "C’est un compte de l’équipe, dont l’historique de l’administration garde les actes. "
                "Une personne qui gère les comptes doit d’abord lui retirer cet accès."
            ]
        return []

    def past_retention(self, at):
        return User.objects.abandoned(at)


@register(EmailAddress, "Adresses e-mail")
class EmailAddressDataSource(PersonalDataSource):
    activity = ACCOUNTS
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["email", "verified", "primary"]
    withheld = {"user": OWN_ACCOUNT}

    def get_queryset(self, person):
        """Return the addresses of the account, and the same address if another account has added it."""
        rows = EmailAddress.objects.all()
        return filter_by_account(rows, person) | filter_by_email(rows, person)


@register(Authenticator, "Double authentification")
class AuthenticatorDataSource(PersonalDataSource):
    # Secrets are not exported: others may read the file.
    activity = ACCOUNTS
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["type", "name", "created_at", "last_used_at"]
    field_labels = {"created_at": "ajoutée le", "last_used_at": "utilisée le"}
    not_exported = ("clé secrète de l’application, clé publique de la clé d’accès, codes de secours",)
    withheld = {"user": OWN_ACCOUNT, "data": "contains the secret; its name is exported"}

    def get_queryset(self, person):
        return filter_by_account(Authenticator.objects.all(), person)

    def name(self, row):
        return row.data.get("name", "")

    name.short_description = "nom"


@register(UserSession, "Sessions")
class SessionDataSource(PersonalDataSource):
    activity = ACCOUNTS
    fields = ["device", "ip", "created_at"]
    field_labels = {"ip": "adresse IP", "created_at": "ouverte le"}
    withheld = {"user": OWN_ACCOUNT, "user_agent": "exported as a device name", "data": "unused by the site"}

    @property
    def retention(self):
        return f"jusqu’à leur fin, {format_period(timedelta(seconds=settings.SESSION_COOKIE_AGE))} au plus"

    def get_queryset(self, person):
        return filter_by_account(UserSession.objects.all(), person)

    def device(self, row):
        return device_name(row.user_agent)

    device.short_description = "appareil"

    def past_retention(self, at):
        """Return the sessions that have expired or were ended."""
        return UserSession.objects.exclude(session_key__in=active_session_keys(at))

    def erase(self, rows):
        sessions = list(rows)
        for session in sessions:
            session.end()
        return len(sessions)


@register(LogEntry, "Actes dans l’administration")
class LogEntryDataSource(PersonalDataSource):
    activity = SECURITY
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["action_time", "get_change_message"]
    field_labels = {"get_change_message": "acte"}
    withheld = {"user": OWN_ACCOUNT}

    def get_queryset(self, person):
        return filter_by_account(LogEntry.objects.all(), person)


exempt_model("account.EmailConfirmation", "unused: confirmation links are signed, no row is created")
for _label in ("auth.Group", "auth.Permission"):
    exempt_model(_label, "names of roles, not of people")
exempt_model(
    "sessions.Session", "contains the pk of an account, and messages until the next page; ends with the account"
)
_REASON = "tasks have pks as arguments, and redacted errors as results (jobboard/ops/logs.py)"
for _label in ("OrmQ", "Task", "Success", "Failure", "Schedule"):
    exempt_model(f"django_q.{_label}", _REASON)
