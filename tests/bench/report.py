"""Write docs/benchmarks.md and its chart from the stored results."""

import django

if __name__ == "__main__":
    django.setup()

from tests.bench import results
from tests.bench.cases import ORDER
from tests.bench.chart import chart
from tests.bench.method import METHOD
from tests.bench.targets import FOR_RATES, FOR_TIMES, POSTGRESQL, SQLITE, TARGETS, Results, describe_size, outcome

DIRECTORY = results.ROOT / "docs"
DATABASES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
# Load average per core above which figures are marked as unreliable.
IDLE = 0.7


def write():
    collected = collect()
    if not collected:
        return
    text = document(collected)
    (DIRECTORY / "img").mkdir(parents=True, exist_ok=True)
    (DIRECTORY / "benchmarks.md").write_text(text)
    (DIRECTORY / "img" / "benchmarks.svg").write_text(chart(next(iter(collected.values()))))


def collect() -> Results:
    """Return the stored results by database and size; SQLite first."""
    collected: Results = {}
    for run in results.runs():
        vendor, size = run.split("-")
        cases = {name.removeprefix("case-"): results.load(run, name) for name in results.names(run)
                 if name.startswith("case-")}  # fmt: skip
        collected.setdefault(vendor, {})[int(size)] = {
            "cases": {slug: cases[slug] for slug in ORDER if slug in cases},
            **{name: results.load(run, name) for name in ("machine", "database", "index", "edits", "alerts")},
        }
    return {vendor: dict(sorted(collected[vendor].items())) for vendor in DATABASES if vendor in collected}


def document(collected: Results) -> str:
    sizes = sorted({size for runs in collected.values() for size in runs})
    parts = [_head(), _targets(collected), "![Time of each case by number of offers](img/benchmarks.svg)\n"]
    parts += [_size(size, {vendor: runs[size] for vendor, runs in collected.items() if size in runs}) for size in sizes]
    parts += [_profiles(collected), _machine(collected), METHOD]
    return "\n".join(parts)


def _head() -> str:
    return (
        '# Benchmarks\n\nWritten by `make bench`; do not edit. `make bench SIZES="10000 100000 1000000"` measures these'
        " numbers of offers (10,000 and 100,000 by default), on SQLite and on the PostgreSQL server of `DATABASE_URL`"
        " (`postgres://postgres@127.0.0.1:5432/jobboard` by default) if it answers. Results are stored under"
        " `var/bench/`, so that a stopped run can be resumed; `FRESH=1` measures again.\n"
    )


def _targets(collected: Results) -> str:
    lines = ["## Targets\n", "| target | database | worst figure | |", "|---|---|---|---|"]
    reasons, all_measured = [], True
    for target in TARGETS:
        for vendor in target.databases:
            # A target of one database is listed even if this database was not measured.
            if vendor not in collected and len(target.databases) > 1:
                continue
            reached = outcome(target, collected, vendor)
            worst = f"{target.format(reached.worst[1])} ({reached.worst[0]})" if reached.worst else ""
            verdict = reached.verdict if reached.verdict == "reached" else f"**{reached.verdict}**"
            lines.append(f"| {target.text} | {DATABASES[vendor]} | {worst} | {verdict} |")
            all_measured = all_measured and reached.worst is not None
            if reached.missed:
                reasons.append(_reason(target, reached.missed, vendor, collected[vendor]))
    if reasons:
        lines += ["\nNot reached, and why:\n", *reasons]
    elif all_measured:
        lines += ["\nEverything is reached."]
    return "\n".join(lines) + "\n"


def _reason(target, missed, vendor: str, runs) -> str:
    causes = {case["name"]: _split(case) for case in runs[target.size]["cases"].values()} if target.size else {}
    if target.of_index:
        causes = {describe_size(size): _building(run["index"]) for size, run in runs.items() if run["index"]}
    items = [
        f"{name}, {target.format(value)}" + (f" ({causes[name]})" if name in causes else "") for name, value in missed
    ]
    return f"- {target.text} ({DATABASES[vendor]}): {'; '.join(items)}."


