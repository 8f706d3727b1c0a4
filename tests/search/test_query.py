import random
from datetime import timedelta

import pytest
from django.utils import timezone

from offers.enums import Contract
from offers.models import Offer
from offers.ordering import newest_first
from offers.search.query import SearchRequest, similar
from offers.search.synonyms import Kind, SynonymGroup
from tests.factories import GRENOBLE, PARIS, make_company, make_offer, make_place, make_role, make_skill
from tests.search.conftest import as_criteria

FEMININE_AND_MASCULINE = [
    ("Développeur Python", ["développeuse", "développeur·euse", "Développeurs", "developpeur(se)", "DÉVELOPPEUR/SE"]),
    ("Développeuse Java", ["développeur", "développeur/développeuse", "développeur-euse"]),
    ("Développeur·euse PHP", ["développeur", "développeuse"]),
    ("Technicien(ne) support", ["technicienne", "technicien·ne", "techniciens"]),
    ("Ingénieure réseaux", ["ingénieur", "ingénieur(e)", "ingenieur réseau"]),
    ("Cheffe de projet", ["chef de projet", "chef·fe de projet", "chefs de projets"]),
    ("Directeur technique", ["directrice", "directeur/directrice", "directrice technique (H/F)"]),
    ("Administratrice systèmes", ["administrateur système", "administrateur·rice"]),
    ("Architecte d’entreprise", ["architecte d'entreprise", "ARCHITECTE ENTREPRISE", "l’architecte"]),
    ("Chargée d’études décisionnelles", ["chargé d'étude", "chargé(e) décisionnel"]),
]


@pytest.mark.parametrize(("title", "queries"), FEMININE_AND_MASCULINE)
def test_gender_number_case_and_accents_do_not_matter(index, title, queries):
    make_offer(title=title)
    make_offer(title="Comptable")
    assert {q: index.titles(q, exact=True) for q in queries} == {q: [title] for q in queries}


TECHNICAL = [
    "C",
    "C++",
    "C#",
    "F#",
    "R",
    "Go",
    ".NET",
    "Node.js",
    "Vue.js",
    "SAP/ABAP",
    "TypeScript",
    "CI/CD",
    "PL/SQL",
]


@pytest.mark.parametrize("name", TECHNICAL)
def test_technical_names_match_as_whole_words(index, name):
    for other in TECHNICAL:
        make_offer(title=f"Expertise {other}", description="Réseau, rigueur et R&D, à l’écoute ; c’est Node et net.")
    assert index.titles(name, exact=True) == [f"Expertise {name}"]
    assert index.titles(name.lower(), exact=True) == [f"Expertise {name}"]


@pytest.mark.parametrize("q", ["front-end", "frontend", "front end", "Front-End", "FRONTEND"])
def test_spellings_of_a_compound_match_each_other(index, q):
    titles = {"Développeur front-end", "Développeur frontend", "Développeur front end"}
    for title in [*titles, "Gestionnaire front office, appels et end-user"]:
        make_offer(title=title)
    assert set(index.titles(q)) == titles


def test_all_words_must_match(index):
    make_offer(title="Développeur Python")
    make_offer(title="Développeur Java", description="Un peu de Python.")
    make_offer(title="Développeur PHP")
    assert index.titles("développeur python") == ["Développeur Python", "Développeur Java"]


def test_repeated_words_of_a_query_count_once(index):
    make_offer(title="Python : chef de projet", age=timedelta(days=1))
    make_offer(title="Chef de projet Python", age=timedelta(days=9))
    # The title with the words of the query side by side comes first, although it has them once only.
    for q in ("chef de projet python", "cheffe de projet ou chef de projet python"):
        assert index.titles(q) == ["Chef de projet Python", "Python : chef de projet"]


def test_results_are_ordered_by_the_field_that_matches(index):
    skill = make_skill("Kafka")
    make_offer(title="D", description="Vous connaissez Kafka. " * 3)
    make_offer(title="C", highlights="Un vrai projet Kafka")
    make_offer(title="B", company=make_company(name="Kafka conseil"))
    make_offer(title="A", skills=[skill])
    make_offer(title="Expert Kafka")
    make_offer(title="Autre")
    assert index.titles("kafka") == ["Expert Kafka", "A", "B", "C", "D"]


