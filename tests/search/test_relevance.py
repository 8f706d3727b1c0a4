"""Relevance of search results: nDCG and success rate against judgements written before the ranking."""

import math

import pytest
from django.utils import timezone

from offers.models import Offer
from offers.search import synonyms
from tests.search import corpus

# Slightly below the scores at the time of writing.
NDCG_FLOOR, SUCCESS_FLOOR = 0.98, 0.98
REPORTED_QUERIES = 12


@pytest.fixture
def offers(db):
    return corpus.load(timezone.now())


def discounted_gain(gains):
    return sum((2**gain - 1) / math.log2(rank + 2) for rank, gain in enumerate(gains[:10]))


def test_relevance_is_above_its_floors(index, offers, capsys):
    index.sets = synonyms.read_file()
    ids_by_pk = {offer.pk: name for name, offer in offers.items()}
    titles = dict(Offer.objects.values_list("pk", "title"))
    scores = []
    for judgement in corpus.judgements():
        results = [ids_by_pk[pk] for pk in index.search(judgement.query, limit=10).ids]
        gains = [judgement.grades.get(name, 0) for name in results]
        ideal = discounted_gain(sorted(judgement.grades.values(), reverse=True))
        # For a query without relevant offers, the ideal is no result.
        ndcg = discounted_gain(gains) / ideal if ideal else float(not results)
        is_best_first = gains[:1] == [max(judgement.grades.values())] if judgement.grades else not results
        scores.append((ndcg, is_best_first, judgement, results, gains))
    ndcg = sum(score[0] for score in scores) / len(scores)
    success_rate = sum(score[1] for score in scores) / len(scores)
    summary = f"{len(scores)} queries, {len(offers)} offers: nDCG@10 {ndcg:.3f}, success@1 {success_rate:.3f}"
    with capsys.disabled():
        print(f"\n{summary}")
    report = [summary]
    worst = sorted(scores, key=lambda score: score[:2])[:REPORTED_QUERIES]
    for value, is_best_first, judgement, results, gains in worst:
        mark = "" if is_best_first else "✗1 "
        report.append(f"{value:.2f} {mark}« {judgement.query} » ({judgement.kind}: {judgement.why})")
        report += [f"       {gain} {key}: {titles[offers[key].pk]}" for key, gain in zip(results, gains, strict=True)]
        missed = [name for name in judgement.grades if name not in results]
        report.append(f"       not among the ten, of {len(judgement.grades)}: {', '.join(missed[:5])}")
    assert ndcg >= NDCG_FLOOR and success_rate >= SUCCESS_FLOOR, "\n".join(report)  # noqa: PT018 - one report
