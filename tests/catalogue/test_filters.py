"""Each parameter, by the titles that it finds."""

import random
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from careers.models import Role
from offers.catalogue.filters import OfferFilter
from offers.enums import EmployerKind, OfferStatus
from offers.models import Offer
from tests.factories import (
    GRENOBLE,
    PARIS,
    VILLEURBANNE,
    make_company,
    make_offer,
    make_place,
    make_role,
    make_skill,
)


@pytest.fixture(autouse=True)
def index(db, search_index):
    """The index follows before each search."""
    global follow
    follow = search_index.follow


def search(query):
    follow()
    return OfferFilter(QueryDict(query))


def found_titles(found):
    titles = dict(Offer.objects.values_list("pk", "title"))
    return [titles[pk] for pk in found.answer(limit=100).ids]


def titles(query):
    found = search(query)
    assert not found.errors, found.errors
    return sorted(found_titles(found))


@pytest.fixture
def site(db):
    lyon, villeurbanne, grenoble, paris = (make_place(**values) for values in ({}, VILLEURBANNE, GRENOBLE, PARIS))
    cto = make_role(slug="cto", name="CTO", full_name="Chief Technology Officer", french_name="directeur technique")
    cto.titles.create(title="VP Engineering")
    python, cpp = make_skill("Python", aliases=["Py"]), make_skill("C++", aliases=["cpp"], slug="cpp")
    acme = make_company(name="Acme", slug="acme", kind=EmployerKind.IT_SERVICES)
    old = {"age": timedelta(days=20)}
    make_offer(title="a", place=lyon, contract="cdi", pay_min=40_000, pay_max=50_000, experience="junior", company=acme)
    make_offer(title="b", place=villeurbanne, contract="cdd", remote_days=2, skills=[python], role=cto, **old)
    make_offer(title="c", place=grenoble, contract="freelance", pay_min=400, pay_max=500, remote_days=4, skills=[cpp])
    make_offer(title="d", fully_remote=True, contract="cdi", pay_min=60_000, pay_max=70_000, skills=[python, cpp])
    make_offer(title="e", place=paris, contract="cdi", remote_days=0, company=acme, confidential=True)
    make_offer(title="f", place=lyon, status=OfferStatus.DRAFT)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcde"),
        ("q=cto", "b"),
        ("q=Directeur+Technique", "b"),
        ("q=vp-engineering", "b"),
        ("q=python", "bd"),
        ("q=py", "bd"),
        ("q=C%2B%2B", "cd"),
        ("ou=Lyon", "a"),
        ("ou=Lyon&rayon=10", "ab"),
        ("ou=Lyon&rayon=100", "abc"),
        ("ou=69100", "b"),
        ("ou=rhone", "ab"),
        ("ou=Auvergne-Rhone-Alpes", "abc"),
        ("region=11", "e"),
        ("departement=38", "c"),
        ("contrat=cdi&contrat=freelance", "acde"),
        ("teletravail=0", "e"),
        ("teletravail=1-2", "b"),
        ("teletravail=3-5", "c"),
        ("teletravail=100", "d"),
        ("teletravail=100&teletravail=0", "de"),
        ("experience=junior", "a"),
        ("salaire=45", "ad"),
        ("salaire=45000", "ad"),
        ("salaire=50+000+€", "ad"),
        ("salaire=55K€", "d"),
        ("salaire=50001", "d"),
        ("tjm=450", "c"),
        ("tjm=600", ""),
        ("salaire=55&tjm=450", "cd"),
        ("metier=cto", "b"),
        ("competence=python", "bd"),
        ("competence=python&competence=cpp", "d"),
        ("entreprise=acme", "a"),
        ("employeur=esn", "ae"),
        ("employeur=esn&employeur=direct", "abcde"),
        ("depuis=7", "acde"),
        ("depuis=30", "abcde"),
        ("ou=Lyon&rayon=100&contrat=cdi&salaire=45&depuis=7", "a"),
        ("inconnu=1&page=3", "abcde"),
    ],
)
def test_each_parameter(site, query, found):
    assert titles(query) == list(found)


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("q=" + "x" * 101, "q", "100 caractères"),
        ("ou=Atlantis", "ou", "n’est pas dans nos communes"),
        ("ou=Lyon&rayon=15", "rayon", "«\u00a015\u00a0» n’est pas un choix possible"),
        ("rayon=20", "rayon", "autour d’une commune"),
        ("ou=bretagne&rayon=20", "rayon", "autour d’une commune"),
        ("region=99", "region", "n’est pas un choix possible"),
        ("departement=lyon", "departement", "n’est pas un choix possible"),
        ("contrat=esclavage", "contrat", "n’est pas un choix possible"),
        ("teletravail=6", "teletravail", "n’est pas un choix possible"),
        ("salaire=beaucoup", "salaire", "Un montant en euros"),
        ("salaire=-45000", "salaire", "Un montant en euros"),
        ("salaire=٤٥٠٠٠", "salaire", "Un montant en euros"),
        ("salaire=1", "salaire", "entre 5\u202f000 et 500\u202f000"),
        ("salaire=" + "9" * 19, "salaire", "Un montant"),
        ("salaire=" + "9" * 5000, "salaire", "20 caractères"),
        ("tjm=5000", "tjm", "entre 80 et 3\u202f000"),
        ("metier=astronaute", "metier", "n’est pas un choix possible"),
        ("competence=perl", "competence", "n’est pas un choix possible"),
        ("entreprise=inconnue", "entreprise", "Aucune offre n’a paru sous ce nom"),
        ("employeur=moi", "employeur", "n’est pas un choix possible"),
        ("depuis=2", "depuis", "n’est pas un choix possible"),
        ("tri=hasard", "tri", "n’est pas un choix possible"),
    ],
)
def test_nonsense_is_reported_and_the_rest_applies(site, query, field, message):
    found = search(query + "&contrat=cdi" if field != "contrat" else query + "&contrat=cdi&experience=junior")
    assert list(found.errors) == [field]
    assert message in found.errors[field][0]
    elsewhere = {"ou=Lyon&rayon=15": "a", "ou=bretagne&rayon=20": "", "contrat=esclavage": "a"}
    expected = elsewhere.get(query, "ade")
    assert sorted(found_titles(found)) == list(expected)


