import signal

from django.core.management.base import BaseCommand, CommandError

from jobboard.privacy import purge


class Command(BaseCommand):
    help = (
        "Delete what may no longer be kept, rows and files, as the task worker does every night. Can be stopped "
        "(Ctrl-C) and started again at any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *, dry_run, **options):
        if dry_run:
            found = purge.pending()
            for title, count in found.items():
                self.stdout.write(f"{title}: {count}")
            self.stdout.write(f"{sum(found.values())} to delete; nothing was changed.")
            return
        self.stopped = False
        previous = {name: signal.signal(name, self.stop) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            done = purge.run(
                say=lambda title, count: self.stdout.write(f"{title}: {count}"), go_on=lambda: not self.stopped
            )
        finally:
            for name, handler in previous.items():
                signal.signal(name, handler)
        self.stdout.write(f"{done.total} deleted.")
        if done.failed:
            raise CommandError("Not everything: " + ", ".join(f"{title} ({e})" for title, e in done.failed.items()))
        if not done.finished_at:
            raise CommandError("Stopped. Run it again to go on.")

    def stop(self, *args):
        self.stopped = True
