import pytest

from offers.search.analysis import MAX_CACHED_CHUNKS, analyse, stem, words
from offers.search.parser import parse_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Développeur·euse C++ / C# (H/F)", ["developpeur", "c++", "c#"]),
        ("développeurs-euses, F/H/X", ["developpeur"]),
        ("développeu·r·se", ["developpeur"]),
        ("agent·e·s", ["agent"]),
        ("L’œuvre d'art qu’il a", ["oeuvr", "art"]),
        ("S.I. et R&D", ["si", "rd"]),
        ("Python3, Java17 et k8s", ["python", "3", "java", "17", "k8s"]),
        ("ASP.NET MVC", ["asp", ".net", "mvc"]),
        ("Front-End/Back-end", ["frontend", "backend"]),
        ("TCP/IP ; UX/UI", ["tcp", "ip", "ux", "ui"]),
        ("Objective-C, C-level", ["objectivec", "clevel"]),
        ("les MES de l’usine", ["mes", "usin"]),
        ("(six mois, **NAS**, SAN, vos MES.)", ["six", "moi", "nas", "san", "mes"]),
        ("\u0101e\u0301\u1ebf", ["aee"]),
        ("Réseaux commerciaux", ["reseau", "commercial"]),
        ("", []),
        ("… – • +++ ###", []),
    ],
)
def test_text_is_split_into_stemmed_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    "group",
    [
        ["développeur", "développeuse", "développeurs", "développeuses", "développeur(se)", "développeur/se"],
        ["technicien", "technicienne", "technicien·ne", "technicien(ne)s"],
        ["ingénieur", "ingénieure", "ingénieur(e)", "ingénieur·e·s", "INGENIEUR"],
        ["chef", "cheffe", "chef·fe", "chefs"],
        ["directeur", "directrice", "directeur·rice", "directeur/trice", "directeur/directrice"],
        ["chargé", "chargée", "chargé(e)s", "chargé·e"],
        ["professionnel", "professionnelle", "professionnel·les"],
        ["créatif", "créative", "créatif·ve"],
        ["réseau", "réseaux"],
    ],
)
def test_spellings_of_a_word_have_the_same_stem(group):
    assert len({tuple(words(word)) for word in group}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("développeur", "développement"),
        ("C", "C++"),
        ("C", "C#"),
        ("R", "R&D"),
        ("Java", "JavaScript"),
        ("Go", "Google"),
        ("Rails", "rail"),
        ("Azure", "azur"),
        ("net", ".NET"),
        ("test", "testeur"),
    ],
)
def test_different_words_have_different_stems(one, other):
    assert words(one) != words(other)


def test_short_words_are_not_stemmed():
    assert [stem(word) for word in ("bus", "sas", "java", "base", "process")] == [
        "bus",
        "sas",
        "java",
        "base",
        "process",
    ]


def test_analyse_is_correct_after_the_cache_is_full():
    for index in range(MAX_CACHED_CHUNKS + 10):
        analyse(f"mot{index}x")
    assert analyse("Développeuse") == "developpeur"


def test_query_is_parsed_into_words_phrases_and_exclusions():
    query = parse_text('chef -projet "CI/CD" « front end » \'ok -"à fuir" - x-ray')
    assert query.words == ("chef", "ok", "x", "ray")
    assert query.phrases == (("cicd",), ("front", "end"))
    assert query.excluded == (("projet",), ("fuir",))


def test_query_is_truncated_to_a_hundred_characters():
    assert len(parse_text("a1 " * 100).text) <= 100


def test_words_about_the_search_itself_are_ignored():
    assert parse_text("je cherche un emploi de développeur").words == ("developpeur",)
    assert parse_text("emploi").words == ("emploi",)
