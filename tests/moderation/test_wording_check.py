"""The wording check against phrases that were judged by hand, and against offers that nothing is wrong with."""

import tomllib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from offers.companies.models import Company
from offers.enums import Contract
from offers.models import Offer
from offers.moderation.models import WordingTerm
from offers.moderation.wording import check
from offers.moderation.wording.phrases import PhraseError, fold, phrase_to_regex
from offers.moderation.wording.reasons import REASONS
from offers.moderation.wording.terms import Category, compile_terms, read_terms
from tests.factories import make_user
from tests.search import corpus

JUDGED = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))
TERMS = compile_terms(tuple(read_terms()))
# Long enough, in French, without anything to find.
FINE = (
    "Vous développez le service de facturation avec une équipe de six personnes, du besoin à la mise en production. "
    * 3
)


def offer(**fields) -> Offer:
    values = {
        "title": "Développeur Java",
        "contract": Contract.CDI,
        "place_id": 1,
        "description": FINE,
        "pay_min": 45_000,
        "pay_max": 55_000,
    }
    return Offer(**{**values, **fields})


def findings(text: str, field: str = "description"):
    text = f"{FINE}\n\n{text}\n\n{FINE}" if field == "description" else text
    return check(offer(**{field: text}), TERMS)


def judged(effect: str):
    for category, lists in JUDGED.items():
        for name, phrases in lists.items():
            title, kind = name.startswith("title_"), name.removeprefix("title_")
            if kind == effect:
                yield from ((category, "title" if title else "description", phrase) for phrase in phrases)


@pytest.mark.parametrize(("category", "field", "phrase"), [*judged("error"), *judged("warning")])
def test_what_should_be_found_is(category, field, phrase):
    found = findings(phrase, field)
    # A text in English is full of foreign words.
    assert {one.category for one in found} - {"language"} <= {category}, found
    assert found
    severity = "error" if phrase in {phrase for _, _, phrase in judged("error")} else "warning"
    assert {one.severity for one in found} == {severity}, found
    for one in found:
        assert one.field == field
        text = phrase if field == "title" else f"{FINE}\n\n{phrase}\n\n{FINE}"
        if one.text:
            assert text[one.start : one.end] == one.text
            assert one.text in phrase


@pytest.mark.parametrize(("category", "field", "phrase"), [*judged("clean")])
def test_what_is_fine_is_left_alone(category, field, phrase):
    assert findings(phrase, field) == []


def test_nothing_is_wrong_with_the_offers_that_searches_are_judged_by():
    """359 offers as people write them: four titles in capitals, a nationality for a clearance, and no pay in some."""
    found = []
    for row in corpus.offers():
        company = Company(name=row["company"]) if row["company"] else None
        made = Offer(
            title=row["title"], contract=row["contract"], company=company, confidential=company is None,
            highlights="\n".join(row["highlights"]), description=row["description"],
            employer_descriptor=row["descriptor"], pay_min=row["pay_min"], pay_max=row["pay_max"],
            remote_days=row["remote_days"], fully_remote=row["remote_days"] == 5, place_id=1,
        )  # fmt: skip
        found += [(row["id"], one.severity, one.text) for one in check(made, TERMS) if one.category != "pay"]
    assert sorted(found) == [
        ("c-linux-toulouse", "error", "INGENIEUR LOGICIEL EMBARQUE LINUX"),
        ("java-esn-lyon-1", "error", "INGÉNIEUR D'ÉTUDES ET DÉVELOPPEMENT JAVA (H/F)"),
        ("node-api-lille", "error", "DÉVELOPPEUR NODE.JS H/F"),
        ("py-test-auto", "warning", "Habilitation nécessaire, nationalité française exigée"),
        ("sys-linux-angers", "error", "ADMINISTRATEUR SYSTEMES LINUX H/F"),
    ]


def test_there_are_enough_judged_phrases_of_each_kind():
    assert len([*judged("error"), *judged("warning")]) >= 100
    assert len([*judged("clean")]) >= 100