def _split(case: dict) -> str:
    """Describe how the time of one request is spent; for a popular page, that of the second request."""
    profile = case["profile"]["again" if case["popular"] else "first"]
    return (
        f"of {_ms(profile['seconds'])} ms without the server, {_ms(profile['templates'])} in templates,"
        f" {_ms(profile['sql'])} in {profile['queries']} SQL queries, {_ms(_rest(profile))} in search, views and"
        " middleware"
    )


def _building(index: dict) -> str:
    """Describe the processor time of a build, without that of the database."""
    microseconds = index["processor"] / index["documents"] * 1e6
    cores = index["processor"] / index["seconds"]
    python, tantivy = (index["cost"][name] * 1e6 for name in ("python", "tantivy"))
    return (
        f"built by {index['workers']} worker processes, with {microseconds:.0f} µs of processor time a document and"
        f" {cores:.1f} cores busy beside the database; measured one after the other, a document takes"
        f" {python:.0f} µs in Python and {tantivy:.0f} µs in Tantivy"
    )


def _rest(profile: dict) -> float:
    return max(profile["seconds"] - profile["sql"] - profile["templates"], 0)


def _size(size: int, runs: dict[str, dict]) -> str:
    """Return the section of one size; `runs` by database."""
    lines = [f"## {size:,} offers\n"]
    for vendor in DATABASES:
        lines.append(_run(DATABASES[vendor], runs[vendor]) if vendor in runs else f"{DATABASES[vendor]}: not measured.")
        lines.append("")
    cases = {vendor: run["cases"] for vendor, run in runs.items() if run["cases"]}
    slugs = [slug for slug in ORDER if any(slug in measured for measured in cases.values())]
    if slugs:
        lines += ["Times in ms, two connections:\n", *_times(slugs, cases), ""]
        lines += ["Requests a second, eight connections:\n", *_rates(slugs, cases), ""]
    return "\n".join(lines)


def _run(name: str, run: dict) -> str:
    sentences = []
    if not _is_idle(run):
        sentences.append("**Measured while the machine had other work: only ratios are meaningful.**")
    if index := run["index"]:
        sentences.append(
            f"Index: {index['documents']:,} documents (the other offers are closed, expired or drafts) in"
            f" {index['seconds']:.1f} s, {index['documents'] / index['seconds']:,.0f} a second;"
            f" {index['bytes'] / 1e6:,.0f} MB on disk; {_building(index)}; {index['peak_memory'] / 1e6:,.0f} MB of"
            " memory at most."
        )
    if edits := run["edits"]:
        sentences.append(
            f"An edit was searchable after {edits['median']:.2f} s (median of {edits['edits']}),"
            f" {edits['longest']:.2f} s at most."
        )
    if alerts := run.get("alerts"):
        sentences.append(
            f"A morning's run of {alerts['alerts']:,} alerts with {alerts['distinct']:,} different searches and"
            f" {alerts['new_offers']:,} new offers: {alerts['seconds']:.0f} s for {alerts['searches']:,} searches,"
            f" {alerts['mails']:,} mails rendered and recorded, {alerts['statements']:,} SQL statements, in one process"
            f" of {alerts['peak_memory'] / 1e6:,.0f} MB at most, without the time of the mail server."
        )
    if run["cases"]:
        memory = {key: max(case["memory"][key] for case in run["cases"].values())
                  for key in ("pss", "anonymous", "resident")}  # fmt: skip
        sentences.append(
            f"The two workers took {memory['pss'] / 1e6:,.0f} MB together at most (PSS: shared memory counted once),"
            f" {memory['anonymous'] / 1e6:,.0f} MB of it not backed by files; the sum of their peaks of RSS was"
            f" {memory['resident'] / 1e6:,.0f} MB."
        )
    return f"**{name}.** {' '.join(sentences)}"


def _times(slugs: list[str], cases: dict[str, dict]) -> list[str]:
    columns = [f"{DATABASES[vendor]} {name}" for vendor in cases for name in ("p50", "p95", "p99", "× bare p50", "SQL")]
    rows = [_table_head(["page", *columns], cases)]
    for slug in slugs:
        cells = [f"{_first(slug, cases)['bytes'] / 1000:.0f} kB"]
        for measured in cases.values():
            if case := measured.get(slug):
                figures = case[FOR_TIMES]
                cells += [*(_ms(figures[name]) for name in ("p50", "p95", "p99")), f"{figures['p50_ratio']:.2f}"]
                cells.append(_queries(case))
            else:
                cells += [""] * 5
        rows.append(_table_row(slug, cells, cases, lambda case: case[FOR_TIMES]["p50_ratio"]))
    return rows


