import signal
import threading
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobboard.text.numbers import thousands
from offers.indexing import health
from offers.indexing.builder import Stopped
from offers.indexing.follow import follow
from offers.indexing.health import Health
from offers.indexing.writer import Locked, Writer
from offers.search.index import SearchUnavailable, current_folder, request_maintenance

PROBLEMS = {
    Health.LATE: "L’index n’est plus suivi\u00a0: le processus «\u00a0search_index follow\u00a0» est arrêté.",
    Health.UNAVAILABLE: "Cette machine n’a pas d’index utilisable\u00a0: lancez «\u00a0search_index follow\u00a0».",
}
STOPPED = "Arrêté\u00a0: la même commande reprendra où celle-ci s’est arrêtée."


class Command(BaseCommand):
    help = "L’index de recherche de cette machine\u00a0: le suivre, le reconstruire, le contrôler."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        following = actions.add_parser(
            "follow", help="tenir l’index à jour jusqu’à l’arrêt, en le construisant s’il manque (un par machine)"
        )
        following.add_argument("--every", dest="interval", type=float, default=0.5, metavar="SECONDES")
        actions.add_parser("rebuild", help="reconstruire l’index à côté de l’actuel, puis le remplacer")
        status = actions.add_parser(
            "status", help="documents, retard, écart avec la base\u00a0; code 1 si tout ne va pas"
        )
        status.add_argument("--quick", action="store_true", help="sans comparer chaque offre avec la base")
        actions.add_parser("check", help="contrôler les fichiers, comparer l’index avec la base, réparer les écarts")

    def handle(self, action, **options):
        self.root = Path(settings.SEARCH_DIR)
        self.stopping = threading.Event()
        handlers = {}
        if action != "status" and threading.current_thread() is threading.main_thread():
            handlers = {signum: signal.signal(signum, self.stop) for signum in (signal.SIGINT, signal.SIGTERM)}
        try:
            getattr(self, f"do_{action}")(**options)
        except Stopped:
            raise CommandError(STOPPED) from None
        except OSError as error:
            raise CommandError(f"Le dossier de l’index ({self.root}) pose problème\u00a0: {error}") from error
        except SearchUnavailable as error:
            raise CommandError(PROBLEMS[Health.UNAVAILABLE]) from error
        finally:
            for signum, handler in handlers.items():
                signal.signal(signum, handler)

    def stop(self, signum, frame):
        # The first signal stops gracefully, the second one immediately.
        signal.signal(signum, signal.SIG_DFL)
        self.stopping.set()

    def write(self, text: str):
        self.stdout.write(text)
        self.stdout.flush()

    def report_progress(self, done: int, total: int):
        share = f" ({done * 100 // total} %)" if total else ""
        self.write(f"  {thousands(done)} offres sur {thousands(total)}{share}")

    def writer(self) -> Writer:
        return Writer(self.root, self.report_progress, self.stopping.is_set)

    # Actions

    def do_follow(self, interval, **options):
        follow(self.root, interval, self.stopping, self.report_progress, self.write)

    def do_rebuild(self, **options):
        before, began = current_folder(self.root), time.monotonic()
        requested, reported = False, None
        while True:
            try:
                with self.writer() as writer:
                    if not writer.rebuild():
                        raise Stopped
                break
            except Locked:
                if not requested:
                    request_maintenance(self.root, "rebuild")
                    requested = True
                    self.write("Le processus qui suit l’index le reconstruit\u00a0; Ctrl-C ne l’interrompt pas.")
            # Wait until the follower has swapped the index, or has released the lock.
            if current_folder(self.root) != before:
                break
            state = health.building_state(self.root)
            if state and state.done != reported:
                reported = state.done
                self.report_progress(state.done, state.total)
            if self.stopping.wait(0.5):
                raise CommandError("Le processus qui suit l’index continue de le reconstruire.")
        self.write(f"Index reconstruit en {time.monotonic() - began:.1f} s.".replace(".", ",", 1))

    def do_check(self, **options):
        try:
            with self.writer() as writer:
                drift = writer.check()
        except Locked:
            request_maintenance(self.root, "check")
            self.write("Le processus qui suit l’index le contrôle et le répare\u00a0; son journal en dit le résultat.")
            return
        if drift is None:
            self.write("Des fichiers étaient endommagés\u00a0: l’index a été reconstruit.")
        elif drift:
            self.write(f"{describe(drift)}\u00a0: tout est réparé.")
        else:
            self.write("L’index est conforme à la base.")

    def do_status(self, quick, **options):
        report = health.report(with_drift=not quick)
        late = report.seconds_since_agreed
        lines = {
            "Documents": "aucun index" if report.documents is None else thousands(report.documents),
            "Offres publiées en base": thousands(report.published),
            "D’accord avec la base": "jamais" if late is None else f"il y a {late:.1f} s".replace(".", ","),
            "Lignes du journal en attente": "—" if report.waiting is None else thousands(report.waiting),
            "Écart avec la base": "non mesuré" if report.drift is None else describe(report.drift),
            "Taille": f"{report.bytes / 1e6:.1f} Mo".replace(".", ","),
        }
        if report.building:
            lines["Construction en cours"] = f"{thousands(report.building.done)} sur {thousands(report.building.total)}"
        for name, value in lines.items():
            self.write(f"{name:<30}{value}")
        if report.health != Health.OK:
            raise CommandError(PROBLEMS[report.health])
        if report.drift:
            raise CommandError("L’index s’écarte de la base\u00a0: lancez «\u00a0search_index check\u00a0».")


def describe(drift) -> str:
    if not drift:
        return "aucun"
    missing, extra, changed = drift.counts
    return f"{thousands(missing)} en moins, {thousands(extra)} en trop, {thousands(changed)} d’un ancien état"