def test_fresh_offers_come_first_among_equal_scores(index):
    for days in (40, 3, 20, 1, 55):
        make_offer(title="Développeur Ruby", age=timedelta(days=days), external_reference=str(days))
    references = dict(Offer.objects.values_list("pk", "external_reference"))
    assert [references[pk] for pk in index.search("ruby").ids] == ["1", "3", "20", "40", "55"]


def test_confidential_offer_matches_the_descriptor_but_not_the_company(index):
    company = make_company(name="Zanzibar Systèmes")
    make_offer(
        title="Secret", confidential=True, company=company, employer_descriptor="Éditeur de logiciels pour musées"
    )
    assert index.titles("zanzibar", exact=True) == []
    assert index.titles("éditeur musée") == ["Secret"]
    assert index.search(company=company.pk).total == 0


def test_titles_of_a_role_and_names_of_a_skill_are_synonyms(index):
    role = make_role(name="CTO")
    role.titles.create(title="Directeur technique")
    make_offer(title="Bras droit du fondateur", role=role)
    make_offer(title="Directrice technique")
    make_offer(title="CTO")
    make_offer(title="Dessinateur technique")
    make_offer(title="Front", skills=[make_skill("JavaScript", aliases=["JS", "ECMAScript"])])
    make_offer(title="Développement JavaScript")
    assert set(index.titles("CTO")) == {"Bras droit du fondateur", "Directrice technique", "CTO"}
    assert set(index.titles("directrice technique")) == {
        "Bras droit du fondateur",
        "Directrice technique",
        "CTO",
    }
    assert set(index.titles("js")) == {"Front", "Développement JavaScript"}


def test_other_titles_of_a_role_match_in_titles_only(index):
    """A description that mentions a colleague with this title is not an offer for this title."""
    role = make_role(name="Développeur backend")
    role.titles.create(title="Ingénieur logiciel")
    role.titles.create(title="Backendiste")
    make_offer(title="Développeuse backend")
    make_offer(title="Backendiste confirmé")
    make_offer(title="Testeur", description="Vous vérifiez ce que font le développeur backend et le backendiste.")
    assert sorted(index.titles("ingénieure logicielle")) == ["Backendiste confirmé", "Développeuse backend"]
    assert "Testeur" in index.titles("développeur backend")


def test_other_titles_of_a_role_match_as_phrases(index):
    make_role(name="Chef de projet web").titles.create(title="Webmestre")
    make_offer(title="Cheffe de projet web junior")
    make_offer(title="Chef de cuisine du projet web")
    make_offer(title="Webmestre")
    assert sorted(index.titles("webmestre")) == ["Cheffe de projet web junior", "Webmestre"]


@pytest.mark.parametrize("generic", ["Développeur", "Développeuse ou développeur"])
def test_more_general_title_of_a_role_is_not_a_synonym(index, generic):
    """A search for “développeur backend” does not match every “développeur”, although both are titles of the role."""
    role = make_role(name="Développeur backend")
    role.titles.create(title=generic)
    role.titles.create(title="Ingénieur logiciel")
    make_offer(title="Développeuse mobile")
    make_offer(title="Développeuse backend")
    assert index.titles("développeur backend") == ["Développeuse backend"]
    assert sorted(index.titles("ingénieur logiciel")) == ["Développeuse backend", "Développeuse mobile"]


def test_synonyms_of_several_words_match_as_phrases(index):
    index.sets = [
        SynonymGroup(("PO", "product owner")),
        SynonymGroup(("admin sys", "administrateur système", "sysadmin")),
        SynonymGroup(("back", "serveur"), Kind.ALSO),
    ]
    make_offer(title="Product Owner")
    make_offer(title="Product manager", description="With ownership: owner of the product.")
    make_offer(title="Administratrice systèmes")
    assert index.titles("PO") == ["Product Owner"]
    assert index.titles("admin sys") == ["Administratrice systèmes"]
    assert index.titles("sysadmin") == ["Administratrice systèmes"]
    make_offer(title="Serveur")
    make_offer(title="Back")
    index = type(index)(index.sets)
    assert set(index.titles("back")) == {"Back", "Serveur"}
    assert index.titles("serveur") == ["Serveur"]


