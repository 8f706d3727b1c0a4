"""Synonym sets in the database: loaded from the shipped file, edited in the admin."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from offers.search import synonyms
from offers.search.models import SynonymSet
from tests.admin.pages import form_data, form_errors, message_texts
from tests.factories import make_user

LIST = reverse("admin:search_synonymset_changelist")
ADD = reverse("admin:search_synonymset_add")


def change_url(row):
    return reverse("admin:search_synonymset_change", args=[row.pk])


@pytest.fixture
def load(tmp_path, capsys, db):
    def load(*lines):
        file = tmp_path / "synonyms.txt"
        file.write_text("\n".join(lines), encoding="utf-8")
        call_command("load_synonyms", file)
        return capsys.readouterr().out

    return load


def read_rows():
    return sorted(SynonymSet.objects.values_list("words", "kind", "active"))


# Loading


def test_shipped_file_is_loaded_once_and_completely(db, capsys):
    call_command("load_synonyms")
    assert SynonymSet.objects.filter(active=True).count() == len(synonyms.read_file()) >= 150
    call_command("load_synonyms")
    assert "0 ajoutés, 0 retirés" in capsys.readouterr().out
    assert synonyms.load_thesaurus().same == synonyms.load_thesaurus(synonyms.read_file()).same


def test_all_kinds_of_sets_are_loaded_and_used(load):
    load("# a comment", "dev, développeur", "front => react, c#", "mobile > android, ios", "alone")
    assert read_rows() == [
        ("dev, développeur", "same", True),
        ("front, react, c#", "also", True),
        ("mobile, android, ios", "sub", True),
    ]
    assert "0 ajoutés, 0 retirés" in load("dev, développeur", "front => react, c#", "mobile > android, ios")
    thesaurus = synonyms.load_thesaurus()
    assert thesaurus.narrower == {("mobil",): (("android",), ("ios",))}
    same = thesaurus.same
    assert same["dev",] == (("developpeur",),)
    assert ("react",) in same["front",]
    assert ("front",) not in same.get(("react",), ())


def test_edited_sets_are_not_overwritten(load):
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    SynonymSet.objects.filter(words="dev, développeur").update(words="dev, développeur, codeur")
    SynonymSet.objects.filter(words="js, javascript").update(active=False)
    SynonymSet.objects.create(words="bdd, base de données")
    before = read_rows()
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    assert read_rows() == before


def test_new_file_adds_sets_and_deletes_unedited_ones_only(load):
    load("dev, développeur", "js, javascript", "k8s, kubernetes")
    SynonymSet.objects.filter(words="js, javascript").update(active=False)
    out = load("dev, développeur, codeur", "po, product owner")
    assert "2 ajoutés, 2 retirés" in out
    assert read_rows() == [
        ("dev, développeur, codeur", "same", True),
        ("js, javascript", "same", False),
        ("po, product owner", "same", True),
    ]


def test_new_set_with_words_of_an_edited_set_is_inactive(load):
    SynonymSet.objects.create(words="codeuse, dev")
    assert "1 désactivés" in load("dev, développeur")
    assert read_rows() == [("codeuse, dev", "same", True), ("dev, développeur", "same", False)]


def test_inactive_set_is_not_used(load):
    load("dev, développeur")
    SynonymSet.objects.update(active=False)
    assert ("dev",) not in synonyms.load_thesaurus().same


# The admin


@pytest.fixture
def curator(client, db):
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_changelist_is_searched_and_filtered(client, curator, load):
    load("dev, développeur", "front => react, vue")
    SynonymSet.objects.create(words="bdd, base de données", active=False)
    results = client.get(LIST, {"q": "react"}).context["cl"].result_list
    assert [row.words for row in results] == ["front, react, vue"]
    results = client.get(LIST, {"active__exact": "0"}).context["cl"].result_list
    assert [row.words for row in results] == ["bdd, base de données"]
    results = client.get(LIST, {"shipped_as__isempty": "0", "kind__exact": "same"}).context["cl"].result_list
    assert [row.words for row in results] == ["dev, développeur"]


def test_words_are_normalized_when_a_set_is_added(client, curator):
    client.post(ADD, form_data(client.get(ADD), words=" dev ,développeur,, "))
    assert read_rows() == [("dev, développeur", "same", True)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("dev", "au moins deux expressions"),
        ("développeur, Développeuses", "au moins deux expressions"),
        ("front => react", "Séparez les expressions par des virgules"),
        ("mobile > android", "Séparez les expressions par des virgules"),
        ("dev, !!!", "« !!! »"),
        ("dev, un deux trois quatre cinq six sept", "d’un à cinq mots"),
        ("codeur, Dév", "« Dév » est déjà l’équivalent d’autres mots : « dev, développeur »"),
    ],
)
def test_invalid_or_duplicate_set_is_refused(client, curator, words, message):
    SynonymSet.objects.create(words="dev, développeur")
    page = client.post(ADD, form_data(client.get(ADD), words=words))
    assert message in " ".join(form_errors(page)).replace("\u00a0", " ")
    assert SynonymSet.objects.count() == 1


def test_word_may_be_in_inactive_and_one_way_sets_and_in_its_own(client, curator):
    row = SynonymSet.objects.create(words="dev, développeur")
    page = client.post(change_url(row), form_data(client.get(change_url(row)), words="dev, développeur, codeur"))
    assert page.status_code == 302
    client.post(ADD, form_data(client.get(ADD), words="dev, développement", kind="also"))
    client.post(ADD, form_data(client.get(ADD), words="dev, développeur Java", kind="sub"))
    client.post(ADD, form_data(client.get(ADD), words="dev, programmeuse", active=None))
    assert SynonymSet.objects.count() == 4


def test_shipped_set_can_be_deactivated_but_not_deleted(client, curator, load):
    load("dev, développeur")
    own = SynonymSet.objects.create(words="bdd, base de données")
    shipped = SynonymSet.objects.get(words="dev, développeur")
    assert client.post(reverse("admin:search_synonymset_delete", args=[shipped.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:search_synonymset_delete", args=[own.pk]), {"post": "yes"}).status_code == 302
    client.post(LIST, {"action": "switch_off", "_selected_action": [shipped.pk]})
    assert read_rows() == [("dev, développeur", "same", False)]
    SynonymSet.objects.create(words="dev, codeur")
    page = client.post(LIST, {"action": "switch_on", "_selected_action": [shipped.pk]}, follow=True)
    assert any("déjà l’équivalent" in message for message in message_texts(page))
    shipped.refresh_from_db()
    assert not shipped.active
