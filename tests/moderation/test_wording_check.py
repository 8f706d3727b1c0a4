"""The wording check against phrases that were judged by hand, and against texts without faults; the terms and rules."""

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
from offers.moderation.wording.terms import Category, read_terms
from tests.admin.staff import make_superuser
from tests.moderation.judged import CLEAN_TEXT, TERMS, build_offer, check_text
from tests.search import corpus

JUDGED = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))


def judged(effect: str):
    """Yield category, field and phrase for the phrases of wording.toml with this effect."""
    for category, lists in JUDGED.items():
        for name, phrases in lists.items():
            title, kind = name.startswith("title_"), name.removeprefix("title_")
            if kind == effect:
                yield from ((category, "title" if title else "description", phrase) for phrase in phrases)


@pytest.mark.parametrize(("category", "field", "phrase"), [*judged("error"), *judged("warning")])
def test_faulty_phrase_has_findings_of_its_category(category, field, phrase):
    findings = check_text(phrase, field)
    # A text in English is full of foreign words.
    assert {finding.category for finding in findings} - {"language"} <= {category}, findings
    assert findings
    severity = "error" if phrase in {phrase for _, _, phrase in judged("error")} else "warning"
    assert {finding.severity for finding in findings} == {severity}, findings
    for finding in findings:
        assert finding.field == field
        text = phrase if field == "title" else f"{CLEAN_TEXT}\n\n{phrase}\n\n{CLEAN_TEXT}"
        if finding.text:
            assert text[finding.start : finding.end] == finding.text
            assert finding.text in phrase


@pytest.mark.parametrize(("category", "field", "phrase"), [*judged("clean")])
def test_clean_phrase_has_no_findings(category, field, phrase):
    assert check_text(phrase, field) == []


def test_realistic_offers_have_few_findings():
    """Among 359 realistic offers, the check finds four titles in capitals and one nationality, beside missing pay."""
    findings = []
    for row in corpus.offers():
        company = Company(name=row["company"]) if row["company"] else None
        offer = Offer(
            title=row["title"], contract=row["contract"], company=company, confidential=company is None,
            highlights="\n".join(row["highlights"]), description=row["description"],
            employer_descriptor=row["descriptor"], pay_min=row["pay_min"], pay_max=row["pay_max"],
            remote_days=row["remote_days"], fully_remote=row["remote_days"] == 5, place_id=1,
        )  # fmt: skip
        findings += [
            (row["id"], finding.severity, finding.text) for finding in check(offer, TERMS) if finding.category != "pay"
        ]
    assert sorted(findings) == [
        ("c-linux-toulouse", "error", "INGENIEUR LOGICIEL EMBARQUE LINUX"),
        ("java-esn-lyon-1", "error", "INGÉNIEUR D'ÉTUDES ET DÉVELOPPEMENT JAVA (H/F)"),
        ("node-api-lille", "error", "DÉVELOPPEUR NODE.JS H/F"),
        ("py-test-auto", "warning", "nationalité française exigée"),
        ("sys-linux-angers", "error", "ADMINISTRATEUR SYSTEMES LINUX H/F"),
    ]


def test_there_are_a_hundred_judged_phrases_of_each_kind():
    assert len([*judged("error"), *judged("warning")]) >= 100
    assert len([*judged("clean")]) >= 100


def test_every_category_has_a_reason():
    assert set(REASONS) >= {*Category.values, *JUDGED}
    for category in (Category.AGE, Category.SEX, Category.MONEY, Category.FOREIGN):
        assert REASONS[category].law.startswith("Code du travail, art. L")


def test_finding_has_its_position_context_advice_and_law():
    [finding] = check_text("Tenir les deadlines.")
    assert (finding.text, finding.field, finding.blocks) == ("deadlines", "description", False)
    assert (finding.before, finding.after) == ("Tenir les ", ".")
    assert finding.advice == "échéance"
    assert "L5331-4" in finding.law
    assert finding.field_label == "description"


def test_repeated_phrase_is_one_finding_with_a_truncated_context():
    findings = check_text("Tenir les deadlines. " * 3 + "Et les\u00a0DEADLINES, " + "encore " * 30)
    assert [finding.text for finding in findings] == ["deadlines"]
    assert findings[0].after.endswith("…")
    assert len(findings[0].after) <= 41


def test_age_limit_of_an_apprenticeship_is_only_a_warning():
    phrase = f"Moins de 30 ans. {CLEAN_TEXT}"
    [finding] = check(build_offer(description=phrase, contract=Contract.APPRENTICESHIP), TERMS)
    assert not finding.blocks
    assert "L6222-1" in finding.law
    assert check(build_offer(description=phrase), TERMS)[0].blocks


@pytest.mark.parametrize(
    ("pay", "severity"),
    [((None, None), "error"), ((40_000, 60_000), "warning"), ((40_000, 56_000), None), ((45_000, 45_000), None)],
)
def test_missing_pay_is_an_error_and_a_wide_range_a_warning(pay, severity):
    findings = check(build_offer(pay_min=pay[0], pay_max=pay[1]), TERMS)
    assert [(finding.field, finding.severity) for finding in findings] == ([("pay_min", severity)] if severity else [])


def test_missing_pay_is_a_warning_when_pay_is_optional(settings):
    settings.PAY_REQUIRED = False
    assert [finding.severity for finding in check(build_offer(pay_min=None, pay_max=None), TERMS)] == ["warning"]


