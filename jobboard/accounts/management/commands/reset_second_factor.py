from django.core.management.base import BaseCommand, CommandError

from jobboard.accounts import factors
from jobboard.accounts.models import User
from jobboard.text.emails import clean_email


class Command(BaseCommand):
    help = (
        "Delete the second factors of a user who lost them, and end their sessions. Meant for the last superuser; for "
        "other users, use the admin. Check the identity of the person first: docs/operations.md."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="e-mail address of the account")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=clean_email(email)).first()
        if user is None:
            raise CommandError("No account has this e-mail address.")
        count = factors.reset_second_factors(user)
        self.stdout.write(f"{count} deleted, recovery codes included." if count else "The account had none.")
