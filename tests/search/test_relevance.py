"""How well the engine orders offers, measured against judgements that were written before it."""

import math

import pytest
from django.utils import timezone

from offers.models import Offer
from offers.search import synonyms
from tests.search import corpus

# The score of the day, less a little.
NDCG_FLOOR, SUCCESS_FLOOR = 0.97, 0.97
WORST = 12


@pytest.fixture
def offers(db):
    return corpus.load(timezone.now())


def discounted(gains):
    return sum((2**gain - 1) / math.log2(rank + 2) for rank, gain in enumerate(gains[:10]))


def test_relevance(index, offers, capsys):
    index.sets = synonyms.read_file()
    names = {offer.pk: name for name, offer in offers.items()}
    titles = dict(Offer.objects.values_list("pk", "title"))
    scores = []
    for judged in corpus.judgements():
        found = [names[pk] for pk in index.search(judged.query, limit=10).ids]
        got = [judged.grades.get(name, 0) for name in found]
        best = discounted(sorted(judged.grades.values(), reverse=True))
        # A query without a good answer is answered well by nothing.
        ndcg = discounted(got) / best if best else float(not found)
        first = got[:1] == [max(judged.grades.values())] if judged.grades else not found
        scores.append((ndcg, first, judged, found, got))
    ndcg = sum(score[0] for score in scores) / len(scores)
    success = sum(score[1] for score in scores) / len(scores)
    summary = f"{len(scores)} queries, {len(offers)} offers: nDCG@10 {ndcg:.3f}, success@1 {success:.3f}"
    with capsys.disabled():
        print(f"\n{summary}")
    report = [summary]
    for value, first, judged, found, got in sorted(scores, key=lambda score: score[:2])[:WORST]:
        report.append(f"{value:.2f} {'' if first else '✗1 '}« {judged.query} » ({judged.kind}: {judged.why})")
        report += [f"       {gain} {name}: {titles[offers[name].pk]}" for name, gain in zip(found, got, strict=True)]
        missed = [name for name in judged.grades if name not in found]
        report.append(f"       not among the ten, of {len(judged.grades)}: {', '.join(missed[:5])}")
    assert ndcg >= NDCG_FLOOR and success >= SUCCESS_FLOOR, "\n".join(report)  # noqa: PT018 - one report