def test_every_category_says_why():
    assert set(REASONS) >= {*Category.values, *JUDGED}
    for category in (Category.AGE, Category.SEX, Category.MONEY, Category.FOREIGN):
        assert REASONS[category].law.startswith("Code du travail, art. L")


def test_a_finding_says_where_and_what_and_how_to_mend_it():
    [one] = findings("Tenir les deadlines.")
    assert (one.text, one.field, one.blocks) == ("deadlines", "description", False)
    assert (one.before, one.after) == ("Tenir les ", ".")
    assert one.advice == "échéance"
    assert "L5331-4" in one.law
    assert one.field_label == "description"


def test_the_same_words_are_told_once_and_long_lines_are_cut():
    found = findings("Tenir les deadlines. " * 3 + "Et les\u00a0DEADLINES, " + "encore " * 30)
    assert [one.text for one in found] == ["deadlines"]
    assert found[0].after.endswith("…")
    assert len(found[0].after) <= 41


def test_an_apprentice_may_be_told_of_the_age_that_the_law_sets():
    phrase = f"Moins de 30 ans. {FINE}"
    [one] = check(offer(description=phrase, contract=Contract.APPRENTICESHIP), TERMS)
    assert not one.blocks
    assert "L6222-1" in one.law
    assert check(offer(description=phrase), TERMS)[0].blocks


@pytest.mark.parametrize(
    ("pay", "severity"),
    [((None, None), "error"), ((40_000, 60_000), "warning"), ((40_000, 56_000), None), ((45_000, 45_000), None)],
)
def test_pay_is_asked_for_and_wide_ranges_are_noticed(pay, severity):
    found = check(offer(pay_min=pay[0], pay_max=pay[1]), TERMS)
    assert [(one.field, one.severity) for one in found] == ([("pay_min", severity)] if severity else [])


def test_pay_may_be_left_to_the_employer(settings):
    settings.PAY_REQUIRED = False
    assert [one.severity for one in check(offer(pay_min=None, pay_max=None), TERMS)] == ["warning"]


@pytest.mark.parametrize(
    ("text", "days", "full", "found"),
    [
        ("Poste en full remote.", 2, False, True),
        ("100\u00a0% télétravail possible.", 5, True, False),
        ("Télétravail à 100\u00a0%.", None, False, True),
        ("Pas de télétravail.", 3, False, True),
        ("Pas de télétravail.", 0, False, False),
        ("Trois jours de télétravail par semaine.", 2, False, True),
        ("Jusqu’à 3 jours de télétravail.", 2, False, False),
        ("2 jours de télétravail.", 2, False, False),
        ("Sauvegardes à 100\u00a0% sur site distant.", 2, False, False),
        ("Trois jours de télétravail par mois.", 0, False, False),
    ],
)
def test_days_at_home_that_contradict_the_text(text, days, full, found):
    made = offer(description=f"{FINE}\n\n{text}", remote_days=days, fully_remote=full)
    assert [one.category for one in check(made, TERMS)] == (["remote"] if found else [])


def test_a_description_is_there_long_enough_and_in_french():
    assert [one.blocks for one in check(offer(description="  "), TERMS)] == [True]
    assert [one.message for one in check(offer(description="Vous codez."), TERMS)] == [
        "Description très courte\u00a0: 11\u00a0caractères"
    ]
    english = "We are looking for a developer who will work with the product team on the platform for our customers. "
    assert [one.category for one in check(offer(description=english * 4), TERMS)] == ["language"]
    assert check(offer(description=f"{FINE}\n\n{FINE}\n\n{english}"), TERMS) == []


def test_a_hidden_employer_is_not_named():
    company = Company(name="Mutuelle du Marais")
    text = f"La Mutuelle du Marais recrute. {FINE}"
    assert check(offer(description=text, company=company), TERMS) == []
    [one] = check(offer(description=text, company=company, confidential=True), TERMS)
    assert (one.category, one.blocks) == ("employer", True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Âgé(e) de moins", "age de moins"),
        ("Motivé·e·s ou né.e", "motive ou ne"),
        ("l’ŒIL – **gras**", "l'oeil - gras"),
        ("Un\u00a0an", "un an"),
        ("Node.js et p.ex.", "node.js et p.ex."),
    ],
)
def test_texts_are_compared_without_what_makes_no_difference(text, shown):
    folded = fold(text)
    assert folded.text == shown
    assert len(folded.offsets) == len(shown)