SPLIT_COMPOUNDS = {
    "micro services": "Architecture orientée services",
    "micro-services": "Architecture orientée services",
    "data base": "Expert SGBD",
    "cyber securite": "Sécurité informatique",
    "web service": "API SOAP",
    "développeur front end": "Codeur d’écrans",
    "dba data base": "DBA SGBD",
}


@pytest.mark.parametrize("q", SPLIT_COMPOUNDS)
def test_compound_in_two_words_has_the_synonyms_of_the_joined_one(index, q):
    index.sets = [
        SynonymGroup(("microservices", "architecture orientée services")),
        SynonymGroup(("database", "SGBD")),
        SynonymGroup(("cybersécurité", "sécurité informatique")),
        SynonymGroup(("webservice", "API SOAP")),
        SynonymGroup(("développeur frontend", "codeur d’écrans")),
    ]
    for title in {*SPLIT_COMPOUNDS.values(), "Micro-ordinateurs et services", "Base de la data"}:
        make_offer(title=title)
    assert SPLIT_COMPOUNDS[q] in index.titles(q)
    request = SearchRequest(index.searcher, as_criteria(q), index.thesaurus)
    assert request.count() == len(index.titles(q))


def test_word_of_a_known_expression_has_its_synonyms_in_titles(index):
    index.sets = [
        SynonymGroup(("ingénieur cybersécurité", "security engineer")),
        SynonymGroup(("cybersécurité", "cyber")),
    ]
    make_offer(title="Ingénieur cyber")
    make_offer(title="Ingénieur", description="Une mission cyber.")
    make_offer(title="Security engineer")
    assert set(index.titles("ingénieur cybersécurité")) == {"Ingénieur cyber", "Security engineer"}
    request = SearchRequest(index.searcher, as_criteria("ingénieur cybersécurité"), index.thesaurus)
    assert request.count() == 2


def test_compound_within_a_known_expression_matches_in_every_spelling(index):
    index.sets = [SynonymGroup(("développeur front end", "développeur d’écrans"))]
    titles = {"Développeur React frontend", "Développeur React front end", "Développeuse front-end"}
    for title in titles:
        make_offer(title=title)
    assert set(index.titles("développeur front end")) == titles


def test_compound_in_two_words_has_the_narrower_ones_of_the_joined_one(index):
    index.sets = [SynonymGroup(("frontend", "react"), Kind.NARROWER)]
    make_offer(title="React")
    assert index.titles("front end") == index.titles("front-end") == ["React"]


def test_narrower_expressions_match_after_the_word_itself(index):
    index.sets = [
        SynonymGroup(("mobile", "android", "react native"), Kind.NARROWER),
        SynonymGroup(("mobile", "nomade")),
    ]
    for fields in (
        {"title": "Développeuse Android"},
        {"title": "Ingénieur React Native"},
        {"title": "Développeur", "skills": [make_skill("Android")]},
        {"title": "Testeur", "description": "Vos collègues développent pour Android."},
        {"title": "Développeur d’applications mobiles", "age": timedelta(days=50)},
        {"title": "Développeur front", "description": "Le site et son application mobile. " + "Autre chose. " * 200},
    ):
        make_offer(**fields)
    narrower = {"Développeuse Android", "Ingénieur React Native", "Développeur"}
    for q in ("mobile", "nomade"):
        titles = index.titles(q)
        assert titles[:2] == ["Développeur d’applications mobiles", "Développeur front"]
        assert set(titles[2:]) == narrower
    # Each word of a query has its narrower ones.
    first, *others = index.titles("développeur mobile")
    assert first == "Développeur d’applications mobiles"
    assert set(others) == {"Développeur front", "Développeuse Android", "Développeur"}
    # The narrower word does not match the wide one.
    assert set(index.titles("android")) == {"Développeuse Android", "Développeur", "Testeur"}
    assert index.titles("react native") == ["Ingénieur React Native"]


