"""Relevance of queries that mix words and conditions, judged by hand on the corpus of `tests/search`."""

from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from offers.catalogue.filters import OfferFilter
from tests.search import corpus
from tests.search.test_relevance import discounted_gain
from tests.understanding.judged import HERE


def test_relevance_is_above_its_floor(db, client):
    offers = corpus.load(timezone.now())
    ids = {offer.pk: name for name, offer in offers.items()}
    call_command("load_synonyms", verbosity=0)
    client.get("/offres/")
    scores, report, unanswered = [], [], []
    for judgement in corpus.judgements(HERE / "relevance.toml"):
        query = QueryDict(mutable=True)
        query["q"] = judgement.query
        search = OfferFilter(query)
        results = [ids[pk] for pk in search.answer(limit=10).ids]
        gains = [judgement.grades.get(name, 0) for name in results]
        ideal = discounted_gain(sorted(judgement.grades.values(), reverse=True))
        ndcg = discounted_gain(gains) / ideal if ideal else float(not results)
        scores.append(ndcg)
        if judgement.grades and not results:
            unanswered.append(judgement.query)
        if ndcg < 0.9:
            report.append(f"{ndcg:.2f} {judgement.query!r}: {[chip.label for chip in search.chips]}")
            report.append(f"     {list(zip(results, gains, strict=True))} of {judgement.grades}")
    print(f"nDCG@10 {sum(scores) / len(scores):.3f}", *report, sep="\n")
    assert unanswered == []
    assert sum(scores) / len(scores) >= 0.97, "\n".join(report)
