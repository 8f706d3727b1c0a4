import signal

from django.core.management.base import BaseCommand, CommandError

from jobboard.privacy import purge


class Command(BaseCommand):
    help = (
        "Delete the rows and files past their retention period, as the task worker does every night. Can be stopped "
        "(Ctrl-C) and started again at any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="print the counts without deleting anything")

    def handle(self, *, dry_run, **options):
        if dry_run:
            counts = purge.pending()
            for title, count in counts.items():
                self.stdout.write(f"{title}: {count}")
            self.stdout.write(f"{sum(counts.values())} to delete; nothing was changed.")
            return
        self.stopped = False
        previous = {name: signal.signal(name, self.stop) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            record = purge.run(
                on_progress=lambda title, count: self.stdout.write(f"{title}: {count}"),
                should_continue=lambda: not self.stopped,
            )
        finally:
            for name, handler in previous.items():
                signal.signal(name, handler)
        self.stdout.write(f"{record.total} deleted.")
        if record.failed:
            raise CommandError(
                "Not everything was deleted: " + ", ".join(f"{title} ({e})" for title, e in record.failed.items())
            )
        if not record.finished_at:
            raise CommandError("Stopped. Run it again to go on.")

    def stop(self, *args):
        self.stopped = True
