import pytest

from offers.search import synonyms
from offers.search.synonyms import Kind, SynonymGroup, build_thesaurus, format_line, parse_line


def test_parse_line():
    assert parse_line("a, b c ,d") == SynonymGroup(("a", "b c", "d"))
    assert parse_line("back => back end, C#") == SynonymGroup(("back", "back end", "C#"), Kind.ALSO)
    assert parse_line("data > etl, data engineer") == SynonymGroup(("data", "etl", "data engineer"), Kind.NARROWER)
    assert [parse_line(line) for line in ("", "# a, b", "  # a, b", "alone", ",", "a =>", "=> a")] == [None] * 7


@pytest.mark.parametrize("line", ["a, b c, d", "back => back end, C#", "data > etl, data engineer"])
def test_group_is_formatted_as_a_line(line):
    assert format_line(parse_line(line)) == line


def test_expressions_are_stemmed():
    thesaurus = build_thesaurus([SynonymGroup(("Développeuse", "dév."))])
    assert thesaurus.same["developpeur",] == (("dev",),)


def test_one_way_set_applies_in_one_direction_only():
    thesaurus = build_thesaurus([SynonymGroup(("front", "react", "vue"), Kind.ALSO)])
    assert thesaurus.same["front",] == (("react",), ("vue",))
    assert ("react",) not in thesaurus.same


def test_narrower_expressions_are_those_of_the_equivalents_too():
    thesaurus = build_thesaurus(
        [
            SynonymGroup(("data", "etl", "bi"), Kind.NARROWER),
            SynonymGroup(("data", "données")),
            SynonymGroup(("données", "bi"), Kind.ALSO),
        ]
    )
    assert thesaurus.narrower == {("data",): (("etl",), ("bi",)), ("donn",): (("etl",),)}
    assert ("etl",) not in thesaurus.same


def test_every_line_of_the_shipped_file_has_an_effect():
    sets = synonyms.read_file()
    assert len(sets) >= 150
    thesaurus = build_thesaurus(sets)
    for expressions, kind in sets:
        first = synonyms.expression(expressions[0])
        assert first, expressions
        table = thesaurus.narrower if kind == Kind.NARROWER else thesaurus.same
        assert table.get(first), expressions
        if kind == Kind.SAME:
            assert all(synonyms.words(text) for text in expressions), expressions


SAME_WORK = [
    ("chargé d’études informatiques", "ingénieur d’études informatiques"),
    ("technicien SIC", "technicien des systèmes d’information et de communication"),
    ("hotliner", "technicien support"),
    ("automaticien", "PLC programmer"),
    ("ingénieur contrôle-commande", "control systems engineer"),
    ("ingénieur IVVQ", "ingénieur validation"),
    ("exploitant informatique", "pupitreur"),
    ("géomaticien", "ingénieur SIG"),
    ("IT auditor", "auditeur SI"),
    ("responsable du service informatique", "chef de service informatique"),
    ("Red Hat", "RHEL"),
    ("MS SQL", "SQL Server"),
]


@pytest.mark.parametrize(("one", "other"), SAME_WORK)
def test_shipped_file_relates_titles_and_products_both_ways(one, other):
    same = build_thesaurus(synonyms.read_file()).same
    one, other = synonyms.expression(one), synonyms.expression(other)
    assert other in same[one]
    assert one in same[other]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("responsable des SI", "responsable informatique"),
        ("gestionnaire de parc", "gestionnaire de parc informatique"),
        ("technicien SIC", "technicien systèmes et réseaux"),
        ("ing.", "ingénieur"),
        ("appli.", "application"),
    ],
)
def test_shipped_file_relates_abbreviations_one_way(wide, narrow):
    same = build_thesaurus(synonyms.read_file()).same
    wide, narrow = synonyms.expression(wide), synonyms.expression(narrow)
    assert narrow in same[wide]
    assert wide not in same.get(narrow, ())