@pytest.mark.parametrize("q", ["mobile", "développeur mobile", "-java mobile", "mobile lyon"])
def test_count_is_that_of_the_scored_results(index, q):
    index.sets = [SynonymGroup(("mobile", "android", "react native"), Kind.NARROWER)]
    for title in ("Développeuse Android", "Ingénieur React Native", "Développeur mobile", "Développeur"):
        make_offer(title=title)
    request = SearchRequest(index.searcher, as_criteria(q), index.thesaurus)
    assert request.count() == len(index.titles(q)) > 0


@pytest.mark.parametrize(
    "q", ["le", "de la", "à l’", "pour et avec", '"de"', "-le", '"', "-", "()", "…", "(H/F)", "   "]
)
def test_stop_words_and_punctuation_do_not_narrow_the_results(index, q):
    make_offer(title="Offre")
    assert index.titles(q) == ["Offre"]
    assert index.titles(f"{q} offre {q}") == ["Offre"]


def test_quoted_phrases_and_excluded_words(index):
    make_offer(title="Chef de projet digital")
    make_offer(title="Projet : chef cuisinier digital")
    make_offer(title="Chef de projet Java", skills=[make_skill("Java")])
    assert set(index.titles("chef projet")) == {
        "Chef de projet digital", "Projet : chef cuisinier digital", "Chef de projet Java"
    }  # fmt: skip
    assert set(index.titles('"chef de projet"')) == {"Chef de projet digital", "Chef de projet Java"}
    assert index.titles("« chef de projet » -java") == ["Chef de projet digital"]
    assert set(index.titles("-java")) == {"Chef de projet digital", "Projet : chef cuisinier digital"}


def test_filters_are_combined_with_and_and_their_values_with_or(index):
    lyon, grenoble = make_place(), make_place(**GRENOBLE)
    cto, java, sql = make_role(), make_skill(), make_skill()
    company = make_company(kind="esn")
    one = make_offer(title="1", place=lyon, role=cto, skills=[java, sql], remote_days=2, experience="junior",
                     company=company, pay_min=40_000, pay_max=50_000)  # fmt: skip
    two = make_offer(title="2", place=grenoble, contract=Contract.FREELANCE, skills=[java], remote_days=0,
                     pay_min=400, pay_max=600, age=timedelta(days=10))  # fmt: skip
    three = make_offer(title="3", fully_remote=True, contract=Contract.CDD)

    def ids(**criteria):
        return set(index.search(**criteria).ids)

    def as_set(*values):
        return frozenset(values)

    assert ids() == {one.pk, two.pk, three.pk}
    assert ids(places=as_set(lyon.pk)) == {one.pk}
    assert ids(places=as_set(lyon.pk, grenoble.pk)) == {one.pk, two.pk}
    assert ids(places=as_set()) == set()
    assert ids(regions=as_set("84")) == {one.pk, two.pk}
    assert ids(departments=as_set("38")) == {two.pk}
    assert ids(contract=as_set("cdi", "cdd")) == {one.pk, three.pk}
    assert ids(remote=as_set("0", "100")) == {two.pk, three.pk}
    assert ids(experience=as_set("junior")) == {one.pk}
    assert ids(roles=as_set(cto.pk)) == {one.pk}
    assert ids(skills=as_set(java.pk)) == {one.pk, two.pk}
    assert ids(skills=as_set(java.pk, sql.pk)) == {one.pk}
    assert ids(kind=as_set("esn")) == {one.pk}
    assert ids(company=company.pk) == {one.pk}
    assert ids(company=0) == set()
    assert ids(salary=50_000) == {one.pk}
    assert ids(salary=50_001) == set()
    assert ids(daily_rate=600) == {two.pk}
    assert ids(daily_rate=600, salary=45_000) == {one.pk, two.pk}
    assert ids(since=timezone.now() - timedelta(days=3)) == {one.pk, three.pk}
    assert ids(regions=as_set("84"), contract=as_set("freelance")) == {two.pk}
    assert ids(q="2", regions=as_set("84")) == {two.pk}


