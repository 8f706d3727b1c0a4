"""Names of skills that are also common words, units, abbreviations or companies."""

import pytest

from offers.search.ambiguous import BESIDE, NAMES, marked, marks
from offers.search.analysis import words
from offers.search.query import SearchRequest
from offers.search.synonyms import Kind, SynonymGroup
from tests.factories import make_company, make_offer, make_role, make_skill
from tests.search.conftest import as_criteria

# Texts by the name that they contain, and whether it is the skill.
TEXTS = [
    ("swift", "Applications iOS en Swift", True),
    ("swift", "Swift, SwiftUI et Combine", True),
    ("swift", "Paiements SWIFT et SEPA", False),
    ("swift", "We need swift answers", False),
    ("rust", "Services en Rust ou C++", True),
    ("rust", "Le langage Rust", True),
    ("rust", "Trust, not rust", False),
    ("spring", "Java / Spring", True),
    ("spring", "Next spring we move", False),
    ("excel", "Excel, Word et PowerPoint", True),
    ("excel", "You excel at mathematics", False),
    ("go", "Microservices en Go", True),
    ("go", "Vous codez en Go", False),
    ("go", "32 Go de mémoire", False),
    ("go", "Serveurs Linux 16 Go", False),
    ("go", "Let’s go live", False),
    ("r", "Python, R et SQL", True),
    ("r", "Bâtiment R+2", False),
    ("c", "Développement C/C++", True),
    ("c", "Permis B ou C", False),
    ("ts", "JavaScript/TS", True),
    ("ts", "Norme TS 16949", False),
    ("ts", "Norme TS 16949 et Python", False),
    ("ad", "Linux, AD et GPO", True),
    ("ad", "Ad hoc", False),
    ("vue", "En vue de la recette", False),
    ("vue", "Vue ou React", True),
    ("c", "Java, C, R", True),
    ("r", "Java, C, R", True),
]


@pytest.mark.parametrize(("name", "text", "is_skill"), TEXTS)
def test_name_is_a_skill_beside_an_it_word(name, text, is_skill):
    assert (marked(name) in marks([], words(text), set(words(text)))) == is_skill
    assert marked(name) in marks(words(text), [], set())


def test_data_is_consistent():
    assert len(NAMES) >= 100
    assert set() == NAMES & BESIDE
    assert all(len(words(name)) == 1 for name in NAMES | BESIDE)
    assert not [name for name in NAMES if "_" in name]


@pytest.fixture
def offers(db):
    swift = make_skill("Swift")
    make_offer(title="Développeur mobile", skills=[swift])
    make_offer(title="Développeur Swift")
    make_offer(title="Ingénieur", description="Vous développez des applications iOS en Swift.")
    make_offer(title="Chef de projet paiements", description="Vous connaissez les messages SWIFT et SEPA.")
    make_offer(title="Support engineer", description="You give swift answers to our clients.")
    make_offer(title="Comptable", company=make_company(name="Swift"))


SKILLED = {"Développeur mobile", "Développeur Swift", "Ingénieur"}


def test_ambiguous_name_does_not_match_other_meanings_in_texts(index, offers):
    assert set(index.titles("swift")) == SKILLED | {"Comptable"}
    assert index.titles("swift")[0] == "Développeur Swift"
    # Where no offer has all words, texts are searched.
    assert index.titles("swift paiements") == ["Chef de projet paiements"]
    assert index.search("swift paiements", places=frozenset([0])).total == 0
    # Exact words: a phrase matches every text.
    assert len(index.titles('"swift"')) == 6
    # Adjacent words of the query are a text as well.
    assert index.titles("messages swift") == ["Chef de projet paiements"]
    assert set(index.titles("-swift")) == {"Chef de projet paiements", "Support engineer", "Comptable"}


@pytest.mark.parametrize(
    "q", ["swift", "messages swift", "-swift", "swift/kotlin", "swift -java", "apple swift", "swift paiements"]
)
def test_count_is_that_of_the_scored_results(index, offers, q):
    assert SearchRequest(index.searcher, as_criteria(q), index.thesaurus).count() == len(index.titles(q))


def test_ambiguous_synonym_matches_as_carefully(index, db):
    index.sets = [SynonymGroup(("go", "golang")), SynonymGroup(("frontend", "vue"), Kind.ALSO)]
    make_offer(title="Développeur Go")
    make_offer(title="Ingénieur", description="Des microservices en Go.")
    make_offer(title="Livreur", description="Ordinateur avec 32 Go de mémoire. Go !", company=make_company(name="Go"))
    make_offer(title="Comptable", description="En vue de la clôture.")
    make_offer(title="Intégrateur Vue")
    assert set(index.titles("golang")) == {"Développeur Go", "Ingénieur"}
    assert set(index.titles("go")) == {"Développeur Go", "Ingénieur", "Livreur"}
    assert index.titles("frontend") == ["Intégrateur Vue"]


def test_alias_of_a_skill_matches_as_carefully(index, db):
    make_offer(title="Administrateur", skills=[make_skill("Active Directory", aliases=["AD"])])
    make_offer(title="Comptable", description="Une commission ad hoc.")
    make_offer(title="Technicien", description="Linux, AD et GPO.")
    make_offer(title="Expert AD")
    expected = {"Administrateur", "Technicien", "Expert AD"}
    assert set(index.titles("active directory")) == set(index.titles("ad")) == expected


def test_name_without_a_skill_or_title_is_a_word_like_any_other(index, db):
    make_offer(title="Chef de projet paiements", description="Vous connaissez les messages SWIFT et SEPA.")
    make_skill("Swift")
    assert index.titles("swift") == ["Chef de projet paiements"]
    make_offer(title="Expert", role=make_role(name="Swift"))
    assert type(index)().titles("swift") == ["Expert"]
