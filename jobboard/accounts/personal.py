"""Personal data of accounts, including the models of django-allauth."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry

from jobboard.accounts.devices import device_name
from jobboard.accounts.models import User
from jobboard.accounts.open_sessions import active_session_keys
from jobboard.privacy.registry import (
    OWN_ACCOUNT,
    PersonalDataSource,
    exempt_model,
    filter_by_account,
    filter_by_email,
    register,
)

AS_LONG_AS_THE_ACCOUNT = "aussi longtemps que le compte existe"


# Registered first: sources are erased in reverse order.
@register(User, "Compte")
class AccountDataSource(PersonalDataSource):
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["email", "first_name", "last_name", "date_joined", "last_login", "is_active", "is_staff", "groups"]

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
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["type", "name", "created_at", "last_used_at"]
    withheld = {"user": OWN_ACCOUNT, "data": "contains the secret; its name is exported"}

    def get_queryset(self, person):
        return filter_by_account(Authenticator.objects.all(), person)

    def name(self, row):
        return row.data.get("name", "")

    name.short_description = "nom"


@register(UserSession, "Sessions")
class SessionDataSource(PersonalDataSource):
    retention = "jusqu’à leur fin, quatorze jours au plus"
    fields = ["device", "ip", "created_at"]
    withheld = {"user": OWN_ACCOUNT, "user_agent": "exported as a device name", "data": "unused by the site"}

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
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["action_time", "get_change_message"]
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