def _rates(slugs: list[str], cases: dict[str, dict]) -> list[str]:
    columns = [f"{DATABASES[vendor]} {name}" for vendor in cases for name in ("a second", "× bare")]
    rows = [_table_head(columns, cases)]
    for slug in slugs:
        cells = []
        for measured in cases.values():
            case = measured.get(slug)
            cells += [f"{case[FOR_RATES]['rate']:,.0f}", f"{case[FOR_RATES]['rate_ratio']:.2f}"] if case else ["", ""]
        rows.append(_table_row(slug, cells, cases, lambda case: case[FOR_RATES]["rate_ratio"]))
    return rows


def _table_head(columns: list[str], cases: dict[str, dict]) -> str:
    if len(cases) == 2:
        columns = [*columns, "PostgreSQL’s × bare ÷ SQLite’s"]
    return f"| case | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}"


def _table_row(slug: str, cells: list[str], cases: dict[str, dict], ratio) -> str:
    """Join the cells; for two databases, add the ratio of the second to the bare view divided by that of the first."""
    if len(cases) == 2:
        first, second = (measured.get(slug) for measured in cases.values())
        cells = [*cells, f"{ratio(second) / ratio(first):.2f}" if first and second else ""]
    return f"| {_name(slug, cases)} | {' | '.join(cells)} |"


def _first(slug: str, cases: dict[str, dict]) -> dict:
    return next(measured[slug] for measured in cases.values() if slug in measured)


def _name(slug: str, cases: dict[str, dict]) -> str:
    errors = sum(measured[slug][key]["errors"] for measured in cases.values() if slug in measured
                 for key in (FOR_TIMES, FOR_RATES))  # fmt: skip
    return _first(slug, cases)["name"] + (f" (**{errors} errors**)" if errors else "")


def _queries(case: dict) -> str:
    first, again = (case["profile"][request]["queries"] for request in ("first", "again"))
    return f"{first}" if first == again else f"{first}, then {again}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _profiles(collected: Results) -> str:
    """Return how the time of a request is split, for the largest size of each database."""
    lines = []
    for vendor, runs in collected.items():
        sizes = [size for size, run in runs.items() if run["cases"]]
        if not sizes:
            continue
        lines += [
            f"\n{max(sizes):,} offers on {DATABASES[vendor]}:\n",
            "| case | together | templates | SQL | search, views, middleware | second request |",
            "|---|--:|--:|--:|--:|--:|",
        ]
        for case in runs[max(sizes)]["cases"].values():
            profile, again = case["profile"]["first"], case["profile"]["again"]["seconds"]
            figures = (profile["seconds"], profile["templates"], profile["sql"], _rest(profile), again)
            lines.append(f"| {case['name']} | {' | '.join(map(_ms, figures))} |")
    if not lines:
        return ""
    head = ["## Where the time goes\n", "First request of a page: median in ms, without server and network."]
    return "\n".join([*head, *lines]) + "\n"


def _is_idle(run: dict) -> bool:
    return not run["machine"] or run["machine"]["load"] <= IDLE * run["machine"]["cores"]


def _machine(collected: Results) -> str:
    """List the machines and versions, each with its runs."""
    runs_by_text: dict[str, list[str]] = {}
    for vendor, runs in collected.items():
        for size, run in runs.items():
            if machine := run["machine"]:
                versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
                text = (
                    f"{machine['cores']} cores ({machine['processor']}), {machine['memory'] / 2**30:.0f} GB of memory,"
                    f" {machine['system']}; {versions}; on {machine['at'][:10]}, code {machine['code'] or 'unknown'}."
                )
                runs_by_text.setdefault(text, []).append(f"{size:,} offers on {DATABASES[vendor]}")
    return "\n".join(["## Machine\n", *(f"- {', '.join(runs)}: {text}" for text, runs in runs_by_text.items())]) + "\n"


if __name__ == "__main__":
    write()
