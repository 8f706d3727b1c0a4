"""Synonyms as rows: loaded from the file that is shipped, edited in the admin."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from offers.search import synonyms
from offers.search.models import SynonymSet
from tests.admin.pages import form_data, form_errors, message_texts
from tests.factories import make_user

LIST = reverse("admin:search_synonymset_changelist")
ADD = reverse("admin:search_synonymset_add")


def change(row):
    return reverse("admin:search_synonymset_change", args=[row.pk])


@pytest.fixture
def load(tmp_path, capsys, db):
    def load(*lines):
        file = tmp_path / "synonyms.txt"
        file.write_text("\n".join(lines), encoding="utf-8")
        call_command("load_synonyms", file)
        return capsys.readouterr().out

    return load


def rows():
    return sorted(SynonymSet.objects.values_list("words", "kind", "active"))


# Loading


def test_the_shipped_file_is_loaded_once_and_all_of_it_is_used(db, capsys):
    call_command("load_synonyms")
    assert SynonymSet.objects.filter(active=True).count() == len(synonyms.read_file()) >= 150
    call_command("load_synonyms")
    assert "0 ajoutés, 0 retirés" in capsys.readouterr().out
    assert synonyms.load_thesaurus().same == synonyms.load_thesaurus(synonyms.read_file()).same


def test_both_kinds_are_loaded_and_used(load):
    load("# a comment", "dev, développeur", "front => react, c#", "alone")
    assert rows() == [("dev, développeur", "same", True), ("front, react, c#", "also", True)]
    found = synonyms.load_thesaurus().same
    assert found["dev",] == (("developpeur",),)
    assert ("react",) in found["front",]
    assert ("front",) not in found.get(("react",), ())


def test_what_curators_did_is_left_alone(load):
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    SynonymSet.objects.filter(words="dev, développeur").update(words="dev, développeur, codeur")
    SynonymSet.objects.filter(words="js, javascript").update(active=False)
    SynonymSet.objects.create(words="bdd, base de données")
    before = rows()
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    assert rows() == before


def test_a_new_file_adds_and_removes_only_what_nobody_touched(load):
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    SynonymSet.objects.filter(words="js, javascript").update(active=False)
    out = load("dev, développeur, codeur", "po, product owner")
    assert "2 ajoutés, 2 retirés" in out
    assert rows() == [
        ("dev, développeur, codeur", "same", True),
        ("js, javascript", "same", False),
        ("po, product owner", "same", True),
    ]


def test_a_new_line_gives_way_to_what_a_curator_said_of_the_same_words(load):
    SynonymSet.objects.create(words="codeuse, dev")
    assert "1 désactivés" in load("dev, développeur")
    assert rows() == [("codeuse, dev", "same", True), ("dev, développeur", "same", False)]


def test_a_set_that_is_switched_off_is_not_used(load):
    load("dev, développeur")
    SynonymSet.objects.update(active=False)
    assert ("dev",) not in synonyms.load_thesaurus().same


# The admin


@pytest.fixture
def curator(client, db):
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_the_list_is_searched_and_filtered(client, curator, load):
    load("dev, développeur", "front => react, vue")
    SynonymSet.objects.create(words="bdd, base de données", active=False)
    found = client.get(LIST, {"q": "react"}).context["cl"].result_list
    assert [row.words for row in found] == ["front, react, vue"]
    found = client.get(LIST, {"active__exact": "0"}).context["cl"].result_list
    assert [row.words for row in found] == ["bdd, base de données"]
    found = client.get(LIST, {"shipped_as__isempty": "0", "kind__exact": "same"}).context["cl"].result_list
    assert [row.words for row in found] == ["dev, développeur"]


def test_a_set_is_added_tidied(client, curator):
    client.post(ADD, form_data(client.get(ADD), words=" dev ,développeur,, "))
    assert rows() == [("dev, développeur", "same", True)]


@pytest.mark.parametrize(
    ("words", "told_as"),
    [
        ("dev", "au moins deux expressions"),
        ("développeur, Développeuses", "au moins deux expressions"),
        ("front => react", "Séparez les expressions par des virgules"),
        ("dev, !!!", "« !!! »"),
        ("dev, un deux trois quatre cinq six sept", "d’un à cinq mots"),
        ("codeur, Dév", "« Dév » est déjà l’équivalent d’autres mots : « dev, développeur »"),
    ],
)
def test_a_set_that_says_nothing_or_what_another_says_is_refused(client, curator, words, told_as):
    SynonymSet.objects.create(words="dev, développeur")
    page = client.post(ADD, form_data(client.get(ADD), words=words))
    assert told_as in " ".join(form_errors(page)).replace("\u00a0", " ")
    assert SynonymSet.objects.count() == 1


def test_a_word_may_stand_in_a_set_that_is_off_or_one_way_and_in_its_own(client, curator):
    row = SynonymSet.objects.create(words="dev, développeur")
    page = client.post(change(row), form_data(client.get(change(row)), words="dev, développeur, codeur"))
    assert page.status_code == 302
    client.post(ADD, form_data(client.get(ADD), words="dev, développement", kind="also"))
    client.post(ADD, form_data(client.get(ADD), words="dev, programmeuse", active=None))
    assert SynonymSet.objects.count() == 3


def test_a_shipped_set_is_switched_off_and_not_deleted(client, curator, load):
    load("dev, développeur")
    own = SynonymSet.objects.create(words="bdd, base de données")
    shipped = SynonymSet.objects.get(words="dev, développeur")
    assert client.post(reverse("admin:search_synonymset_delete", args=[shipped.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:search_synonymset_delete", args=[own.pk]), {"post": "yes"}).status_code == 302
    client.post(LIST, {"action": "switch_off", "_selected_action": [shipped.pk]})
    assert rows() == [("dev, développeur", "same", False)]
    SynonymSet.objects.create(words="dev, codeur")
    page = client.post(LIST, {"action": "switch_on", "_selected_action": [shipped.pk]}, follow=True)
    assert any("déjà l’équivalent" in message for message in message_texts(page))
    shipped.refresh_from_db()
    assert not shipped.active
