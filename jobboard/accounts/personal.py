"""What an account holds, and what libraries keep beside it."""

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry

from jobboard.accounts.models import User
from jobboard.personal import Part, by_account, exempt, register


# First, so that it is erased last.
@register(User, "Compte")
class Account(Part):
    retention = "aussi longtemps que le compte existe"
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


@register(EmailAddress, "Adresses e-mail")
class Addresses(Part):
    retention = "aussi longtemps que le compte existe"
    fields = ["email", "verified", "primary"]

    def of(self, person):
        return by_account(EmailAddress.objects.all(), person)


@register(LogEntry, "Actes dans l’administration")
class AdminActs(Part):
    retention = "aussi longtemps que le compte existe"
    fields = ["action_time", "get_change_message"]

    def of(self, person):
        return by_account(LogEntry.objects.all(), person)


exempt("account.EmailConfirmation", "hangs on an address and is deleted with it; links are signed, no row is written")
