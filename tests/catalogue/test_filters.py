"""Parameters of the list of offers, by the titles of the matches."""

import random
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from django.http import QueryDict

from careers.models import Role
from offers.catalogue.filters import OfferFilter
from offers.enums import EmployerKind, OfferStatus
from offers.models import Offer
from offers.ordering import newest_first
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


@pytest.fixture
def search(db, search_index):
    """Return a function that parses a query string, after the index has followed the database."""

    def search(query):
        search_index.follow()
        return OfferFilter(QueryDict(query))

    return search


def matching_titles(offer_filter):
    titles = dict(Offer.objects.values_list("pk", "title"))
    return [titles[pk] for pk in offer_filter.answer(limit=100).ids]


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
    ("query", "titles"),
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
        ("salaire=50,0k", "ad"),
        ("salaire=50,1k€", "d"),
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
def test_each_parameter_narrows_the_results(site, search, query, titles):
    offer_filter = search(query)
    assert not offer_filter.errors, offer_filter.errors
    assert sorted(matching_titles(offer_filter)) == list(titles)


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
        ("salaire=450", "salaire", "tarif par jour"),
        ("salaire=45-50", "salaire", "pas une fourchette"),
        ("tjm=1,500", "tjm", "deux sens"),
        ("salaire=-45000", "salaire", "Un montant en euros"),
        ("salaire=٤٥٠٠٠", "salaire", "Un montant en euros"),
        ("salaire=1", "salaire", "entre 5\u202f000 et 500\u202f000"),
        ("salaire=" + "9" * 19, "salaire", "Un montant"),
        ("salaire=" + "9" * 5000, "salaire", "Un montant en euros"),
        ("tjm=5000", "tjm", "entre 80 et 3\u202f000"),
        ("metier=astronaute", "metier", "n’est pas un choix possible"),
        ("competence=perl", "competence", "n’est pas un choix possible"),
        ("entreprise=inconnue", "entreprise", "Aucune offre n’a paru sous ce nom"),
        ("employeur=moi", "employeur", "n’est pas un choix possible"),
        ("depuis=2", "depuis", "n’est pas un choix possible"),
        ("tri=hasard", "tri", "n’est pas un choix possible"),
    ],
)
def test_invalid_value_is_reported_and_other_parameters_apply(site, search, query, field, message):
    offer_filter = search(query + "&contrat=cdi" if field != "contrat" else query + "&contrat=cdi&experience=junior")
    assert list(offer_filter.errors) == [field]
    assert message in offer_filter.errors[field][0]
    exceptions = {"ou=Atlantis": "", "ou=Lyon&rayon=15": "a", "ou=bretagne&rayon=20": "", "contrat=esclavage": "a"}
    expected = exceptions.get(query, "ade")
    assert sorted(matching_titles(offer_filter)) == list(expected)


def test_invalid_value_among_valid_ones_is_reported(site, search):
    offer_filter = search("contrat=cdi&contrat=x&contrat=cdd")
    assert sorted(matching_titles(offer_filter)) == list("abde")
    assert "«\u00a0x\u00a0»" in offer_filter.errors["contrat"][0]


def test_unknown_skill_among_known_ones_is_reported(site, search):
    offer_filter = search("competence=python&competence=astrologie")
    assert sorted(matching_titles(offer_filter)) == ["b", "d"]
    assert [chip.label for chip in offer_filter.chips] == ["Python"]
    assert offer_filter.errors["competence"]


def test_typo_is_corrected_with_a_link_to_the_exact_search(site, search):
    offer_filter = search("q=pyhton&contrat=cdi")
    answer = offer_filter.answer()
    assert (answer.searched, answer.instead) == ("Python", True)
    assert offer_filter.exact_link.url == "/offres/?q=pyhton&contrat=cdi&exact=1"
    assert search("q=pyhton&exact=1").answer().total == 0


def test_places_of_the_same_name_are_suggested(site, search):
    make_place(insee_code="38544", name="Vienne", department="38", population=31_000, postal_codes=["38200"])
    link = search("ou=vienne&contrat=cdi").suggestions["ou"][0]
    assert (link.label, link.url) == ("Vienne, département (86)", "/offres/?contrat=cdi&departement=86")


def test_company_without_a_public_offer_is_unknown(site, search):
    """Accepting the company would reveal that it has a confidential offer."""
    company = make_company(name="Secrète", slug="secrete")
    make_offer(company=company, confidential=True)
    assert "entreprise" in search("entreprise=secrete").errors
    public_offer = make_offer(company=company)
    assert not search("entreprise=secrete").errors
    public_offer.fill()
    assert matching_titles(search("entreprise=secrete")) == []


def test_unpublished_role_is_not_a_valid_choice(site, search):
    Role.objects.update(status=Role.Status.DRAFT)
    assert search("metier=cto").errors
    for query in ("q=cto", "q=vp+engineering"):
        assert search(query).answer().total == 0


def test_at_most_ten_skills_are_accepted(site, search):
    slugs = [make_skill().slug for _ in range(12)]
    offer_filter = search("&".join(f"competence={slug}" for slug in slugs))
    assert "10 compétences au plus" in offer_filter.errors["competence"][0]
    assert len(offer_filter.cleaned["competence"]) == 10
    assert matching_titles(offer_filter) == []


def test_sort_orders(site, search):
    assert matching_titles(search("tri=salaire")) == ["d", "a", "c", "e", "b"]
    by_day = [offer.title for offer in newest_first(Offer.objects.published())]
    assert matching_titles(search("")) == by_day
    assert by_day[-1] == "b", "published on another day"
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


def test_offer_with_several_matching_skills_is_listed_once(site, search):
    skill = make_skill("Django", aliases=["a", "b"])
    offer = make_offer(
        title="z", skills=[skill, *Offer.skills.through.skill.field.related_model.objects.exclude(pk=skill.pk)]
    )
    assert search("competence=django").answer().ids == (offer.pk,)


def test_each_chip_links_to_the_search_without_its_value(site, search):
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


def test_query_string_is_normalized(site, search):
    assert search("tri=date&contrat=cdi&contrat=cdi&q=&ou=+Lyon+&x=1&page=4").url() == "/offres/?ou=Lyon&contrat=cdi"


VALID_VALUES = {
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
INVALID_VALUES = [
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


def test_random_mixtures_of_valid_and_invalid_values_raise_no_exception(site, search):
    rng = random.Random(2026)
    for _ in range(200):
        names = rng.choices(list(VALID_VALUES), k=rng.randint(1, 10))
        query = urlencode([(name, rng.choice(rng.choice([VALID_VALUES[name], INVALID_VALUES]))) for name in names])
        result = search(query)
        assert len(matching_titles(result)) <= result.answer().total, query
        assert len(result.chips) <= len(parse_qsl(query)), query
        assert any(is_current for _, is_current in result.sort_links), query
        assert result.url().startswith("/offres/"), query
        assert isinstance(result.suggestions["ou"], list), query
        assert result.wider_link is None or "rayon=20" in result.wider_link.url, query