@pytest.mark.parametrize(
    ("text", "days", "full", "contradicts"),
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
def test_remote_days_that_contradict_the_text_are_a_finding(text, days, full, contradicts):
    offer = build_offer(description=f"{CLEAN_TEXT}\n\n{text}", remote_days=days, fully_remote=full)
    assert [finding.category for finding in check(offer, TERMS)] == (["remote"] if contradicts else [])


def test_empty_short_or_foreign_description_is_a_finding():
    assert [finding.blocks for finding in check(build_offer(description="  "), TERMS)] == [True]
    assert [finding.message for finding in check(build_offer(description="Vous codez."), TERMS)] == [
        "Description très courte\u00a0: 11\u00a0caractères"
    ]
    english = "We are looking for a developer who will work with the product team on the platform for our customers. "
    assert [finding.category for finding in check(build_offer(description=english * 4), TERMS)] == ["language"]
    assert check(build_offer(description=f"{CLEAN_TEXT}\n\n{CLEAN_TEXT}\n\n{english}"), TERMS) == []


@pytest.mark.parametrize(
    ("text", "folded_text"),
    [
        ("Âgé(e) de moins", "age de moins"),
        ("Motivé·e·s ou né.e", "motive ou ne"),
        ("l’ŒIL – **gras**", "l'oeil - gras"),
        ("Un\u00a0an", "un an"),
        ("Node.js et p.ex.", "node.js et p.ex."),
    ],
)
def test_fold_removes_accents_case_and_inclusive_suffixes(text, folded_text):
    folded = fold(text)
    assert folded.text == folded_text
    assert len(folded.offsets) == len(folded_text)


@pytest.mark.parametrize(
    "phrase", ["", "…", "… ans", "moins de {siècle}", "(un|deux", "ab*", "moins de …", "* ans", "?!"]
)
def test_invalid_phrase_is_refused(phrase):
    with pytest.raises(PhraseError):
        phrase_to_regex(phrase)


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 20_000, "a." * 10_000, "(at) " * 4_000, "1 " * 10_000, "moins de " * 2_200, "contact " + " " * 19_000),
        # Starts of criteria and of contexts, without their ends, and matches that are all excused.
        *("vous êtes " * 2_000, "nous recherchons pas de " * 800, "candidat " * 2_200, "de l’" * 5_000),
        *("joignez " * 2_500, "nationalité " * 1_600, "célibataire vous êtes " * 900, "homme, femme et " * 1_200),
        "quel que soit votre âge vous avez moins de 30 ans " * 400,
        "L’application pour les femmes enceintes recherche un homme " * 330,
    ],
)
def test_check_of_adversarial_text_is_fast(text):
    """Each check takes well under a second; with catastrophic backtracking it would take minutes."""
    check(build_offer(description=text, highlights=text[:600]), TERMS)


# Terms in the database


def test_load_wording_is_idempotent_and_check_uses_the_loaded_terms(db, capsys, django_assert_num_queries):
    call_command("load_wording")
    assert WordingTerm.objects.filter(active=True).count() == len(read_terms())
    call_command("load_wording")
    assert "0 ajoutées, 0 retirées" in capsys.readouterr().out
    with django_assert_num_queries(1):
        findings = check(build_offer(description=f"Moins de 35 ans. {CLEAN_TEXT}"))
    assert [finding.text for finding in findings] == ["Moins de 35 ans"]


def test_load_wording_keeps_changes_of_curators(db, tmp_path):
    file = tmp_path / "wording.toml"

    def load(*phrases):
        file.write_text(f"[foreign]\nwarning = {[*phrases]}\n", encoding="utf-8")
        call_command("load_wording", file, verbosity=0)
        return sorted(WordingTerm.objects.values_list("phrase", "advice", "active"))

    load("deadline => échéance", "goal => but", "perks")
    WordingTerm.objects.filter(phrase="deadline").update(advice="date butoir")
    WordingTerm.objects.filter(phrase="goal").update(active=False)
    WordingTerm.objects.create(category="foreign", phrase="pitch")
    # "perks" is no longer shipped, "fun" is new, and a curator has already added "pitch".
    assert load("deadline => échéance", "goal => but", "fun => plaisir", "pitch => présentation") == [
        ("deadline", "date butoir", True),
        ("fun", "plaisir", True),
        ("goal", "but", False),
        ("pitch", "", True),
    ]


def test_invalid_file_is_refused_as_a_whole(db, tmp_path):
    file = tmp_path / "wording.toml"
    long = f"[age]\nerror = ['{'x' * 301}']"
    for content in ("[age]\nerror = ['… ans']", "[nothing]\nerror = ['x']", "[age\n", "[age]\nperhaps = ['ans']", long):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(CommandError):
            call_command("load_wording", file)
    assert not WordingTerm.objects.exists()


def test_terms_are_edited_in_the_admin(client, db):
    client.force_login(make_superuser())
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
    # A shipped term cannot be deleted, as the next load would add it again; it is deactivated instead.
    call_command("load_wording", verbosity=0)
    shipped = WordingTerm.objects.exclude(shipped_as="").first()
    assert client.get(reverse("admin:moderation_wordingterm_delete", args=[shipped.pk])).status_code == 403
    assert client.get(reverse("admin:moderation_wordingterm_delete", args=[row.pk])).status_code == 200
