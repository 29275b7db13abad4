"""Person-days per second of the daily chain: this engine beside Mesa, NumPy, Starsim and LASER.

The engine has no daily sweep: a person is on the calendar for the day their state changes, and costs nothing until
then.  So its person-days are covered, not computed; what it computes is events.  The chain is run in two ways: with
stays drawn whole (exponential with the chain's mean stays, onward shares as the chain's), and, as a worst case, with
everybody woken every day, which is the chain of the rivals itself.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from abm import standalone
from abm.network import Simulation
from experiments.bench.chain import DAILY, STATES, ChainRun
from experiments.bench.chain_rivals import run_laser, run_mesa, run_numpy, run_starsim
from experiments.bench.page import Table, cpu_seconds
from kernels import columns as c
from pathways import files, specs

DAY = 86_400
PEOPLE = 100_000
RIVALS = {"mesa": (run_mesa, 30), "numpy": (run_numpy, 365), "starsim": (run_starsim, 365), "laser": (run_laser, 365)}
"""Each rival with the days it runs."""
COLUMNS = (
    "program", "people", "days", "person-days a second", "really computed", "of these a second", "bytes a person",
    "shares off by",
)  # fmt: skip


def file_of_the_chain(people: int, woken: bool) -> str:
    """Return the chain as a stand-alone pathway, everybody well on day 0.

    `woken` wakes everybody every day; otherwise a stay lasts until it ends.
    """
    lines = ['name = "chain"', "minutes_per_step = 60"]
    for i, name in enumerate(STATES):
        stay = 1 / (1 - DAILY[i, i])
        lines += [f"[state.{name}]", 'kind = "wait"']
        lines.append('time = "1 day"' if woken else f'time = {{ exponential = {{ mean = "{stay:.9f} days" }} }}')
        if i == 0:
            lines.append(f"at_start = {people}")
        for j, to in enumerate(STATES):
            if DAILY[i, j] > 0 and (woken or i != j):
                share = DAILY[i, j] if woken else DAILY[i, j] / (1 - DAILY[i, i])
                lines += ["[[route]]", f'from = "{name}"', f'to = "{to}"', f"share = {share:.12f}"]
        lines += ["[[route]]", f'from = "{name}"', 'to = "elsewhere"', 'if = "visits > 65000"', "share = 1.0"]
    return "\n".join([*lines, "[state.elsewhere]", 'kind = "end"']) + "\n"


def simulation_of(people: int, days: int, woken: bool = False, seed: int = 1) -> Simulation:
    """Return the chain for so many people, not yet begun."""
    spec = specs.validated(files.parse(file_of_the_chain(people, woken)))
    return standalone.simulation(spec, days=days, seed=seed, network=standalone.network_of(spec))


def run_parity(people: int, days: int, seed: int = 1, woken: bool = False) -> ChainRun:
    """Run the chain in this engine."""
    simulation = simulation_of(people, days, woken, seed)
    size = sum(table.nbytes for table in vars(simulation.m).values() if isinstance(table, np.ndarray))
    before = int(simulation.m.now[c.N_EVENTS])
    seconds = cpu_seconds(lambda: simulation.advance(days * DAY))
    simulation.flush()
    cells = {state: simulation.m.cell[i] for i, (state, _) in enumerate(simulation.network.flat.cells)}
    counts = [int(cells[simulation.network.flat.state(f"chain/{name}")]["n_present"]) for name in STATES]
    events = int(simulation.m.now[c.N_EVENTS]) - before
    name = "Parity, everybody woken every day" if woken else "Parity"
    return ChainRun(name, people, days, seconds, size / people, np.array(counts), events, "counts, stays, flows")


def compare(rounds: int = 2) -> list[ChainRun]:
    """Run the chain in all of them, and return each one's best round."""
    simulation_of(1000, 2).advance(2 * DAY)  # compiles
    best: dict[str, ChainRun] = {}
    for number in range(rounds):
        runs = [run_parity(PEOPLE, 365, number + 1), run_parity(PEOPLE, 60, number + 1, woken=True)]
        runs += [run(PEOPLE, days, number + 1) for name, (run, days) in RIVALS.items() if find_spec(name)]
        for one in runs:
            if one.program not in best or one.person_days_per_second > best[one.program].person_days_per_second:
                best[one.program] = one
    return list(best.values())


def table(rounds: int = 2) -> Table:
    """Return one row a program."""
    runs = compare(rounds)
    rows = [
        (
            run.program,
            f"{run.people:,}",
            f"{run.days}",
            f"{run.person_days_per_second / 1e6:,.1f} M",
            f"{run.computed:,} " + ("events" if run.program.startswith("Parity") else "person-days"),
            f"{run.computed / run.seconds / 1e6:,.1f} M",
            f"{run.bytes_each:,.0f}",
            f"{100 * run.off_by:.2f} %",
        )
        for run in runs
    ]
    missing = [name for name in RIVALS if not find_spec(name)]
    note = (
        "`Parity` covers days in which nothing is due at no cost: only events are computed. Its bytes hold a whole "
        "referral with its clock, tally and luck words, in tables that double as they fill."
    )
    return Table(
        "Person-days: a daily chain of five states, one core",
        COLUMNS,
        tuple(rows),
        note + (f" Not installed here, so not run: {', '.join(missing)}." if missing else ""),
    )