def test_sort_orders_and_pagination(index):
    pay = [30_000, 90_000, None, 50_000]
    offers = [
        make_offer(title=f"Offre {n}", age=timedelta(hours=n + 1), pay_min=value, pay_max=value)
        for n, value in enumerate(pay)
    ]
    day = make_offer(title="Jour", contract=Contract.FREELANCE, pay_min=500, pay_max=500, age=timedelta(days=2))
    by_date = [offer.pk for offer in newest_first([*offers, day])]
    assert list(index.search(sort="date").ids) == by_date
    assert list(index.search().ids) == by_date
    assert list(index.search(offset=2, limit=2).ids) == by_date[2:4]
    assert list(index.search(sort="salary").ids) == [offers[i].pk for i in (1, 3, 0)] + [day.pk, offers[2].pk]
    assert index.search(offset=10_000).ids == ()
    assert index.search(offset=10_000).total == 5
    assert index.search("offre", offset=20).total == 4


def test_query_may_contain_town_contract_and_remote_work(index):
    make_offer(title="Développeuse Python", place=make_place(**PARIS))
    make_offer(title="Développeur Python", contract=Contract.APPRENTICESHIP, remote_days=2)
    assert index.titles("python paris") == ["Développeuse Python"]
    assert index.titles("alternance python lyon télétravail") == ["Développeur Python"]


def test_no_query_raises_an_exception(index):
    make_offer(title="Développeur C++ / .NET (front-end)", skills=[make_skill("Vue.js", aliases=["Vue"])])
    rng = random.Random(7)
    signs = "\"«»“”'’-–()[]{}*?~^:\\/+#.&|!<>@\u00a0\u202f\u200b\t\n"
    unusual_words = "AND OR NOT TO title: all:x C++ c# .net œuvre développeu é ﬁ 日本語 🙂 - -- H/F a 1 ² İ"
    pieces = [*signs, *unusual_words.split(), "\u0301", "x" * 120, '""']
    for _ in range(1_500):
        text = "".join(rng.choice(pieces) + rng.choice(["", " "]) for _ in range(rng.randint(0, 12)))
        results = index.search(text)
        assert 0 <= results.total <= 1
    assert index.search("python " * 1_000).total == 0


def test_similar_offers_share_role_or_skills(index):
    role, java = make_role(), make_skill("Java")
    offer = make_offer(title="Développeur Java", role=role, skills=[java])
    same = make_offer(title="Développeuse Java", role=role, skills=[java])
    near = make_offer(title="Architecte", skills=[java], place=make_place(**GRENOBLE))
    make_offer(title="Comptable")
    assert similar(index.searcher, offer, [java.pk]) == (same.pk, near.pk)
    assert similar(index.searcher, offer, [java.pk], limit=1) == (same.pk,)
    assert similar(index.searcher, make_offer(title="…"), []) == ()


def test_offers_with_the_same_place_and_terms_only_are_not_similar(index):
    place, java = make_place(), make_skill("Java")
    terms = {"place": place, "contract": "cdi", "experience": "confirme"}
    offer = make_offer(title="Développeur Java", role=make_role(), skills=[java], **terms)
    for _ in range(10):
        make_offer(title="Juriste", **terms)
    # Its score is lower than the sum for the same place, contract, experience and date.
    other = make_offer(
        title="Architecte", skills=[java], place=make_place(**GRENOBLE), contract="freelance", age=timedelta(days=50)
    )
    assert similar(index.searcher, offer, [java.pk]) == (other.pk,)


def test_fresh_offers_come_first_among_equally_similar_offers(index):
    python = make_skill("Python")
    offer = make_offer(title="Dév Python", skills=[python])
    ages = (40, 1, 30, 9, 20)
    by_age = {days: make_offer(title="Dév Python", skills=[python], age=timedelta(days=days)).pk for days in ages}
    assert similar(index.searcher, offer, [python.pk], limit=2) == (by_age[1], by_age[9])
