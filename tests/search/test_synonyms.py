from offers.search import synonyms
from offers.search.synonyms import SynonymGroup, build_thesaurus, parse_line


def test_lines():
    assert parse_line("a, b c ,d") == SynonymGroup(("a", "b c", "d"))
    assert parse_line("back => back end, C#") == SynonymGroup(("back", "back end", "C#"), one_way=True)
    assert [parse_line(line) for line in ("", "# a, b", "  # a, b", "alone", ",", "a =>", "=> a")] == [None] * 7


def test_expressions_are_compared_as_offers_are():
    found = build_thesaurus([SynonymGroup(("Développeuse", "dév."))])
    assert found.same["developpeur",] == (("dev",),)


def test_one_way():
    found = build_thesaurus([SynonymGroup(("front", "react", "vue"), one_way=True)])
    assert found.same["front",] == (("react",), ("vue",))
    assert ("react",) not in found.same


def test_the_shipped_file_says_something_on_every_line():
    sets = synonyms.read_file()
    assert len(sets) >= 150
    found = build_thesaurus(sets)
    for expressions, one_way in sets:
        first = tuple(synonyms.words(expressions[0]))
        assert first, expressions
        assert found.same.get(first), expressions
        if not one_way:
            assert all(synonyms.words(text) for text in expressions), expressions
