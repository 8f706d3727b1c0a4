from django.core.management.base import BaseCommand, CommandError

from jobboard.accounts import factors
from jobboard.accounts.models import User


class Command(BaseCommand):
    help = (
        "Take away the second factors of somebody who lost them, and sign them out everywhere. For the last superuser; "
        "for everybody else the admin does it. Check first who asks: docs/operations.md."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="address of the account")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError("No account has this address.")
        number = factors.reset(user)
        self.stdout.write(f"{number} taken away, recovery codes included." if number else "There was none.")
