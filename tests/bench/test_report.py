"""What is said of targets, from figures made up for it."""

from tests.bench import report
from tests.bench.chart import chart
from tests.bench.targets import LARGE, MIDDLE, TARGETS, outcome

LATENCIES = {"p50": 0.01, "p95": 0.02, "p99": 0.03}


def figures(**changes):
    values = {**LATENCIES, "rate": 200.0, "requests": 900, "errors": 0, "p50_ratio": 2.0, "rate_ratio": 1.6}
    return {**values, "bare": {**LATENCIES, "rate": 120.0}, **changes}


def case(name="Home", everyone=True, **changes):
    profile = {"queries": 3, "seconds": 0.008, "sql": 0.002, "templates": 0.005}
    return {
        "name": name,
        "everyone": everyone,
        "bytes": 12_000,
        "at_2": figures(**changes),
        "at_8": figures(**changes),
        "profile": {"first": profile, "again": {**profile, "queries": 1}},
        "memory": {"pss": 150_000_000, "anonymous": 140_000_000, "resident": 200_000_000},
    }


def run(**cases):
    return {"cases": cases, "machine": None, "database": None, "index": None, "edits": None}


def verdicts(runs):
    return {target.text: outcome(target, runs).verdict for target in TARGETS}


def test_what_was_not_measured_is_said_to_be_so():
    assert set(verdicts({}).values()) == {"not measured"}
    assert "not measured" in report.document({"sqlite": {10_000: run(home=case())}})


def test_a_run_of_the_alerts_is_told_where_it_was_measured():
    alerts = {"alerts": 100_000, "distinct": 5_000, "new_offers": 1_600, "seconds": 61.2, "searches": 5_100}
    alerts |= {"mails": 40_000, "statements": 220_000, "peak_memory": 180e6}
    text = report.document({"sqlite": {MIDDLE: {**run(home=case()), "alerts": alerts}}})
    assert "100,000 alerts with 5,000 different searches" in text
    assert "61 s for 5,100 searches, 40,000 mails" in text


def test_the_worst_case_decides():
    runs = {MIDDLE: run(home=case(), typo=case("Typo", everyone=False, p50_ratio=2.6))}
    found = outcome(TARGETS[0], runs)
    assert found.verdict == "not reached"
    assert found.worst == ("Typo", 2.6)
    assert outcome(TARGETS[1], runs).verdict == "reached"  # only of pages that everyone asks for


def test_what_is_missed_is_explained_from_the_figures():
    runs = {MIDDLE: run(home=case(rate_ratio=1.2)), LARGE: run(home=case(p95=0.15))}
    text = report.document({"postgresql": runs})
    assert "Home, 1.20 × (of 8.0 ms without the server, 5.0 in templates, 2.0 in 1 SQL queries" in text
    assert "Home, 150 ms" in text
    assert "| Home | 12 kB | 10.0 | 150.0 | 30.0 | 2.00 | 200 | 200 | 1.60 | 3, then 1 |" in text


def test_what_an_index_took_explains_its_rate():
    index = {
        "documents": 85_000, "seconds": 10.0, "bytes": 27_000_000, "peak_memory": 500_000_000, "workers": 2,
        "processor": 15.0, "cost": {"python": 70e-6, "tantivy": 40e-6},
    }  # fmt: skip
    text = report.document({"postgresql": {MIDDLE: {**run(home=case()), "index": index}}})
    why = "built by 2 worker processes, with 176 µs of processor time a document and 1.5 cores busy"
    assert f"100,000 offers, 8,500 a second ({why}" in text
    assert text.count(why) == 2
    assert "a document takes 70 µs in Python and 40 µs in Tantivy" in text


def test_the_chart_is_drawn_for_whatever_there_is():
    assert chart({10_000: run()}).startswith("<svg")
    drawn = chart({10_000: run(home=case()), MIDDLE: run(home=case())})
    assert drawn.count("<circle") == 4
    assert "100,000 offers" in drawn
