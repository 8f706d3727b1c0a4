import pytest

from offers.catalogue.suggestions import Suggestion, suggest
from offers.models import Offer
from offers.places.gazetteer import gazetteer
from tests.factories import GRENOBLE, make_company, make_offer, make_place, make_role, make_skill


def get_suggestions(index, text):
    return [(result.kind, result.label, result.count) for result in suggest(index.searcher, text, index.thesaurus)]


def test_each_kind_of_suggestion_has_its_count_of_offers(index):
    role = make_role(name="Développeur Python")
    python = make_skill("Python", aliases=["CPython"])
    company = make_company(name="Pythéas")
    for _ in range(2):
        make_offer(title="Développeuse Python Django", role=role, skills=[python], company=company)
    make_offer(title="Pythoniste", skills=[python], place=make_place(**GRENOBLE))
    Offer.objects.create(title="Python", contract="cdi", company=company, place=make_place())  # A draft.
    assert suggest(index.searcher, "pyth", index.thesaurus) == [
        Suggestion("role", "Développeur Python", 2, role.pk),
        Suggestion("skill", "Python", 3, python.pk),
        Suggestion("title", "Développeuse Python Django", 2),
        Suggestion("title", "Pythoniste", 1),
        Suggestion("company", "Pythéas", 2, company.pk, "pytheas"),
    ]
    assert get_suggestions(index, "gren") == [("town", "Grenoble (38)", 1)]


def test_suggested_titles_are_those_of_the_current_index(index):
    retitled, closed = make_offer(title="Pilote de ligne"), make_offer(title="Pilote de chasse")
    for _ in range(2):
        make_offer(title="Pilote de rallye")
    assert get_suggestions(index, "pilo") == [
        ("title", "Pilote de rallye", 2),
        ("title", "Pilote de chasse", 1),
        ("title", "Pilote de ligne", 1),
    ]
    closed.fill()
    for _ in range(2):
        make_offer(title="Pilote d’essai")
    Offer.objects.filter(pk=retitled.pk).update(title="Pilote de drone")
    assert sorted(get_suggestions(type(index)(), "pilo")) == [
        ("title", "Pilote de drone", 1),
        ("title", "Pilote de rallye", 2),
        ("title", "Pilote d’essai", 2),
    ]


@pytest.mark.parametrize("typed", ["ing", "INGÉ", "ingénieur", "ingénieure", "sécu ing", "ingénieur sécurité", "secu"])
def test_words_match_by_prefix_in_any_order(index, typed):
    make_offer(title="Ingénieure sécurité")
    make_offer(title="Comptable")
    assert get_suggestions(index, typed) == [("title", "Ingénieure sécurité", 1)]


def test_other_titles_of_a_role_suggest_its_name(index):
    role = make_role(name="CTO")
    role.titles.create(title="Directeur technique")
    make_role(name="Direction sans offre")
    make_offer(title="X", role=role)
    assert get_suggestions(index, "direc") == [("role", "CTO", 1)]


def test_single_letter_matches_the_displayed_name_only(index):
    role = make_role(name="CTO")
    role.titles.create(title="Patron de la technique")
    make_offer(title="X", role=role, skills=[make_skill("Python"), make_skill("Kubernetes", aliases=["Pods"])])
    assert get_suggestions(index, "p") == [("skill", "Python", 1)]


def test_confidential_employers_are_not_suggested(index):
    make_offer(title="X", confidential=True, company=make_company(name="Zanzibar"))
    assert get_suggestions(index, "zanz") == []


def test_title_that_is_a_role_is_suggested_once(index):
    make_offer(title="Data engineer", role=make_role(name="Data Engineer"))
    assert get_suggestions(index, "data eng") == [("role", "Data Engineer", 1)]


@pytest.mark.parametrize("typed", ["", " ", "'", "-", "(", "*", "\\", "a" * 500, "é", "🙂", "c++ .net [", "😀 " * 60])
def test_no_text_raises_an_exception(index, typed):
    make_offer(title="Offre")
    suggest(index.searcher, typed, index.thesaurus)


def test_suggestions_take_one_query(index, django_assert_num_queries):
    make_offer(title="Lyon", company=make_company(name="Lyon tech"))
    searcher, thesaurus = index.searcher, index.thesaurus
    # Loaded once by each process.
    gazetteer()
    with django_assert_num_queries(1):
        assert len(suggest(searcher, "lyon", thesaurus)) == 3
