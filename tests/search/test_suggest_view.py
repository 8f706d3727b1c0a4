"""What is answered while somebody types in the search box."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.views.suggestions import MAX_RESULTS
from offers.models import Offer
from tests.factories import GRENOBLE, make_company, make_offer, make_place, make_role, make_skill

ADDRESS = "/offres/suggestions/"
NBSP, THIN = "\u00a0", "\u202f"


def asked(client, text):
    response = client.get(ADDRESS, {"q": text})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    return response.json()["results"]


def values(client, text):
    return [result["value"] for result in asked(client, text)]


def test_address():
    assert reverse("catalogue:suggestions") == ADDRESS


def test_groups_in_order_each_with_its_number_of_offers(client):
    role = make_role(name="Lyricste")
    skill = make_skill("Lyra")
    company = make_company(name="Lyre & fils")
    make_offer(title="Lyonnaise des API", role=role, skills=[skill], company=company)
    make_offer(title="Autre", skills=[skill], company=company)
    assert asked(client, "ly") == [
        {"value": "Lyricste", "label": "Lyricste", "detail": f"1{NBSP}offre", "group": "Métiers"},
        {"value": "Lyra", "label": "Lyra", "detail": f"2{NBSP}offres", "group": "Compétences"},
        {"value": "Lyonnaise des API", "label": "Lyonnaise des API", "detail": f"1{NBSP}offre", "group": "Intitulés"},
        {
            "value": "Lyre & fils", "label": "Lyre & fils", "detail": f"2{NBSP}offres", "group": "Entreprises",
            "url": "/offres/?entreprise=lyre-fils",
        },
        {
            "value": "Lyon (69)", "label": "Lyon (69)", "detail": f"2{NBSP}offres", "group": "Villes",
            "field": "ou", "url": "/offres/?ou=Lyon+%2869%29",
        },
    ]  # fmt: skip


def test_one_letter_asks_for_roles_and_skills_only(client):
    make_offer(title="Zoologue", role=make_role(name="Zététicien"), skills=[make_skill("Zig")])
    assert [(found["group"], found["value"]) for found in asked(client, "z")] == [
        ("Métiers", "Zététicien"),
        ("Compétences", "Zig"),
    ]


def test_at_most_twelve(client):
    for number in range(5):
        make_offer(
            title=f"Saint-Titre {number}",
            role=make_role(name=f"Saint-Rôle {number}"),
            skills=[make_skill(f"Saint-Outil {number}")],
            company=make_company(name=f"Saint-Patron {number}"),
            place=make_place(insee_code=f"0100{number}", name=f"Saint-Lieu {number}"),
        )
    found = asked(client, "saint")
    assert len(found) == MAX_RESULTS == 12
    groups = [result["group"] for result in found]
    assert list(dict.fromkeys(groups)) == ["Métiers", "Compétences", "Intitulés", "Entreprises", "Villes"]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)


def test_only_live_offers_count(client):
    role = make_role(name="Graphiste")
    live = make_offer(title="Graphiste web", role=role)
    make_offer(title="Graphiste", role=role, age=timedelta(days=90), expires_at=timezone.now() - timedelta(days=1))
    make_offer(title="Graphiste print", role=role).fill()
    Offer.objects.create(title="Graphiste", contract="cdi", company=live.company, place=live.place, role=role)
    assert [(found["value"], found["detail"]) for found in asked(client, "graph")] == [
        ("Graphiste", f"1{NBSP}offre"),
        ("Graphiste web", f"1{NBSP}offre"),
    ]
    live.fill()
    assert asked(client, "graph") == []


def test_confidential_employers_never_appear(client):
    company = make_company(name="Zanzibar Secret")
    offer = make_offer(title="Poste", company=company, confidential=True, employer_descriptor="un éditeur")
    for text in ("zanz", "secret", "za", "zanzibar secret"):
        assert asked(client, text) == []
    open_offer = make_offer(title="Autre poste", company=company)
    assert asked(client, "zanz")[0]["detail"] == f"1{NBSP}offre"
    Offer.objects.filter(pk=open_offer.pk).update(confidential=True)
    assert asked(client, "zanz") == []
    assert offer.confidential


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "'",
            '"',
            "-",
            "(",
            "*",
            "\\",
            "a" * 5_000,
            "é",
            "🙂",
            "😀 " * 60,
            "c++ .net [",
            "%",
            "_",
            "a AND b",
        ),
        *(
            "title:x",
            "<script>alert(1)</script>",
            "\u202e",
            "l\u0301",
            "٦٩٠٠١",
            "\t\r\n",
            "' OR 1=1 --",
            "AND",
            "\ud800",
        ),
    ],
)
def test_nothing_typed_is_an_error(client, text):
    make_offer(title="Offre")
    asked(client, text.encode("utf-8", "surrogatepass"))


def test_other_hostile_requests(client):
    make_offer(title="Offre")
    assert client.get(ADDRESS).json() == {"results": []}
    assert client.get(ADDRESS + "?q=off&q=zzz").json() == {"results": []}
    assert client.get(ADDRESS + "?q=%ff%fe").json() == {"results": []}
    assert client.get(ADDRESS + "?q=%00").status_code == 400
    assert client.post(ADDRESS, {"q": "off"}).status_code == 405
    assert client.head(ADDRESS + "?q=off").status_code == 200


def test_markup_in_a_name_is_data(client):
    make_offer(title="<b>Dev</b> & <img src=x onerror=alert(1)>")
    (found,) = asked(client, "dev")
    assert found["label"] == "<b>Dev</b> & <img src=x onerror=alert(1)>"


def test_at_most_one_query_of_its_own(client, django_assert_num_queries):
    make_offer(title="Lyonnaise", company=make_company(name="Lyon tech"), skills=[make_skill("Lyra")])
    asked(client, "lyonn")  # the process reads the words that people search by once
    # Beside the one whether anything has changed.
    with django_assert_num_queries(2):
        assert len(asked(client, "lyon")) == 3
    with django_assert_num_queries(1):
        assert asked(client, "l")
    with django_assert_num_queries(1):
        assert asked(client, "nulle part") == []


def test_kept_for_a_minute_by_the_browser_alone(client):
    response = client.get(ADDRESS, {"q": "x"})
    assert response.headers["Cache-Control"] == "private, max-age=60"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_without_an_index_nothing_is_suggested_and_nothing_kept(client, settings, tmp_path):
    make_offer(title="Offre")
    settings.SEARCH_DIR = tmp_path / "nowhere"
    response = client.get(ADDRESS, {"q": "off"})
    assert (response.status_code, response.json()) == (200, {"results": []})
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_database_nothing_is_suggested_either(client, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr("offers.catalogue.views.suggestions.suggestions_for", fail)
    response = client.get(ADDRESS, {"q": "off"})
    assert (response.status_code, response.json()) == (200, {"results": []})


@pytest.mark.parametrize(
    "title",
    [
        "Ingénieure sécurité",
        "Consultant -senior- SAP",
        "Chef de projet « digital »",
        'Lead "dev" (C++ / .NET)',
        "Développeur – Lyon",
        "Développeur·euse front-end",
        "Responsable d’applications " + "métier transverses et décisionnelles " * 2 + "de la direction",
        "x" * 120,
    ],
)
def test_a_suggested_title_finds_its_offers(client, index, title):
    make_offer(title=title)
    (found,) = [result for result in asked(client, title.split()[0][:9]) if result["group"] == "Intitulés"]
    assert found["label"] == title
    assert len(found["value"]) <= 100
    if " " in title:
        assert index.titles(found["value"]) == [title]


def test_where_companies_and_towns_lead(client):
    company = make_company(name="Grenat")
    here = make_offer(title="Ici", company=company)
    there = make_offer(title="Là", place=make_place(**GRENOBLE))
    urls = {found["group"]: found["url"] for found in asked(client, "gre")}
    for group, shown, hidden in (("Entreprises", here, there), ("Villes", there, here)):
        page = client.get(urls[group]).content.decode()
        assert shown.get_absolute_url() in page
        assert hidden.get_absolute_url() not in page


def test_large_numbers_are_printed_as_the_pages_do(client, monkeypatch):
    from offers.catalogue.views import suggestions
    from offers.search.suggestions import Suggestion

    monkeypatch.setattr(suggestions, "suggestions_for", lambda *_: [Suggestion("skill", "Python", 12345, 1)])
    assert asked(client, "p")[0]["detail"] == f"12{THIN}345{NBSP}offres"


def test_the_fields_ask_here_and_the_script_is_small(client):
    for page in ("/", "/offres/"):
        html = client.get(page).content.decode()
        assert f'data-combobox="{ADDRESS}"' in html
        assert 'data-least="1"' in html
        assert 'role="combobox"' not in html  # nothing pretends to suggest before the script is there
    script = Path("static/js/site.js").read_bytes()
    assert len(gzip.compress(script)) < 5_000
    assert b"innerHTML" not in script