def test_one_bad_value_among_good_ones(site):
    found = search("contrat=cdi&contrat=x&contrat=cdd")
    assert sorted(found_titles(found)) == list("abde")
    assert "«\u00a0x\u00a0»" in found.errors["contrat"][0]


def test_one_unknown_skill_among_known_ones(site):
    found = search("competence=python&competence=astrologie")
    assert sorted(found_titles(found)) == ["b", "d"]
    assert [chip.label for chip in found.chips] == ["Python"]
    assert found.errors["competence"]


def test_a_typo_is_mended_with_a_way_back(site):
    found = search("q=pyhton&contrat=cdi")
    answer = found.answer()
    assert (answer.searched, answer.instead) == ("Python", True)
    assert found.exact_link.url == "/offres/?q=pyhton&contrat=cdi&exact=1"
    assert search("q=pyhton&exact=1").answer().total == 0


def test_other_towns_are_offered(site):
    make_place(insee_code="38544", name="Vienne", department="38", population=31_000, postal_codes=["38200"])
    link = search("ou=vienne&contrat=cdi").suggestions["ou"][0]
    assert (link.label, link.url) == ("Vienne, département (86)", "/offres/?contrat=cdi&departement=86")


def test_company_that_never_signed_an_offer_is_unknown(site):
    """Else its page would tell that it hires in confidence."""
    company = make_company(name="Secrète", slug="secrete")
    make_offer(company=company, confidential=True)
    assert "entreprise" in search("entreprise=secrete").errors
    signed = make_offer(company=company)
    assert not search("entreprise=secrete").errors
    signed.fill()
    assert found_titles(search("entreprise=secrete")) == []


