"""Prepare a checkout for serving: database, data files, search index, static files."""

import hashlib
import secrets
import time
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from jobboard import storage as storage_module
from jobboard.accounts.adapter import confirm_address
from offers.changelog import log
from offers.companies.models import Company, Membership
from offers.indexing.writer import Locked, Writer
from offers.models import Offer

CURATOR, RECRUITER = "curator@example.org", "recruiter@example.org"


class Command(BaseCommand):
    help = (
        "Bring the database, the search index and the static files up to date: migrations, communes, skills, synonyms, "
        "wording, role profiles; in development also the first offers and two accounts. Running it again changes "
        "nothing that users edited."
    )
    # The tables may not exist yet; migrate runs its own checks.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--no-static", action="store_true", help="do not collect static files, as for make dev")

    def handle(self, *, no_static, **options):
        steps = [
            ("Database tables", self.migrate),
            ("Cache table", lambda: call_command("createcachetable", verbosity=0)),
            ("Communes of France", lambda: self.load("load_places")),
            ("Skills", lambda: self.load("load_skills")),
            ("Synonyms", lambda: self.load("load_synonyms")),
            ("Wording", lambda: self.load("load_wording")),
            ("Role profiles", lambda: self.load("load_roles")),
        ]
        if not settings.PRODUCTION:
            steps.append(("First offers", lambda: self.load("load_offers")))
        # After the offers, so that they are in the index.
        steps.append(("Search index", self.build_index))
        if not no_static:
            steps.append(("Static files", self.collect_static))
        if not settings.PRODUCTION:
            # Last, so that the passwords stay visible on the terminal.
            steps.append(("Demo accounts", self.make_accounts))

        Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        for index, (name, step) in enumerate(steps, 1):
            self.stdout.write(self.style.MIGRATE_HEADING(f"[{index}/{len(steps)}] {name}"))
            self.stdout.flush()
            start = time.monotonic()
            result = step() or "done"
            self.stdout.write(f"      {result} ({time.monotonic() - start:.1f} s)")

    def load(self, command: str):
        call_command(command, stdout=IndentedOutput(self.stdout), stderr=self.stderr)

    def migrate(self) -> str:
        executor = MigrationExecutor(connection)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
        # A migration may have rebuilt a table, which drops its triggers.
        log.ensure_triggers()
        if not pending:
            return "up to date"
        return f"{pending} migrations applied"

    def build_index(self) -> str:
        """Build the search index of this host if it has no usable one, and return the result in words."""
        try:
            with Writer(report_progress=self.print_progress) as writer:
                writer.ensure_index()
                writer.follow_once()
                return f"{writer.current.searcher().num_docs} offers"
        except Locked:
            return "maintained by the running search_index process"
        except (OSError, ValueError) as error:
            # Pages work without the index; `search_index follow` builds it later.
            return f"not built, the site starts without search: {error}"

    def print_progress(self, done: int, total: int):
        if done < total:
            self.stdout.write(f"      {done} of {total} offers")
            self.stdout.flush()

    def collect_static(self) -> str:
        """Hash and compress the static files (about ten seconds) unless they are unchanged since the last run."""
        digest = static_digest()
        digest_file = settings.VAR_DIR / "static.sha256"
        manifest = Path(settings.STATIC_ROOT).parent / "staticfiles.json"
        if manifest.exists() and digest_file.exists() and digest_file.read_text() == digest:
            return "up to date"
        self.stdout.write("      hashing and compressing, about ten seconds …")
        self.stdout.flush()
        call_command("collectstatic", interactive=False, verbosity=0)
        digest_file.write_text(digest)
        return "collected"

    def make_accounts(self) -> str:
        """Create a curator and a recruiter with random passwords, which are only printed here."""
        User = get_user_model()
        if User.objects.exists():
            return "accounts exist already: nothing created"
        passwords = [secrets.token_urlsafe(12) for _ in range(2)]
        with transaction.atomic():
            curator = User.objects.create_superuser(CURATOR, passwords[0], first_name="Camille", last_name="Curation")
            curator.groups.set(Group.objects.all())
            recruiter = User.objects.create_user(RECRUITER, passwords[1], first_name="Rose", last_name="Recrutement")
            Membership.objects.create(company=self.company(), user=recruiter)
            for user in (curator, recruiter):
                confirm_address(user)
        login, areas = settings.SITE_URL + reverse("account_login"), ("the admin", "the recruiter area")
        self.stdout.write(f"      Sign in on {login} (the passwords are random and shown this once):")
        for email, password, area in zip((CURATOR, RECRUITER), passwords, areas, strict=True):
            self.stdout.write(self.style.SUCCESS(f"        {email:<24}{password:<20}{area}"))
        return "created"

    def company(self) -> Company:
        """Return the company of the demo recruiter: one with a published offer if there is any."""
        offer = Offer.objects.published().filter(company__isnull=False).select_related("company").first()
        return offer.company if offer else Company.objects.get_or_create(name="Entreprise d’essai")[0]


class IndentedOutput:
    """A text stream that indents the output of another command, including lines rewritten with a carriage return."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text: str):
        lines = text.removesuffix("\n").replace("\r", "\r      ").split("\n")
        self.stream.write("\n".join("      " + line for line in lines), ending="\n" if text.endswith("\n") else "")

    def flush(self):
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()


def static_digest() -> str:
    """Return a SHA-256 of all static files, and of the storage, Django and WhiteNoise, which process them."""
    digest = hashlib.sha256(f"{metadata.version('django')} {metadata.version('whitenoise')}\n".encode())
    digest.update(Path(storage_module.__file__).read_bytes())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda item: item[0]):
            digest.update(path.encode() + b"\0")
            digest.update(hashlib.sha256(Path(storage.path(path)).read_bytes()).digest())
    return digest.hexdigest()
