import random

import pytest

from offers.search.analysis import words
from offers.search.excerpts import _match_pieces, excerpt, highlight, matches, strip_markdown
from tests.search import corpus


def join_parts(parts):
    return "".join(f"[{text}]" if is_match else text for text, is_match in parts)


@pytest.mark.parametrize(
    ("text", "query_words", "expected"),
    [
        ("Développeuse Python", {"developpeur"}, "[Développeuse] Python"),
        ("L’architecte C++ et .NET", {"architect", "c++", ".net"}, "L’[architecte] [C++] et [.NET]"),
        ("Front-end, CI/CD.", {"frontend", "cicd"}, "[Front-end], [CI/CD]."),
        ("Rien ici", {"python"}, "Rien ici"),
        ("", {"python"}, ""),
        ("Des œuvres et des cœurs", {"oeuvr"}, "Des [œuvres] et des cœurs"),
        ("Vue.js, Python3, S.A.P. et SAP", {"vuejs", "3", "sap"}, "[Vue.js], [Python3], [S.A.P]. et [SAP]"),
        ("De\u0301veloppeuse", {"developpeur"}, "[Développeuse]"),
        ("ASP.NET ou .NET", {".net"}, "[ASP.NET] ou [.NET]"),
        ("<b>Python</b>", {"python"}, "<b>[Python]</b>"),
    ],
)
def test_highlight_marks_matching_words(text, query_words, expected):
    assert join_parts(highlight(text, frozenset(query_words))) == expected


def test_markdown_is_stripped():
    assert (
        strip_markdown("## Mission\n\n- **Python** et [Django](https://x.org)\n- `SQL`\n")
        == "Mission Python et Django SQL"
    )


def test_excerpt_contains_most_of_the_words():
    text = "Mot " * 100 + "avec Java seul " + "mot " * 100 + "avec Java et Kafka ensemble " + "mot " * 100
    result = excerpt(text, frozenset({"java", "kafka"}), 120)
    assert "[Java] et [Kafka]" in join_parts(result)
    assert len("".join(part for part, _ in result)) <= 125
    assert join_parts(result).startswith("… ")
    assert join_parts(result).endswith(" …")


def test_excerpt_without_a_match_is_the_beginning():
    result = join_parts(excerpt("Un début. " + "mot " * 100, frozenset({"java"}), 50))
    assert result.startswith("Un début. mot")
    assert result.endswith("mot …")


def test_long_word_is_truncated():
    assert len(join_parts(excerpt("a" * 5_000, frozenset()))) < 210


def test_matches_by_prefix_are_those_of_the_full_analysis():
    rng = random.Random(11)
    texts = [strip_markdown(offer["description"]) for offer in corpus.offers()] + [
        offer["title"] for offer in corpus.offers()
    ]
    known = sorted({word for text in texts for word in words(text)})
    for _ in range(150):
        query_words = frozenset(rng.sample(known, rng.choice((1, 2, 5, 40))))
        for text in rng.sample(texts, 40):
            assert matches(text, query_words) == list(_match_pieces(text, query_words)), (text, query_words)


def test_excerpt_of_a_long_text_is_stripped_of_markdown():
    lines = [f"- **Mission {index}** : écrire des `services` et les *suivre* en production" for index in range(60)]
    lines[40] = "## Avec Kafka\n\n- tenir les files de **Kafka** et de RabbitMQ"
    result = join_parts(excerpt("\n".join(lines), frozenset({"kafka", "rabbitmq"}), 160))
    assert "Avec [Kafka] tenir les files de [Kafka] et de [RabbitMQ]" in result
    assert not set("#*`") & set(result)
    assert result.startswith("… ")
    assert result.endswith(" …")
