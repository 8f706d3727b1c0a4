"""`manage.py prepare`, as `make run` calls it: on an empty database, then again after edits."""

import io
import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from careers.models import Role
from jobboard.accounts.models import User
from jobboard.ops.management.commands import prepare
from offers.companies.models import Membership
from offers.indexing.writer import Writer
from offers.models import Offer, Skill
from offers.moderation.models import WordingTerm
from offers.places.models import Place
from offers.search.criteria import Criteria
from offers.search.models import SynonymSet
from offers.search.query import search
from offers.search.snapshot import current_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def search_folder(settings, tmp_path):
    """Use an empty index directory instead of the shared one."""
    settings.SEARCH_DIR = tmp_path / "search"


def run_prepare(**options) -> str:
    out = io.StringIO()
    call_command("prepare", no_static=True, stdout=out, no_color=True, **options)
    return out.getvalue()


def parse_passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\S+@example\.org)\s+(\S+)", output))


def test_prepare_fills_an_empty_database_once(settings):
    first = run_prepare()
    assert Place.objects.count() > 16_000
    assert Skill.objects.exists()
    assert Role.objects.published().filter(slug="cto").exists()
    assert Offer.objects.published().count() == 4
    assert connection.introspection.table_names().count("cache") == 1
    # Offers are indexed, and synonyms are generations.
    assert SynonymSet.objects.count() >= 150
    assert WordingTerm.objects.count() >= 250
    index = current_snapshot()
    assert index.searcher.num_docs == 4
    assert search(index.searcher, Criteria(q="programmeuse python"), thesaurus=index.thesaurus).total

    # The passwords are valid, and the recruiter's company has a published offer.
    credentials = parse_passwords(first)
    assert set(credentials) == {prepare.CURATOR, prepare.RECRUITER}
    curator, recruiter = (authenticate(None, email=email, password=credentials[email]) for email in credentials)
    assert curator.is_staff
    assert not recruiter.is_staff
    assert Membership.objects.get(user=recruiter).company.offers.published().exists()

    # Edits are preserved.
    Role.objects.filter(slug="cto").update(summary="Corrigé à la main.")
    offer = Offer.objects.published().first()
    offer.title = "Corrigé à la main"
    offer.save()
    offer.fill()
    curator.set_password("un-autre-mot-de-passe")
    curator.save()

    second = run_prepare()
    assert parse_passwords(second) == {}
    assert "accounts exist already" in second
    assert Role.objects.get(slug="cto").summary == "Corrigé à la main."
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Corrigé à la main", "filled")
    assert Offer.objects.count() == 4
    assert authenticate(None, email=prepare.CURATOR, password="un-autre-mot-de-passe")
    # Each step prints its duration, and loaded nothing again.
    assert len(re.findall(r"\(\d+\.\d s\)", second)) == int(re.search(r"\[1/(\d+)\]", second)[1])
    assert "0\u00a0ajoutée, 0\u00a0modifiée" in second


def test_production_gets_no_accounts_and_no_offers(settings):
    settings.PRODUCTION = True
    output = run_prepare()
    assert parse_passwords(output) == {}
    assert not User.objects.exists()
    assert not Offer.objects.exists()
    assert Place.objects.exists()


def test_index_with_a_running_follower_is_not_built(tmp_path):
    with Writer(tmp_path / "search"):
        assert prepare.Command().build_index() == "maintained by the running search_index process"


def test_unwritable_index_directory_does_not_stop_prepare(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.SEARCH_DIR = tmp_path / "file" / "search"
    assert prepare.Command().build_index().startswith("not built, the site starts without search")


def test_static_files_are_collected_only_after_changes(settings, tmp_path, monkeypatch):
    calls = []
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: calls.append(name))
    command = prepare.Command(stdout=io.StringIO())
    assert command.collect_static() == "collected"
    # Collected again as long as the manifest is missing.
    assert command.collect_static() == "collected"
    (settings.STATIC_ROOT.parent / "staticfiles.json").write_text("{}")
    assert command.collect_static() == "up to date"
    (tmp_path / "static.sha256").write_text("what was there before")
    assert command.collect_static() == "collected"
    assert calls == ["collectstatic"] * 3


def test_database_of_an_earlier_version_is_refused_with_instructions():
    MigrationRecorder(connection).record_applied("offers", "0002_changes")
    with pytest.raises(CommandError, match=r"before 1\.0 .* offers\.0002_changes\. Start over"):
        call_command("migrate", interactive=False, verbosity=0)


def test_unknown_migrations_of_libraries_are_accepted():
    MigrationRecorder(connection).record_applied("account", "0099_gone")
    call_command("migrate", interactive=False, verbosity=0)
