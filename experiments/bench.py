"""How fast, beside others: `python -m experiments.bench`, or `make bench`.

The three-station network runs in this engine, in SimPy and in Ciw, in one process, one after the other in
every round, so that whatever else the machine does meets all three; each one's best round counts.  Timed is
the simulation alone, once compiled (the engine's `advance`, SimPy's `run`, Ciw's `simulate_until_max_time`):
no imports, reading of files or summing up.  All three record waits by station, share who waited, the clock
from arrival to home, and utilisation; the engine keeps percentiles and a digest of every event as well, Ciw a
record of every visit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from abm import standalone
from experiments import bench_area
from experiments.rivals import ARRIVALS_PER_HOUR, CLINICIANS, SHARES, STATIONS, Record, run_ciw, run_simpy
from pathways import files, specs

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
THEORY_WAITS = (10.4, 34.6, 25.5)
"""Mean waits in minutes by Erlang C."""
DAY = 86_400


def three_stations() -> str:
    """Return the network as a pathway file, from the same numbers the rivals use."""
    lines = ['name = "three-stations"', "minutes_per_step = 15"]
    for name, rate, clinicians in zip(STATIONS, ARRIVALS_PER_HOUR, CLINICIANS, strict=True):
        lines += [f"[arrivals.to_{name}]", f'to = "{name}"', f"per_hour = {rate}"]
        lines += [f"[team.team_{name}]", f"staff = {{ clinician = {clinicians} }}"]
        lines += [f"[state.{name}]", 'kind = "contact"', f'team = "team_{name}"', "roles = { clinician = 1 }"]
        lines.append('minutes = { exponential = { mean = "60 min" } }')
    lines += ["[state.home]", 'kind = "end"']
    lines += ["[clock.whole]", 'starts = ["arrival"]', 'stops = ["home"]']
    for origin, row in zip(STATIONS, SHARES, strict=True):
        home = round(1 - sum(row), 10)
        for to, share in zip((*STATIONS, "home"), (*row, home), strict=True):
            if share > 0:
                lines += ["[[route]]", f'from = "{origin}"', f'to = "{to}"', f"share = {share}"]
    return "\n".join(lines) + "\n"


def run_engine(hours: float, seed: int = 1) -> Record:
    """Run the network in this engine."""
    days = round(hours / 24)
    spec = specs.validated(files.parse(three_stations()))
    network = standalone.network_of(spec)
    simulation = standalone.simulation(spec, days=days, seed=seed, network=network)
    began = time.perf_counter()
    simulation.advance(days * DAY)
    seconds = time.perf_counter() - began
    simulation.flush()
    m = simulation.m
    rows = [network.flat.state(f"three-stations/{name}") for name in STATIONS]
    cells = [m.cell[[cell for cell, _ in network.flat.cells].index(row)] for row in rows]
    pools = [
        next(m.pool[p] for p, (unit, *_) in enumerate(network.units.pool_names) if f"team_{name} @" in unit)
        for name in STATIONS
    ]
    clock = m.clock_cell[0]
    n_began = int(sum(cell["began"] for cell in cells))
    return Record(
        "Parity",
        int(sum(cell["completed"] for cell in cells)),
        seconds,
        [float(cell["wait_seconds"] / cell["began"] / 60) for cell in cells],
        float(sum(cell["waited"] for cell in cells) / n_began),
        float(clock["seconds"] / clock["stopped"] / 60),
        [float(pool["busy_seconds"] / pool["on_seconds"]) for pool in pools],
    )


def compare(rounds: int = 3, seconds_each: float = 1.5) -> list[Record]:
    """Run the three side by side for so many rounds and return each one's best."""
    run_engine(24 * 30)  # compiles
    programs = ((run_engine, 6e6), (run_simpy, 1e5), (run_ciw, 4e4))
    # hours of simulated time that take about as long in each
    per_hour = sum(r / (1 - 0.2) for r in ARRIVALS_PER_HOUR) * 1.8
    best: dict[str, Record] = {}
    for number in range(rounds):
        for run, services_per_second in programs:
            record = run(24 * round(seconds_each * services_per_second / per_hour / 24), seed=number + 1)
            fastest = best.get(record.program)
            if fastest is None or record.services_per_second > fastest.services_per_second:
                best[record.program] = record
    return list(best.values())


def as_rows(records: Sequence[Record]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of the table: one row a program, ratios against it."""
    engine = records[0].services_per_second
    yield "Erlang C", "", "", "", " / ".join(f"{w:.1f}" for w in THEORY_WAITS), "", "", ""
    for record in records:
        yield (
            record.program,
            f"{record.services:,}",
            f"{record.services_per_second:,.0f}",
            f"{engine / record.services_per_second:,.0f} ×" if record is not records[0] else "",
            " / ".join(f"{wait:.1f}" for wait in record.wait_minutes),
            f"{100 * record.waited:.1f} %",
            f"{record.clock_minutes:.1f}",
            " / ".join(f"{100 * share:.1f}" for share in record.utilisation),
        )


COLUMNS = (
    "program", "services", "services a second", "engine is", "waits, min", "waited", "clock, min", "busy, %",
)  # fmt: skip


def write_page(records: Sequence[Record], area: Sequence[tuple[str, ...]]) -> None:
    """Put the figures between their marks in docs/performance.md."""
    lines = [BEGIN, "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row) + " |" for row in as_rows(records)]
    lines += ["", "| " + " | ".join(bench_area.COLUMNS) + " |", "|" + "---|" * len(bench_area.COLUMNS)]
    lines += ["| " + " | ".join(row) + " |" for row in area]
    table = "\n".join([*lines, END])
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    PAGE.write_text(before + table + rest.split(END, 1)[1], encoding="utf-8")


def as_document(records: Sequence[Record]) -> dict[str, Any]:
    """Return the figures as one JSON document."""
    return {
        record.program: {
            "services": record.services,
            "seconds": record.seconds,
            "services_per_second": record.services_per_second,
            "wait_minutes": record.wait_minutes,
            "waited": record.waited,
            "clock_minutes": record.clock_minutes,
            "utilisation": record.utilisation,
            "times_slower": records[0].services_per_second / record.services_per_second,
        }
        for record in records
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table (or JSON), and write it into the documentation if asked."""
    parser = argparse.ArgumentParser(prog="python -m experiments.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds; each program's best counts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    records = compare(options.rounds)
    area = list(bench_area.rows(options.rounds))
    if options.write:
        write_page(records, area)
    if options.json:
        json.dump(
            {**as_document(records), "area": [dict(zip(bench_area.COLUMNS, row, strict=True)) for row in area]},
            sys.stdout,
        )
        return
    from rich.console import Console
    from rich.table import Table

    for title, columns, found in (
        ("Three-station network, one core, one process", COLUMNS, as_rows(records)),
        ("Lancashire & South Cumbria, one core, one process", bench_area.COLUMNS, area),
    ):
        table = Table(title=title)
        for i, column in enumerate(columns):
            table.add_column(column, justify="right" if i else "left")
        for row in found:
            table.add_row(*row)
        Console(width=120).print(table)


if __name__ == "__main__":
    main()
