from offers.search import synonyms
from offers.search.synonyms import SynonymGroup, build_thesaurus, parse_line


def test_parse_line():
    assert parse_line("a, b c ,d") == SynonymGroup(("a", "b c", "d"))
    assert parse_line("back => back end, C#") == SynonymGroup(("back", "back end", "C#"), one_way=True)
    assert [parse_line(line) for line in ("", "# a, b", "  # a, b", "alone", ",", "a =>", "=> a")] == [None] * 7


def test_expressions_are_stemmed():
    thesaurus = build_thesaurus([SynonymGroup(("Développeuse", "dév."))])
    assert thesaurus.same["developpeur",] == (("dev",),)


def test_one_way_set_applies_in_one_direction_only():
    thesaurus = build_thesaurus([SynonymGroup(("front", "react", "vue"), one_way=True)])
    assert thesaurus.same["front",] == (("react",), ("vue",))
    assert ("react",) not in thesaurus.same


def test_every_line_of_the_shipped_file_has_an_effect():
    sets = synonyms.read_file()
    assert len(sets) >= 150
    thesaurus = build_thesaurus(sets)
    for expressions, one_way in sets:
        first = tuple(synonyms.words(expressions[0]))
        assert first, expressions
        assert thesaurus.same.get(first), expressions
        if not one_way:
            assert all(synonyms.words(text) for text in expressions), expressions
