"""Services per second of the three-station network: this engine beside SimPy, Ciw, salabim and Mesa's events."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from abm import standalone
from abm.network import Simulation
from experiments.bench.page import Table, cpu_seconds
from experiments.bench.service_rivals import run_ciw, run_mesa, run_salabim, run_simpy
from experiments.bench.services import (
    ARRIVALS_PER_HOUR,
    CLINICIANS,
    SERVICES_PER_HOUR,
    SHARES,
    STATIONS,
    THEORY_WAITS,
    Record,
)
from pathways import files, specs

DAY = 86_400
RIVALS: dict[str, tuple[Callable[..., Record], float]] = {
    "simpy": (run_simpy, 1.2e5),
    "mesa": (run_mesa, 8e4),
    "ciw": (run_ciw, 6e4),
    "salabim": (run_salabim, 6e3),
}
"""Each rival with about how many services a second it makes, so that all run about as long."""
COLUMNS = (
    "program", "services", "services a second", "Parity is", "waits, min", "waited", "clock, min", "busy, %",
    "also records",
)  # fmt: skip


def file_of_the_network() -> str:
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


def simulation_of(days: int, seed: int = 1) -> Simulation:
    """Return the network in this engine, not yet begun."""
    spec = specs.validated(files.parse(file_of_the_network()))
    return standalone.simulation(spec, days=days, seed=seed, network=standalone.network_of(spec))


def run_parity(hours: float, seed: int = 1) -> Record:
    """Run the network in this engine."""
    days = round(hours / 24)
    simulation = simulation_of(days, seed)
    network = simulation.network
    seconds = cpu_seconds(lambda: simulation.advance(days * DAY))
    simulation.flush()
    m = simulation.m
    of_state = {state: m.cell[i] for i, (state, _) in enumerate(network.flat.cells)}
    cells = [of_state[network.flat.state(f"three-stations/{name}")] for name in STATIONS]
    pools = [
        next(m.pool[p] for p, (unit, *_) in enumerate(network.units.pool_names) if f"team_{name} @" in unit)
        for name in STATIONS
    ]
    clock = m.clock_cell[0]
    return Record(
        "Parity",
        int(sum(cell["completed"] for cell in cells)),
        seconds,
        [float(cell["wait_seconds"] / cell["began"] / 60) for cell in cells],
        float(sum(cell["waited"] for cell in cells) / sum(cell["began"] for cell in cells)),
        float(clock["seconds"] / clock["stopped"] / 60),
        [float(pool["busy_seconds"] / pool["on_seconds"]) for pool in pools],
        "percentiles of every wait, a digest of every event",
    )


def compare(rounds: int = 3, seconds_each: float = 1.5) -> list[Record]:
    """Run all of them one after the other in every round, so that whatever else the machine does meets all of them;
    return each one's best."""
    run_parity(24 * 30)  # compiles
    programs = [(run_parity, 5e6), *(rival for name, rival in RIVALS.items() if find_spec(name))]
    best: dict[str, Record] = {}
    for number in range(rounds):
        for run, services_per_second in programs:
            hours = seconds_each * services_per_second / SERVICES_PER_HOUR
            record = run(24 * max(1, round(hours / 24)), seed=number + 1)
            fastest = best.get(record.program)
            if fastest is None or record.services_per_second > fastest.services_per_second:
                best[record.program] = record
    return list(best.values())


def table(rounds: int = 3) -> Table:
    """Return one row a program."""
    records = compare(rounds)
    engine = records[0].services_per_second
    rows = [("by theory (Erlang C)", "", "", "", _each(THEORY_WAITS), "", "", "", "")]
    rows += [
        (
            record.program,
            f"{record.services:,}",
            f"{record.services_per_second:,.0f}",
            f"{engine / record.services_per_second:,.0f} ×" if record is not records[0] else "",
            _each(record.wait_minutes),
            f"{100 * record.waited:.1f} %",
            f"{record.clock_minutes:.1f}",
            _each([100 * share for share in record.utilisation]),
            record.also or "nothing",
        )
        for record in records
    ]
    missing = [name for name in RIVALS if not find_spec(name)]
    note = f"Not installed here, so not run: {', '.join(missing)}." if missing else ""
    return Table("Services: the three-station network, one core", COLUMNS, tuple(rows), note)


def _each(numbers: tuple[float, ...] | list[float]) -> str:
    return " / ".join(f"{number:.1f}" for number in numbers)