@pytest.mark.parametrize(
    "phrase", ["", "…", "… ans", "moins de {siècle}", "(un|deux", "ab*", "moins de …", "* ans", "?!"]
)
def test_phrases_that_make_no_sense_are_refused(phrase):
    with pytest.raises(PhraseError):
        phrase_to_regex(phrase)


@pytest.mark.parametrize(
    "text",
    ["a" * 20_000, "a." * 10_000, "(at) " * 4_000, "1 " * 10_000, "moins de " * 2_200, "contact " + " " * 19_000],
)
def test_what_is_made_to_be_slow_is_not(text):
    """Each takes well under a second; a check that went wrong would take minutes, and the run with it."""
    check(offer(description=text, highlights=text[:600]), TERMS)


# The terms as rows


def test_the_shipped_terms_are_loaded_once_and_all_of_them_are_used(db, capsys, django_assert_num_queries):
    call_command("load_wording")
    assert WordingTerm.objects.filter(active=True).count() == len(read_terms())
    call_command("load_wording")
    assert "0 ajoutées, 0 retirées" in capsys.readouterr().out
    with django_assert_num_queries(1):
        assert [one.text for one in check(offer(description=f"Moins de 35 ans. {FINE}"))] == ["Moins de 35 ans"]


def test_what_curators_did_is_left_alone(db, tmp_path):
    file = tmp_path / "wording.toml"

    def load(*phrases):
        file.write_text(f"[foreign]\nwarning = {[*phrases]}\n", encoding="utf-8")
        call_command("load_wording", file, verbosity=0)
        return sorted(WordingTerm.objects.values_list("phrase", "advice", "active"))

    load("deadline => échéance", "goal => but", "perks")
    WordingTerm.objects.filter(phrase="deadline").update(advice="date butoir")
    WordingTerm.objects.filter(phrase="goal").update(active=False)
    WordingTerm.objects.create(category="foreign", phrase="pitch")
    # One is no longer shipped, one is new, one is a curator's own already.
    assert load("deadline => échéance", "goal => but", "fun => plaisir", "pitch => présentation") == [
        ("deadline", "date butoir", True),
        ("fun", "plaisir", True),
        ("goal", "but", False),
        ("pitch", "", True),
    ]


def test_a_file_that_makes_no_sense_is_refused_in_whole(db, tmp_path):
    file = tmp_path / "wording.toml"
    long = f"[age]\nerror = ['{'x' * 301}']"
    for content in ("[age]\nerror = ['… ans']", "[nothing]\nerror = ['x']", "[age\n", "[age]\nperhaps = ['ans']", long):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(CommandError):
            call_command("load_wording", file)
    assert not WordingTerm.objects.exists()


def test_curators_edit_the_terms(client, db):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    add = reverse("admin:moderation_wordingterm_add")
    values = {
        "category": "foreign",
        "effect": "warning",
        "phrase": "  pitch  ",
        "advice": "présentation",
        "active": "on",
    }
    assert client.post(add, values).status_code == 302
    row = WordingTerm.objects.get()
    assert row.phrase == "pitch"
    refused = client.post(add, {**values, "phrase": "moins de {siècle}"})
    assert "{âge} ou {nombre}" in refused.content.decode()
    assert "figure déjà" in client.post(add, values).content.decode()
    assert client.get(reverse("admin:moderation_wordingterm_changelist") + "?q=pitch").status_code == 200
    # One that is shipped would come back: it is switched off instead.
    call_command("load_wording", verbosity=0)
    shipped = WordingTerm.objects.exclude(shipped_as="").first()
    assert client.get(reverse("admin:moderation_wordingterm_delete", args=[shipped.pk])).status_code == 403
    assert client.get(reverse("admin:moderation_wordingterm_delete", args=[row.pk])).status_code == 200
