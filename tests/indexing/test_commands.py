"""The command `search_index`."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from offers.changelog import triggers
from offers.indexing.writer import Writer
from offers.models import Offer
from offers.search.index import reader
from tests.factories import make_offer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run_command(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    settings.SEARCH_DIR = tmp_path / "search"

    def run_command(*arguments) -> str:
        out = io.StringIO()
        try:
            call_command("search_index", *arguments, stdout=out)
        except CommandError as error:
            out.write(f"refused: {error}")
        return out.getvalue().replace("\u00a0", " ").replace("\u202f", " ")

    return run_command


@pytest.fixture
def without_triggers():
    """Return a function that calls another one while the change log has no triggers."""

    def call(function):
        triggers.drop_triggers()
        function()
        triggers.create_triggers()

    return call


def test_status_without_an_index_fails(run_command):
    make_offer()
    report = run_command("status")
    assert "Documents                     aucun index" in report
    assert "Offres publiées en base       1" in report
    assert "refused: Cette machine n’a pas d’index utilisable" in report


def test_rebuild_prints_progress_and_replaces_the_index(run_command):
    make_offer(title="Cobol")
    make_offer(title="Ada")
    report = run_command("rebuild")
    assert "2 offres sur 2 (100 %)" in report
    assert "Index reconstruit en" in report
    report = run_command("status")
    assert "Documents                     2" in report
    assert "Lignes du journal en attente  0" in report
    assert "Écart avec la base            aucun" in report
    assert "refused" not in report
    # A second build replaces the index.
    before = reader().generation()
    run_command("rebuild")
    assert reader().generation() != before
    assert reader().searcher().num_docs == 2


def test_pending_log_entries_are_lag_and_not_drift(run_command, monkeypatch):
    offer = make_offer(title="Cobol")
    run_command("rebuild")
    Offer.objects.filter(pk=offer.pk).update(title="Ada")
    make_offer(title="Lisp")
    report = run_command("status")
    assert int(re.search(r"Lignes du journal en attente +(\d+)", report)[1]) >= 2
    assert "Écart avec la base            aucun" in report
    monkeypatch.setattr("offers.indexing.health.LATE", -1)
    assert "refused: L’index n’est plus suivi" in run_command("status")


def test_status_reports_drift_and_check_repairs_it(run_command, without_triggers):
    changed, deleted = make_offer(title="Cobol"), make_offer(title="Ada")
    run_command("rebuild")

    def change():
        Offer.objects.filter(pk=changed.pk).update(title="Fortran")
        Offer.objects.filter(pk=deleted.pk).delete()
        make_offer(title="Lisp")

    without_triggers(change)
    report = run_command("status")
    assert "Écart avec la base            1 en moins, 1 en trop, 1 d’un ancien état" in report
    assert "refused: L’index s’écarte de la base" in report
    assert "non mesuré" in run_command("status", "--quick")
    assert "1 en moins, 1 en trop, 1 d’un ancien état : tout est réparé." in run_command("check")
    assert "L’index est conforme à la base." in run_command("check")
    assert "refused" not in run_command("status")


def test_check_builds_a_missing_index(run_command):
    make_offer()
    assert "L’index est conforme à la base." in run_command("check")
    assert reader().searcher().num_docs == 1


def test_check_is_requested_from_the_process_that_holds_the_lock(run_command, settings):
    make_offer()
    with Writer(settings.SEARCH_DIR) as writer:
        writer.ensure_index()
        assert "Le processus qui suit l’index le contrôle" in run_command("check")
        assert (settings.SEARCH_DIR / "check-wanted").exists()
