"""What an account holds, and what libraries keep beside it."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry

from jobboard.accounts.devices import device
from jobboard.accounts.models import LastMail, User
from jobboard.accounts.open_sessions import live_keys
from jobboard.privacy.registry import WHO_ASKED, Part, by_account, by_address, exempt, register

AS_LONG_AS_THE_ACCOUNT = "aussi longtemps que le compte existe"


# First, so that it is erased last.
@register(User, "Compte")
class Account(Part):
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["email", "first_name", "last_name", "date_joined", "last_login", "is_active", "is_staff", "groups"]

    def of(self, person):
        return User.objects.filter(pk=person.user.pk) if person.user else User.objects.none()

    def obstacles(self, person):
        if self.of(person).filter(is_staff=True).exists():
            return [
                "C’est un compte de l’équipe, dont l’historique de l’administration garde les actes. "
                "Une personne qui gère les comptes doit d’abord lui retirer cet accès."
            ]
        return []

    def overdue(self, at):
        return User.objects.abandoned(at)


@register(EmailAddress, "Adresses e-mail")
class Addresses(Part):
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["email", "verified", "primary"]
    withheld = {"user": WHO_ASKED}

    def of(self, person):
        """Those of the account, and the address itself where somebody has added it to another one."""
        rows = EmailAddress.objects.all()
        return by_account(rows, person) | by_address(rows, person)


@register(Authenticator, "Double authentification")
class SecondFactors(Part):
    # Never what proves somebody: a secret in a file that lies about is none.
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["type", "name", "created_at", "last_used_at"]
    withheld = {"user": WHO_ASKED, "data": "the secret; the name in it is handed over"}

    def of(self, person):
        return by_account(Authenticator.objects.all(), person)

    def name(self, row):
        return row.data.get("name", "")

    name.short_description = "nom"


@register(UserSession, "Sessions")
class Sessions(Part):
    retention = "jusqu’à leur fin, quatorze jours au plus"
    fields = ["device", "ip", "created_at"]
    withheld = {"user": WHO_ASKED, "user_agent": "handed over as a device", "data": "the site writes nothing there"}

    def of(self, person):
        return by_account(UserSession.objects.all(), person)

    def device(self, row):
        return device(row.user_agent)

    device.short_description = "appareil"

    def overdue(self, at):
        """Those whose session has ended, one way or another: the list keeps no more than there are."""
        return UserSession.objects.exclude(session_key__in=live_keys(at))

    def erase(self, rows):
        sessions = list(rows)
        for session in sessions:
            session.end()
        return len(sessions)


@register(LastMail, "Derniers e-mails")
class LastMails(Part):
    retention = "jusqu’à leur envoi, un jour au plus"
    fields = ["event", "email", "created_at"]

    def of(self, person):
        return by_address(LastMail.objects.all(), person)

    def overdue(self, at):
        return LastMail.objects.filter(created_at__lt=at - timedelta(days=1))


@register(LogEntry, "Actes dans l’administration")
class AdminActs(Part):
    retention = AS_LONG_AS_THE_ACCOUNT
    fields = ["action_time", "get_change_message"]
    withheld = {"user": WHO_ASKED}

    def of(self, person):
        return by_account(LogEntry.objects.all(), person)


exempt("account.EmailConfirmation", "deleted with the address it hangs on; links are signed, no row is written")
for _label in ("auth.Group", "auth.Permission"):
    exempt(_label, "names of roles, not of people")
exempt("sessions.Session", "the number of an account, and notices until the next page; ended with the account")
_WHY = "tasks know people by the numbers of rows; of an error they keep the kind and the place (jobboard/ops/logs.py)"
for _label in ("OrmQ", "Task", "Success", "Failure", "Schedule"):
    exempt(f"django_q.{_label}", _WHY)
