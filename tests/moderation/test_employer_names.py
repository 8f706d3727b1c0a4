"""The name of a confidential employer, in every spelling and every text that becomes public."""

import pytest

from offers.companies.models import Company
from offers.models import Offer
from offers.moderation.wording import check, employer
from tests.factories import make_company, make_member, make_user
from tests.posting.forms import DESCRIPTION

ACME = {
    "name": "Acmé-Soft SAS",
    "slug": "acme-soft",
    "other_names": "Kaïros Banque, KBX",
    "website": "https://www.acme-software.fr/carrieres",
    "siret": "73282932000074",
}
REVEALING = [
    "Acmé-Soft SAS recrute",
    "chez ACME SOFT, vous",
    "AcmeSoft",
    "acme_soft",
    "**Acmé**Soft",
    "Acme\u200bSoft",
    "A C M E S O F T",
    "a.c.m.e.s.o.f.t",
    "ＡＣＭＥ ＳＯＦＴ",
    "acme\nsoft",
    "acme\u00a0soft",
    "suivez @acmesoft",
    "suivez @acmesoft_jobs",
    "https://www.linkedin.com/company/acme-soft/",
    "linkedin.com/company/acmesoftgroup",
    "www.acme-software.fr",
    "acme-software.fr/emploi",
    "jobs.acme-software.fr",
    "rh@acme-software.fr",
    "l’équipe d’Acme Software",
    "#acmesoft",
    "filiale de Kairos Banque",
    "les produits KBX",
    "SIREN 732 829 320",
    "732829320",
    "SIRET : 732 829 320 00074",
    "FR44732829320",
    "732.829.320",
    "RCS Paris 732-829-320",
    "ecrire a anne@groupe-lumen.com",
]
CAREFUL = [
    "Un éditeur de logiciel pour la santé",
    "Le soft est écrit en Java, méthode acmétique",
    "Nous avons 732 829 clients et 320 serveurs",
    "Une SAS de 40 personnes",
    "Gmail et Outlook",
    "Le 0732829320000 n’existe pas",
]


def build(**fields) -> Offer:
    values = {
        "title": "Développeuse",
        "contract": "cdi",
        "place_id": 1,
        "description": DESCRIPTION,
        "confidential": True,
    }
    return Offer(**{**values, "pay_min": 45_000, "pay_max": 55_000, **fields})


def found(text, company=None, email_domains=("gmail.com", "groupe-lumen.com")) -> list[tuple[str, str]]:
    identity = employer.identity(company or Company(**ACME), email_domains)
    return [(severity, text[start:end]) for severity, start, end in identity.find(text)]


@pytest.mark.parametrize("text", REVEALING)
def test_spelling_of_the_name_is_an_error(text):
    assert "error" in {severity for severity, _ in found(text)}, text
    assert all(words in text for _, words in found(text))


@pytest.mark.parametrize("text", CAREFUL)
def test_other_text_passes(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("name", "text", "severity"),
    [
        ("Banque Populaire du Nord SA", "La Banque Populaire du Nord recrute", "error"),
        ("Groupe Dupuis", "Rejoignez Dupuis", "error"),
        ("SARL Dupuis Frères", "Rejoignez Dupuis Frères", "error"),
        ("IBM France", "Un poste chez IBM", "error"),
        ("Société Générale", "La Société Générale", "error"),
        # A name that is an ordinary word would block every text: moderators see it marked.
        ("France Travail", "Le travail en équipe", "warning"),
        ("France Travail", "Chez France Travail", "error"),
        ("Conseil SAS", "Du conseil et du développement", "warning"),
        ("Go", "Du Go et du Rust", "warning"),
    ],
)
def test_names_with_ordinary_words(name, text, severity):
    company = Company(name=name)
    assert found(text, company, ())[0][0] == severity


@pytest.mark.parametrize(
    "website",
    ["https://www.linkedin.com/company/zorglub/", "https://zorglub.github.io", "https://zorglub.com", "zorglub.co.uk"],
)
def test_handle_on_a_shared_site_is_a_name(website):
    website = website if "//" in website else f"https://{website}"
    company = Company(name="Holding 12", website=website)
    assert found("Rejoignez Zorglub", company, ())
    assert found("Voir linkedin.com, github.io et com.fr", company, ()) == []


TEXTS = ["title", "highlights", "description", "employer_descriptor", "external_reference", "apply_url"]


@pytest.mark.parametrize("field", [*TEXTS, "questions"])
def test_every_text_is_searched(db, field):
    company = Company(**ACME)
    revealing = {field: f"https://acme-soft.example/{field}"} if field != "questions" else {}
    asked = ["Pourquoi ?", "Pourquoi Acme Soft ?"] if field == "questions" else []
    findings = [each for each in check(build(company=company, **revealing), asked=asked) if each.category == "employer"]
    assert {(each.field, each.blocks) for each in findings} == {(field, True)}
    assert not any(
        each.category == "employer"
        for each in check(build(company=company, confidential=False, **revealing), asked=asked)
    )


def test_mail_domain_of_a_member_is_read_from_the_database(db):
    company = make_company(name="Holding 12")
    make_member(company, make_user(email="anne@groupe-lumen.com"))
    make_member(company, make_user(email="bob@gmail.com"))
    text = f"{DESCRIPTION} Chez Groupe Lumen, sur Gmail."
    findings = check(build(company=company, description=text))
    assert [each.text for each in findings if each.category == "employer"] == ["Groupe Lumen"]


def test_search_takes_bounded_time():
    company = Company(**ACME)
    for text in ("@acme " * 4_000, "a c m e s o f " * 2_000, "732 829 32" * 2_000, "acme-" * 5_000):
        assert len(found(text[:20_000], company)) < 100
