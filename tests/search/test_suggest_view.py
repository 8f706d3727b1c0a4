"""The JSON endpoint of the suggestions of the search field."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from jobboard.storage import without_comments
from offers.catalogue.views.suggestions import MAX_RESULTS
from offers.models import Offer
from tests.factories import GRENOBLE, make_company, make_offer, make_place, make_role, make_skill

URL = "/offres/suggestions/"
NBSP, THIN = "\u00a0", "\u202f"


def get_results(client, text):
    response = client.get(URL, {"q": text})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    return response.json()["results"]


def test_url():
    assert reverse("catalogue:suggestions") == URL


def test_results_are_grouped_with_their_counts_of_offers(client):
    role = make_role(name="Lyricste")
    skill = make_skill("Lyra")
    company = make_company(name="Lyre & fils")
    make_offer(title="Lyonnaise des API", role=role, skills=[skill], company=company)
    make_offer(title="Autre", skills=[skill], company=company)
    assert get_results(client, "ly") == [
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


def test_one_letter_suggests_roles_and_skills_only(client):
    make_offer(title="Zoologue", role=make_role(name="Zététicien"), skills=[make_skill("Zig")])
    assert [(result["group"], result["value"]) for result in get_results(client, "z")] == [
        ("Métiers", "Zététicien"),
        ("Compétences", "Zig"),
    ]


def test_at_most_twelve_suggestions_of_every_group(client):
    for digit in range(5):
        make_offer(
            title=f"Saint-Titre {digit}",
            role=make_role(name=f"Saint-Rôle {digit}"),
            skills=[make_skill(f"Saint-Outil {digit}")],
            company=make_company(name=f"Saint-Patron {digit}"),
            place=make_place(insee_code=f"0100{digit}", name=f"Saint-Lieu {digit}"),
        )
    results = get_results(client, "saint")
    assert len(results) == MAX_RESULTS == 12
    groups = [result["group"] for result in results]
    assert list(dict.fromkeys(groups)) == ["Métiers", "Compétences", "Intitulés", "Entreprises", "Villes"]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)


def test_only_published_offers_are_counted(client):
    role = make_role(name="Graphiste")
    live = make_offer(title="Graphiste web", role=role)
    make_offer(title="Graphiste", role=role, age=timedelta(days=90), expires_at=timezone.now() - timedelta(days=1))
    make_offer(title="Graphiste print", role=role).fill()
    Offer.objects.create(title="Graphiste", contract="cdi", company=live.company, place=live.place, role=role)
    assert [(result["value"], result["detail"]) for result in get_results(client, "graph")] == [
        ("Graphiste", f"1{NBSP}offre"),
        ("Graphiste web", f"1{NBSP}offre"),
    ]
    live.fill()
    assert get_results(client, "graph") == []


def test_confidential_employers_are_never_suggested(client):
    company = make_company(name="Zanzibar Secret")
    offer = make_offer(title="Poste", company=company, confidential=True, employer_descriptor="un éditeur")
    for text in ("zanz", "secret", "za", "zanzibar secret"):
        assert get_results(client, text) == []
    open_offer = make_offer(title="Autre poste", company=company)
    assert get_results(client, "zanz")[0]["detail"] == f"1{NBSP}offre"
    Offer.objects.filter(pk=open_offer.pk).update(confidential=True)
    assert get_results(client, "zanz") == []
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
        ),
    ],
)
def test_any_text_gives_200(client, text):
    make_offer(title="Offre")
    get_results(client, text)


def test_missing_repeated_and_invalid_parameters(client):
    make_offer(title="Offre")
    assert client.get(URL).json() == {"results": []}
    assert client.get(URL + "?q=off&q=zzz").json() == {"results": []}
    for characters in ("%00", "%ff%fe", "%ed%a0%80"):
        assert client.get(f"{URL}?q={characters}").status_code == 400, characters
    assert client.post(URL, {"q": "off"}).status_code == 405
    assert client.head(URL + "?q=off").status_code == 200


def test_markup_in_a_title_is_returned_as_text(client):
    make_offer(title="<b>Dev</b> & <img src=x onerror=alert(1)>")
    (suggestion,) = get_results(client, "dev")
    assert suggestion["label"] == "<b>Dev</b> & <img src=x onerror=alert(1)>"


def test_suggestions_take_at_most_two_queries(client, django_assert_num_queries):
    make_offer(title="Lyonnaise", company=make_company(name="Lyon tech"), skills=[make_skill("Lyra")])
    # The process loads the thesaurus at the first request.
    get_results(client, "lyonn")
    # One more query reads the version of the page cache.
    with django_assert_num_queries(2):
        assert len(get_results(client, "lyon")) == 3
    with django_assert_num_queries(1):
        assert get_results(client, "l")
    with django_assert_num_queries(1):
        assert get_results(client, "nulle zzz") == []


def test_response_is_private_and_cacheable_for_a_minute(client):
    response = client.get(URL, {"q": "x"})
    assert response.headers["Cache-Control"] == "private, max-age=60"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_without_an_index_the_response_is_empty_and_not_cacheable(client, settings, tmp_path):
    make_offer(title="Offre")
    settings.SEARCH_DIR = tmp_path / "nowhere"
    response = client.get(URL, {"q": "off"})
    assert (response.status_code, response.json()) == (200, {"results": []})
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_database_the_response_is_empty(client, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr("offers.catalogue.views.suggestions.suggestions_for", fail)
    response = client.get(URL, {"q": "off"})
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
def test_suggested_title_matches_its_offers(client, index, title):
    make_offer(title=title)
    (suggestion,) = [result for result in get_results(client, title.split()[0][:9]) if result["group"] == "Intitulés"]
    assert suggestion["label"] == title
    assert len(suggestion["value"]) <= 100
    if " " in title:
        assert index.titles(suggestion["value"]) == [title]


def test_urls_of_companies_and_towns_list_their_offers(client):
    company = make_company(name="Grenat")
    here = make_offer(title="Ici", company=company)
    there = make_offer(title="Là", place=make_place(**GRENOBLE))
    urls = {result["group"]: result["url"] for result in get_results(client, "gre")}
    for group, shown, other in (("Entreprises", here, there), ("Villes", there, here)):
        page = client.get(urls[group]).content.decode()
        assert shown.get_absolute_url() in page
        assert other.get_absolute_url() not in page


def test_large_counts_have_french_separators(client, monkeypatch):
    from offers.catalogue.suggestions import Suggestion
    from offers.catalogue.views import suggestions

    monkeypatch.setattr(suggestions, "suggestions_for", lambda *_: [Suggestion("skill", "Python", 12345, 1)])
    assert get_results(client, "p")[0]["detail"] == f"12{THIN}345{NBSP}offres"


def test_search_fields_use_this_url_and_the_script_is_small(client):
    for page in ("/", "/offres/"):
        html = client.get(page).content.decode()
        assert f'data-combobox="{URL}"' in html
        assert 'data-least="1"' in html
        assert 'role="combobox"' not in html, "set by the script, without which there are no suggestions"
    script = without_comments("js/site.js", ContentFile(Path("static/js/site.js").read_bytes())).read()
    assert len(gzip.compress(script)) < 5_000
    assert b"innerHTML" not in script
