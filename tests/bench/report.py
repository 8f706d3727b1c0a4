"""Writes docs/benchmarks.md and its chart from the results that are there."""

import django

if __name__ == "__main__":
    django.setup()

from tests.bench import results
from tests.bench.cases import ORDER
from tests.bench.chart import chart
from tests.bench.targets import FOR_RATES, FOR_TIMES, TARGETS, Runs, by_size, outcome

FOLDER = results.ROOT / "docs"
DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
# A load of the machine above which figures are not to be trusted.
IDLE = 0.7


def write():
    found = collect()
    if not found:
        return
    text = document(found)
    (FOLDER / "img").mkdir(parents=True, exist_ok=True)
    (FOLDER / "benchmarks.md").write_text(text)
    (FOLDER / "img" / "benchmarks.svg").write_text(chart(next(iter(found.values()))))


def collect() -> dict[str, Runs]:
    """Results by database and size; PostgreSQL first."""
    found: dict[str, Runs] = {}
    for run in results.runs():
        vendor, size = run.split("-")
        cases = {name.removeprefix("case-"): results.load(run, name) for name in results.names(run)
                 if name.startswith("case-")}  # fmt: skip
        found.setdefault(vendor, {})[int(size)] = {
            "cases": {slug: cases[slug] for slug in ORDER if slug in cases},
            **{name: results.load(run, name) for name in ("machine", "database", "index", "edits", "alerts")},
        }
    return {vendor: dict(sorted(found[vendor].items())) for vendor in DATABASES if vendor in found}


def document(found: dict[str, Runs]) -> str:
    first = next(iter(found.values()))
    parts = [_head(), _targets(found), "![Time of each case by number of offers](img/benchmarks.svg)\n"]
    for vendor, runs in found.items():
        parts += [_size(vendor, size, run) for size, run in runs.items()]
    parts += [_where(first), _machine(found), _method()]
    return "\n".join(parts)


def _head() -> str:
    return (
        '# Benchmarks\n\nWritten by `make bench`; do not edit. `make bench SIZES="10000 100000 1000000"` measures the'
        " sizes named (10,000 and 100,000 when none is), with `DATABASE_URL` on PostgreSQL, else on SQLite. What is"
        " measured already is kept under `var/bench/`, so a run can be stopped and started again; `FRESH=1` measures"
        " anew.\n"
    )


def _targets(found: dict[str, Runs]) -> str:
    lines = ["## Targets\n", "| target | database | worst figure | |", "|---|---|---|---|"]
    reasons = []
    for target in TARGETS:
        for vendor, runs in found.items():
            seen = outcome(target, runs)
            worst = f"{target.written(seen.worst[1])} ({seen.worst[0]})" if seen.worst else ""
            verdict = seen.verdict if seen.verdict == "reached" else f"**{seen.verdict}**"
            lines.append(f"| {target.text} | {DATABASES[vendor]} | {worst} | {verdict} |")
            if seen.missed:
                reasons.append(_reason(target, seen.missed, vendor, runs))
    if reasons:
        lines += ["\nNot reached, and why:\n", *reasons]
    elif all(outcome(target, runs).worst for target in TARGETS for runs in found.values()):
        lines += ["\nEverything is reached."]
    return "\n".join(lines) + "\n"


def _reason(target, missed, vendor: str, runs: Runs) -> str:
    text = f"- {target.text} ({DATABASES[vendor]}): "
    told = []
    whys = {case["name"]: _split(case) for case in runs[target.size]["cases"].values()} if target.size else {}
    if target.of_index:
        whys = {by_size(size): _building(run["index"]) for size, run in runs.items() if run["index"]}
    for name, value in missed:
        told.append(f"{name}, {target.written(value)}" + (f" ({whys[name]})" if name in whys else ""))
    return text + "; ".join(told) + "."


def _split(case: dict) -> str:
    """Where the time of one request goes, in words; of a page that everyone asks for, when it is asked for again."""
    profile = case["profile"]["again" if case["everyone"] else "first"]
    return (
        f"of {_ms(profile['seconds'])} ms without the server, {_ms(profile['templates'])} in templates,"
        f" {_ms(profile['sql'])} in {profile['queries']} SQL queries, {_ms(_rest(profile))} in search, views and"
        " middleware"
    )


def _building(index: dict) -> str:
    """Describe the processor time of a build, without that of the database server."""
    each = index["processor"] / index["documents"] * 1e6
    busy = index["processor"] / index["seconds"]
    python, tantivy = (index["cost"][name] * 1e6 for name in ("python", "tantivy"))
    return (
        f"built by {index['workers']} worker processes, with {each:.0f} µs of processor time a document and"
        f" {busy:.1f} cores busy beside the database; measured one after the other, a document takes"
        f" {python:.0f} µs in Python and {tantivy:.0f} µs in Tantivy"
    )


def _rest(profile: dict) -> float:
    return max(profile["seconds"] - profile["sql"] - profile["templates"], 0)