def test_unpublished_role_is_no_choice(site):
    Role.objects.update(status=Role.Status.DRAFT)
    assert search("metier=cto").errors
    for query in ("q=cto", "q=vp+engineering"):
        assert search(query).answer().total == 0


def test_skills_have_a_limit(site):
    slugs = [make_skill().slug for _ in range(12)]
    found = search("&".join(f"competence={slug}" for slug in slugs))
    assert "10 compétences au plus" in found.errors["competence"][0]
    assert len(found.cleaned["competence"]) == 10
    assert found_titles(found) == []


def test_sorts(site):
    assert found_titles(search("tri=salaire")) == ["d", "a", "c", "e", "b"]
    assert found_titles(search("")) == ["e", "d", "c", "a", "b"]
    assert search("q=python").sort_name == "pertinence"
    assert search("tri=pertinence").sort_name == "date"
    assert [link.url for link, _ in search("q=python").sort_links] == [
        "/offres/?q=python",
        "/offres/?q=python&tri=date",
        "/offres/?q=python&tri=salaire",
    ]
    assert [(link.url, current) for link, current in search("tri=salaire").sort_links] == [
        ("/offres/", False),
        ("/offres/?tri=salaire", True),
    ]


def test_an_offer_is_found_once(site):
    both = make_skill("Django", aliases=["a", "b"])
    offer = make_offer(
        title="z", skills=[both, *Offer.skills.through.skill.field.related_model.objects.exclude(pk=both.pk)]
    )
    assert search("competence=django").answer().ids == (offer.pk,)


def test_chips_leave_one_value_out(site):
    chips = search("ou=Lyon&rayon=20&contrat=cdi&contrat=cdd&salaire=45&tri=salaire&page=2&competence=cpp").chips
    assert [chip.label.replace("\u00a0", " ").replace("\u202f", " ") for chip in chips] == [
        "Lyon (69) et 20 km autour",
        "CDI",
        "CDD",
        "dès 45 000 € par an",
        "C++",
    ]
    assert chips[0].url == "/offres/?contrat=cdi&contrat=cdd&salaire=45&competence=cpp&tri=salaire"
    assert chips[1].url == "/offres/?ou=Lyon&rayon=20&contrat=cdd&salaire=45&competence=cpp&tri=salaire"


def test_query_string_has_one_form(site):
    assert search("tri=date&contrat=cdi&contrat=cdi&q=&ou=+Lyon+&x=1&page=4").url() == "/offres/?ou=Lyon&contrat=cdi"


GOOD = {
    "q": ["python", "vp engineering"],
    "ou": ["Lyon", "69100", "rhône", "lyonn"],
    "rayon": ["10", "100"],
    "region": ["84"],
    "departement": ["69", "2A"],
    "contrat": ["cdi", "cdd"],
    "teletravail": ["0", "100"],
    "experience": ["junior"],
    "salaire": ["45", "45 000 €"],
    "tjm": ["400"],
    "metier": ["cto"],
    "competence": ["python", "cpp"],
    "entreprise": ["acme"],
    "employeur": ["esn"],
    "depuis": ["7"],
    "tri": ["salaire"],
}
BAD = [
    "",
    " ",
    "x",
    "-1",
    "0",
    "9" * 400,
    "٣",
    "²",
    "(",
    "%",
    "\\",
    "'",
    '"',
    "\u202e",
    "😀",
    "a" * 200,
    "İ",
    "1e9",
    "\t",
    "None",
]


def test_good_and_bad_values_in_any_mixture(site):
    chance = random.Random(2026)
    for _ in range(200):
        names = chance.choices(list(GOOD), k=chance.randint(1, 10))
        query = urlencode([(name, chance.choice(chance.choice([GOOD[name], BAD]))) for name in names])
        found = search(query)
        shown = (
            len(found_titles(found)),
            found.chips,
            found.suggestions,
            found.sort_links,
            found.wider_link,
            found.url(),
        )
        assert len(shown) == 6, query
