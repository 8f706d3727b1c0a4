"""`manage.py prepare`, as `make run` calls it: once from nothing, then again over what people have changed."""

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
    """A host without an index, unlike the one that other tests share."""
    settings.SEARCH_DIR = tmp_path / "search"


def run(**options) -> str:
    out = io.StringIO()
    call_command("prepare", no_static=True, stdout=out, no_color=True, **options)
    return out.getvalue()


def passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\S+@example\.org)\s+(\S+)", output))


def test_from_nothing_to_a_site_then_nothing_more(settings):
    first = run()
    assert Place.objects.count() > 16_000
    assert Skill.objects.exists()
    assert Role.objects.published().filter(slug="cto").exists()
    assert Offer.objects.published().count() == 4
    assert connection.introspection.table_names().count("cache") == 1
    # The first page finds them, by what they are also called.
    assert SynonymSet.objects.count() >= 150
    assert WordingTerm.objects.count() >= 250
    now = current_snapshot()
    assert now.searcher.num_docs == 4
    assert search(now.searcher, Criteria(q="programmeuse python"), thesaurus=now.thesaurus).total

    # Both can sign in, and the recruiter has something to see.
    printed = passwords(first)
    assert set(printed) == {prepare.CURATOR, prepare.RECRUITER}
    curator, recruiter = (authenticate(None, email=email, password=printed[email]) for email in printed)
    assert curator.is_staff
    assert not recruiter.is_staff
    assert Membership.objects.get(user=recruiter).company.offers.published().exists()

    # What people edit stays as they left it.
    Role.objects.filter(slug="cto").update(summary="Corrigé à la main.")
    offer = Offer.objects.published().first()
    offer.title = "Corrigé à la main"
    offer.save()
    offer.fill()
    curator.set_password("un-autre-mot-de-passe")
    curator.save()

    second = run()
    assert passwords(second) == {}
    assert "accounts exist already" in second
    assert Role.objects.get(slug="cto").summary == "Corrigé à la main."
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("Corrigé à la main", "filled")
    assert Offer.objects.count() == 4
    assert authenticate(None, email=prepare.CURATOR, password="un-autre-mot-de-passe")
    # Each step says how long it took, and nothing was loaded again.
    assert len(re.findall(r"\(\d+\.\d s\)", second)) == int(re.search(r"\[1/(\d+)\]", second)[1])
    assert "0 ajoutée, 0 modifiée" in second


def test_a_real_site_gets_no_account_and_no_offer(settings):
    settings.PRODUCTION = True
    output = run()
    assert passwords(output) == {}
    assert not User.objects.exists()
    assert not Offer.objects.exists()
    assert Place.objects.exists()


def test_an_index_that_is_followed_is_left_to_who_follows_it(tmp_path):
    with Writer(tmp_path / "search"):
        assert prepare.Command().build_index() == "maintained by the running search_index process"


def test_a_folder_that_cannot_be_written_does_not_keep_the_site_from_starting(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.SEARCH_DIR = tmp_path / "file" / "search"
    assert prepare.Command().build_index().startswith("not built, the site starts without search")


def test_static_files_are_collected_when_they_changed(settings, tmp_path, monkeypatch):
    calls = []
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: calls.append(name))
    command = prepare.Command(stdout=io.StringIO())
    assert command.collect_static() == "collected"
    # Not without the files themselves.
    assert command.collect_static() == "collected"
    (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")
    assert command.collect_static() == "up to date"
    (tmp_path / "static.sha256").write_text("what was there before")
    assert command.collect_static() == "collected"
    assert calls == ["collectstatic"] * 3


def test_a_database_of_an_earlier_version_is_refused_with_what_to_do():
    MigrationRecorder(connection).record_applied("offers", "0002_changes")
    with pytest.raises(CommandError, match=r"before 1\.0 .* offers\.0002_changes\. Start over"):
        call_command("migrate", interactive=False, verbosity=0)


def test_migrations_of_libraries_that_have_gone_are_no_reason_to_refuse():
    MigrationRecorder(connection).record_applied("account", "0099_gone")
    call_command("migrate", interactive=False, verbosity=0)