def _size(vendor: str, size: int, run: dict) -> str:
    lines = [f"## {size:,} offers, {DATABASES[vendor]}\n"]
    if not _idle(run):
        lines.append("**Taken while the machine had other work: times are too long, only ratios mean something.**\n")
    if index := run["index"]:
        lines.append(
            f"Index: {index['documents']:,} documents (the rest is closed, expired or a draft) in"
            f" {index['seconds']:.1f} s, {index['documents'] / index['seconds']:,.0f} a second;"
            f" {index['bytes'] / 1e6:,.0f} MB on disk; {_building(index)}; {index['peak_memory'] / 1e6:,.0f} MB of"
            " memory at most."
        )
    if edits := run["edits"]:
        lines.append(
            f"An edit was searchable after {edits['median']:.2f} s (median of {edits['edits']}),"
            f" {edits['longest']:.2f} s at the longest."
        )
    if alerts := run.get("alerts"):
        lines.append(
            f"A morning's run of {alerts['alerts']:,} alerts with {alerts['distinct']:,} different searches, a day of"
            f" {alerts['new_offers']:,} new offers: {alerts['seconds']:.0f} s for {alerts['searches']:,} searches,"
            f" {alerts['mails']:,} mails made and noted, {alerts['statements']:,} SQL statements, in one process of"
            f" {alerts['peak_memory'] / 1e6:,.0f} MB at most; the time of the mail server is not in it."
        )
    if run["cases"]:
        memory = {name: max(case["memory"][name] for case in run["cases"].values())
                  for name in ("pss", "anonymous", "resident")}  # fmt: skip
        lines.append(
            f"The two workers took {memory['pss'] / 1e6:,.0f} MB together at most (PSS: what they share counted once),"
            f" {memory['anonymous'] / 1e6:,.0f} MB of it not backed by files; the sum of their peaks of RSS was"
            f" {memory['resident'] / 1e6:,.0f} MB."
        )
        lines += [
            "",
            "| case | page | p50 | p95 | p99 | × bare p50 | a second, 2 conn. | a second, 8 conn. | × bare | SQL |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            *(_row(case) for case in run["cases"].values()),
        ]
    return "\n".join(lines) + "\n"


def _row(case: dict) -> str:
    few, many = case[FOR_TIMES], case[FOR_RATES]
    first, again = (case["profile"][moment]["queries"] for moment in ("first", "again"))
    queries = f"{first}" if first == again else f"{first}, then {again}"
    errors = few["errors"] + many["errors"]
    name = case["name"] + (f" (**{errors} errors**)" if errors else "")
    return (
        f"| {name} | {case['bytes'] / 1000:.0f} kB | {_ms(few['p50'])} | {_ms(few['p95'])} | {_ms(few['p99'])}"
        f" | {few['p50_ratio']:.2f} | {few['rate']:,.0f} | {many['rate']:,.0f} | {many['rate_ratio']:.2f} | {queries} |"
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _where(runs: Runs) -> str:
    """The split of the largest size's time."""
    cases = list(runs.values())[-1]["cases"].values()
    if not cases:
        return ""
    lines = [
        "## Where the time goes\n",
        f"At {max(runs):,} offers: a request made for the first time, median in ms, without server and network.\n",
        "| case | together | templates | SQL | search, views, middleware | the same again |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for case in cases:
        profile, again = case["profile"]["first"], case["profile"]["again"]["seconds"]
        figures = (profile["seconds"], profile["templates"], profile["sql"], _rest(profile), again)
        lines.append(f"| {case['name']} | {' | '.join(map(_ms, figures))} |")
    return "\n".join(lines) + "\n"


def _idle(run: dict) -> bool:
    return not run["machine"] or run["machine"]["load"] <= IDLE * run["machine"]["cores"]


def _machine(found: dict[str, Runs]) -> str:
    lines = ["## Machine\n"]
    for text, sizes in _machines(found).items():
        lines.append(f"- {', '.join(sizes)}: {text}")
    return "\n".join(lines) + "\n"


def _machines(found):
    """Descriptions, with the runs that each holds for."""
    described: dict[str, list[str]] = {}
    for vendor, runs in found.items():
        for size, run in runs.items():
            if machine := run["machine"]:
                versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
                text = (
                    f"{machine['cores']} cores ({machine['processor']}), {machine['memory'] / 2**30:.0f} GB of memory,"
                    f" {machine['system']}; {versions}; on {machine['at'][:10]}, code {machine['code'] or 'unknown'}."
                )
                described.setdefault(text, []).append(f"{size:,} offers on {DATABASES[vendor]}")
    return described


def _method() -> str:
    return """## How it is measured

- **Offers** are generated from a seed: as many companies as fifteen times the root of their number and eighteen roles
  with their skills, common and rare by a power law; towns by population; French texts of about 160 words from a grammar
  of our own, whose names and numbers give the long tail that real texts have; ages spread over 60 days, which is also
  how long an offer lives, so that offers expire while requests are measured. 15 % are closed, expired or drafts.
- **The site** is served by gunicorn with the project's configuration (two workers of four threads; restarting workers
  after so many requests is turned off), in production mode, beside the process that follows the database. Database,
  client and follower share the machine's cores with it.
- **The bare view** is served the same way, in the same run: a Django view with the middleware of `startproject`, which
  renders a template (base template, a loop, about one value in a hundred bytes) into as many bytes as the case's page
  has, and asks no database.
- **Requests** come from one thread over kept-alive connections, as many to each worker; a connection asks again once it
  has its answer. Blocks of half a second alternate between site and bare view, the order turned each time. A ratio is
  that of a pair of blocks; the median of all pairs is shown. Times (p50, p95, p99, in ms) are those with two
  connections.
- **Addresses** vary (up to 400 different words, towns and filters, drawn by seed), and each request has a parameter of
  its own that the site ignores, so that no answer which a worker has kept is measured as if it were made; what a search
  costs that was asked before is a case of its own. The counts beside the choices of a search are kept all the same, for
  its other pages and orders, until the next day or change: of the cases with few different searches (page 50, a
  common word) most requests find them, of the others with hundreds few do. Everybody asks for the same home, first page
  of the list, role pages, and fifty newest offers, which every worker has been asked for once before; what a page costs
  that nobody has read yet is a case of its own. Offers expire by the clock, and every expiry has kept pages made anew:
  at a million offers every few seconds.
- **SQL** is the number of queries of a request: of the first of its kind, then of the same again where that differs.
"""


if __name__ == "__main__":
    write()
