"""`search_index`, as a person types it."""

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
def run(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("offers.indexing.writer.WRITER_MEMORY", 15_000_000)
    settings.SEARCH_DIR = tmp_path / "search"

    def run(*arguments) -> str:
        out = io.StringIO()
        try:
            call_command("search_index", *arguments, stdout=out)
        except CommandError as error:
            out.write(f"refused: {error}")
        return out.getvalue().replace("\u00a0", " ").replace("\u202f", " ")

    return run


@pytest.fixture
def behind_its_back():
    """Changes that no trigger sees."""

    def change(what):
        triggers.drop_triggers()
        what()
        triggers.create_triggers()

    return change


def test_without_an_index(run):
    make_offer()
    report = run("status")
    assert "Documents                     aucun index" in report
    assert "Offres publiées en base       1" in report
    assert "refused: Cette machine n’a pas d’index utilisable" in report


def test_rebuilding_shows_progress_and_status_agrees(run):
    make_offer(title="Cobol")
    make_offer(title="Ada")
    report = run("rebuild")
    assert "2 offres sur 2 (100 %)" in report
    assert "Index reconstruit en" in report
    report = run("status")
    assert "Documents                     2" in report
    assert "Lignes du journal en attente  0" in report
    assert "Écart avec la base            aucun" in report
    assert "refused" not in report
    # Swapped, not added to.
    before = reader().generation()
    run("rebuild")
    assert reader().generation() != before
    assert reader().searcher().num_docs == 2


def test_what_waits_in_the_log_is_lag_and_no_drift(run, monkeypatch):
    offer = make_offer(title="Cobol")
    run("rebuild")
    Offer.objects.filter(pk=offer.pk).update(title="Ada")
    make_offer(title="Lisp")
    report = run("status")
    assert int(re.search(r"Lignes du journal en attente +(\d+)", report)[1]) >= 2
    assert "Écart avec la base            aucun" in report
    monkeypatch.setattr("offers.indexing.health.LATE", -1)
    assert "refused: L’index n’est plus suivi" in run("status")


def test_drift_is_shown_and_mended(run, behind_its_back):
    changed, gone = make_offer(title="Cobol"), make_offer(title="Ada")
    run("rebuild")

    def change():
        Offer.objects.filter(pk=changed.pk).update(title="Fortran")
        Offer.objects.filter(pk=gone.pk).delete()
        make_offer(title="Lisp")

    behind_its_back(change)
    report = run("status")
    assert "Écart avec la base            1 en moins, 1 en trop, 1 d’un ancien état" in report
    assert "refused: L’index s’écarte de la base" in report
    assert "non mesuré" in run("status", "--quick")
    assert "1 en moins, 1 en trop, 1 d’un ancien état : tout est réparé." in run("check")
    assert "L’index est conforme à la base." in run("check")
    assert "refused" not in run("status")


def test_a_check_builds_an_index_that_is_missing(run):
    make_offer()
    assert "L’index est conforme à la base." in run("check")
    assert reader().searcher().num_docs == 1


def test_what_another_process_holds_is_asked_of_it(run, settings):
    make_offer()
    with Writer(settings.SEARCH_DIR) as writer:
        writer.ensure_index()
        assert "Le processus qui suit l’index le contrôle" in run("check")
        assert (settings.SEARCH_DIR / "check-wanted").exists()
