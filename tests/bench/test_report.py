"""The report and the verdicts on targets, with fixed figures."""

from tests.bench import report
from tests.bench.__main__ import Dataset, base_urls
from tests.bench.chart import chart
from tests.bench.targets import LARGE, MIDDLE, POSTGRESQL, SQLITE, TARGETS, outcome

LATENCIES = {"p50": 0.01, "p95": 0.02, "p99": 0.03}


def figures(**changes):
    values = {**LATENCIES, "rate": 200.0, "requests": 900, "errors": 0, "p50_ratio": 2.0, "rate_ratio": 1.6}
    return {**values, "bare": {**LATENCIES, "rate": 120.0}, **changes}


def case(name="Home", popular=True, edits=0, **changes):
    profile = {"queries": 3, "seconds": 0.008, "sql": 0.002, "templates": 0.005}
    return {
        "name": name,
        "popular": popular,
        "edits": edits,
        "bytes": 12_000,
        "at_2": figures(**changes),
        "at_8": figures(**changes),
        "profile": {"first": profile, "again": {**profile, "queries": 1}},
        "memory": {"pss": 150_000_000, "anonymous": 140_000_000, "resident": 200_000_000},
    }


def run(**cases):
    return {"cases": cases, "machine": None, "database": None, "index": None, "edits": None}


def find_target(text):
    return next(target for target in TARGETS if text in target.text)


def test_missing_measurements_are_reported_as_not_measured():
    assert {outcome(target, {}, SQLITE).verdict for target in TARGETS} == {"not measured"}
    text = report.document({SQLITE: {10_000: run(home=case())}})
    assert "| PostgreSQL |  | **not measured** |" in text
    assert "PostgreSQL: not measured." in text


def test_run_of_the_alerts_is_reported_with_its_size():
    alerts = {"alerts": 100_000, "distinct": 5_000, "new_offers": 1_600, "seconds": 61.2, "searches": 5_100}
    alerts |= {"mails": 40_000, "statements": 220_000, "peak_memory": 180e6}
    text = report.document({SQLITE: {MIDDLE: {**run(home=case()), "alerts": alerts}}})
    assert "100,000 alerts with 5,000 different searches" in text
    assert "61 s for 5,100 searches, 40,000 mails" in text


def test_worst_case_decides_the_verdict():
    runs = {MIDDLE: run(home=case(), typo=case("Typo", popular=False, p50_ratio=2.6, rate_ratio=0.4))}
    times = outcome(find_target("p50 of every case at most 2.5 times"), {SQLITE: runs}, SQLITE)
    assert times.verdict == "not reached"
    assert times.worst == ("Typo", 2.6)
    assert outcome(find_target("popular pages at 1.5"), {SQLITE: runs}, SQLITE).verdict == "reached"


def test_case_with_edits_has_a_separate_target():
    mix = {"mix-edited": case("Mix", edits=30, p50_ratio=9.0, rate_ratio=2.9)}
    collected = {SQLITE: {MIDDLE: run(home=case(), **mix)}}
    assert outcome(find_target("p50 of every case at most 2.5 times"), collected, SQLITE).verdict == "reached"
    assert outcome(find_target("popular pages at 1.5"), collected, SQLITE).verdict == "reached"
    assert outcome(find_target("one edit a second"), collected, SQLITE).missed == [("Mix", 2.9)]


def test_ratios_are_compared_with_the_baseline_and_between_databases():
    collected = {
        SQLITE: {MIDDLE: run(**{"offer-first": case("First", p50_ratio=4.0, rate_ratio=0.3)})},
        POSTGRESQL: {MIDDLE: run(**{"offer-first": case("First", p50_ratio=6.4, rate_ratio=0.27)})},
    }
    baseline = outcome(find_target("that of 2026-11-30"), collected, SQLITE)
    assert baseline.verdict == "reached"
    assert round(baseline.worst[1], 2) == 1.05
    times = outcome(find_target("1.5 times that on SQLite"), collected, POSTGRESQL)
    assert times.verdict == "not reached"
    assert round(times.worst[1], 2) == 1.6
    assert outcome(find_target("0.67 times that on SQLite"), collected, POSTGRESQL).verdict == "reached"


def test_both_databases_are_in_one_table_with_their_ratio():
    collected = {
        SQLITE: {MIDDLE: run(home=case(), typo=case("Typo"))},
        POSTGRESQL: {MIDDLE: run(home=case(p50=0.015, p50_ratio=3.0, rate=100, rate_ratio=0.8))},
    }
    text = report.document(collected)
    assert (
        "| Home | 12 kB | 10.0 | 20.0 | 30.0 | 2.00 | 3, then 1 | 15.0 | 20.0 | 30.0 | 3.00 | 3, then 1 | 1.50 |"
        in text
    )
    assert "| Home | 200 | 1.60 | 100 | 0.80 | 0.50 |" in text
    assert "| Typo | 200 | 1.60 |  |  |  |" in text


def test_missed_target_is_explained_by_the_profile():
    runs = {MIDDLE: run(home=case(rate_ratio=1.2)), LARGE: run(home=case(p95=0.15))}
    text = report.document({POSTGRESQL: runs})
    assert "Home, 1.20 × (of 8.0 ms without the server, 5.0 in templates, 2.0 in 1 SQL queries" in text
    assert "Home, 150 ms" in text
    assert "| Home | 12 kB | 10.0 | 150.0 | 30.0 | 2.00 | 3, then 1 |" in text
    assert "| Home | 200 | 1.20 |" in text


def test_build_rate_is_explained_by_its_processor_time():
    index = {
        "documents": 85_000, "seconds": 8.5, "bytes": 27_000_000, "peak_memory": 500_000_000, "workers": 2,
        "processor": 12.75, "cost": {"python": 70e-6, "tantivy": 40e-6},
    }  # fmt: skip
    text = report.document({POSTGRESQL: {MIDDLE: {**run(home=case()), "index": index}}})
    explanation = "built by 2 worker processes, with 150 µs of processor time a document and 1.5 cores busy"
    assert explanation in text
    assert "a document takes 70 µs in Python and 40 µs in Tantivy" in text


def test_chart_accepts_any_number_of_runs():
    assert chart({10_000: run()}).startswith("<svg")
    svg = chart({10_000: run(home=case()), MIDDLE: run(home=case())})
    assert svg.count("<circle") == 4
    assert "100,000 offers" in svg


def test_postgresql_is_skipped_with_a_message_without_a_server(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgres://postgres@127.0.0.1:1/jobboard")
    assert base_urls([SQLITE, POSTGRESQL]) == ["sqlite://"]
    assert "PostgreSQL is SKIPPED: 127.0.0.1:1 does not answer" in capsys.readouterr().out


def test_dataset_has_a_separate_database():
    assert Dataset(500, "postgres://postgres@db:5433/jobboard").url == "postgres://postgres@db:5433/jobboard_bench_500"
    assert Dataset(500, "sqlite:////srv/site.sqlite3").url == "sqlite:////srv/site-500.sqlite3"
