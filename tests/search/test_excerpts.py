import random

import pytest

from offers.search.analysis import words
from offers.search.excerpts import _match_pieces, excerpt, highlight, matches, strip_markdown
from tests.search import corpus


def shown(parts):
    return "".join(f"[{text}]" if found else text for text, found in parts)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
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
def test_marks(text, wanted, expected):
    assert shown(highlight(text, frozenset(wanted))) == expected


def test_markdown_is_read_as_text():
    assert (
        strip_markdown("## Mission\n\n- **Python** et [Django](https://x.org)\n- `SQL`\n")
        == "Mission Python et Django SQL"
    )


def test_the_excerpt_is_where_most_words_stand():
    text = "Mot " * 100 + "avec Java seul " + "mot " * 100 + "avec Java et Kafka ensemble " + "mot " * 100
    found = excerpt(text, frozenset({"java", "kafka"}), 120)
    assert "[Java] et [Kafka]" in shown(found)
    assert len("".join(part for part, _ in found)) <= 125
    assert shown(found).startswith("… ")
    assert shown(found).endswith(" …")


def test_without_a_match_the_excerpt_is_the_beginning():
    found = shown(excerpt("Un début. " + "mot " * 100, frozenset({"java"}), 50))
    assert found.startswith("Un début. mot")
    assert found.endswith("mot …")


def test_a_long_word_is_cut():
    assert len(shown(excerpt("a" * 5_000, frozenset()))) < 210


def test_looking_for_beginnings_finds_what_reading_every_piece_does():
    draw = random.Random(11)
    texts = [strip_markdown(offer["description"]) for offer in corpus.offers()] + [
        offer["title"] for offer in corpus.offers()
    ]
    known = sorted({word for text in texts for word in words(text)})
    for _ in range(150):
        wanted = frozenset(draw.sample(known, draw.choice((1, 2, 5, 40))))
        for text in draw.sample(texts, 40):
            assert matches(text, wanted) == list(_match_pieces(text, wanted)), (text, wanted)


def test_a_piece_of_a_long_text_reads_as_it_does_in_the_whole():
    lines = [f"- **Mission {number}** : écrire des `services` et les *suivre* en production" for number in range(60)]
    lines[40] = "## Avec Kafka\n\n- tenir les files de **Kafka** et de RabbitMQ"
    found = shown(excerpt("\n".join(lines), frozenset({"kafka", "rabbitmq"}), 160))
    assert "Avec [Kafka] tenir les files de [Kafka] et de [RabbitMQ]" in found
    assert not set("#*`") & set(found)
    assert found.startswith("… ")
    assert found.endswith(" …")
