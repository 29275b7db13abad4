"""A run of an area that is several cells (England): one answer, with the rows of all cells in the same tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from abm.areas import cells_of, check_memory, title_of
from abm.country import INBOUND, Cell, Country
from abm.country_checkpoint import CountryCheckpoint
from abm.setting import Setting, Shared, setting_of_cell
from experiments import checkpoints, outcome_tables, scenario_setting
from experiments.country_keeper import Keeper
from experiments.outcome import Outcome
from experiments.outcome_schema import CELLS
from experiments.scenario import Scenario
from experiments.watch import Watch
from kernels import columns as c

if TYPE_CHECKING:
    from experiments.run import Run


def simulate(run: Run, threads: int | None = None, progress: Callable[[int, int], None] | None = None) -> Outcome:
    """Carry out one run of several cells and return what it leaves behind.

    `cells` and `exchanges` are tables of such a run alone; in the others the cells' rows follow one another.

    Raises
    ------
    InputError
        If the people do not fit into memory.
    BalanceError
        If the run was asked to prove its balance and something does not add up.
    """
    scenario = Scenario.model_validate_json(run.scenario)
    names = cells_of(scenario.area)
    check_memory(scenario.area, lives=scenario.lives)
    shared = scenario_setting.shared(scenario)
    days = run.warm_up + run.days
    total = days + len(names)  # a cell takes about as long to make as a day of all of them takes to live through
    step = None if progress is None else (lambda done, _: progress(done, total))
    before = checkpoints.beginning(run)
    if isinstance(before, CountryCheckpoint):
        make = {name: partial(_goes_on, run, before, scenario, shared, name) for name in names}
        country = before.country(make, threads=threads, progress=step)
        watches = {name: Watch(cell, before.about_cell(name)) for name, cell in country.cells.items()}
    else:
        made = {name: partial(_made, run, scenario, shared, name) for name in names}
        country = Country(made, threads=threads, progress=step)
        watches = {name: Watch(cell) for name, cell in country.cells.items()}
    Keeper(run, country, watches)
    for day in range(next(iter(watches.values())).day, days):
        for watch in watches.values():
            watch.day_begins()
        country.step()
        if progress is not None:
            progress(len(names) + day + 1, total)
    found = list(
        country.workers.map(lambda watch: watch.outcome(run.identity, run.replication, run.events), watches.values())
    )
    merged = _merged(run, scenario, country, found)
    country.let_go()
    return merged


def _made(run: Run, scenario: Scenario, shared: Shared, name: str) -> Cell:
    return begin(run, scenario, setting_of_cell(shared, name))


def _goes_on(run: Run, before: CountryCheckpoint, scenario: Scenario, shared: Shared, name: str) -> Cell:
    setting = setting_of_cell(shared, name)
    dated = scenario_setting.dated_changes(scenario, setting, run.seed, run.replication)
    changes = [(one.day, one) for one in dated if one.day >= before.date]
    return Cell.from_checkpoint(before.cell(name), setting, changes=changes)


def begin(run: Run, scenario: Scenario, setting: Setting) -> Cell:
    """Return one cell at its first midnight, as the scenario wants it."""
    cell = Cell(
        setting, start=run.start, days=run.days, warm_up=run.warm_up, plan=scenario_setting.plan(scenario, setting),
        seed=run.seed, replication=run.replication, minutes_per_step=scenario.minutes_per_step, events=run.events,
        prove=run.prove, lives=scenario.lives,
    )  # fmt: skip
    for change in scenario_setting.dated_changes(scenario, setting, run.seed, run.replication):
        cell.change_on(change.day, change)
    return cell


def _merged(run: Run, scenario: Scenario, country: Country, found: list[Outcome]) -> Outcome:
    tables = {name: pa.concat_tables([one.tables[name] for one in found]) for name in found[0].tables}
    tables["cells"] = pa.Table.from_pylist(_cells(country, found), schema=CELLS)
    tables["exchanges"] = _exchanges(country)
    together = outcome_tables.digests(country.area, country.first_day, country.chain())
    tables["digests"] = pa.concat_tables([tables["digests"], together])
    digest = hashlib.sha256("|".join(one.digest for one in found).encode()).hexdigest()[:16]
    return replace(found[0], digest=digest, tables=tables, facts=_facts(scenario, [one.facts for one in found]))


def _cells(country: Country, found: list[Outcome]) -> list[dict[str, Any]]:
    """Return one row a cell."""
    rows = []
    for i, (name, cell) in enumerate(country.cells.items()):
        kinds = country.exchange_log(i)["kind"]
        rows.append({
            "cell": name, "title": title_of(name), "illustrative": cell.setting.illustrative,
            "residents": cell.setting.population.n, "digest": found[i].digest,
            "events": int(cell.m.now[c.N_EVENTS]), "began": int(cell.m.now[c.N_CONTACTS]),
            "waited": int(cell.m.now[c.N_WAITED]), "guests_taken_in": int((kinds == 0).sum()),
            "guests_sent": int((kinds == 1).sum()),
        })  # fmt: skip
    return rows


def _exchanges(country: Country) -> pa.Table:
    """Return what each cell was told at the exchanges: with it one cell can be run again alone."""
    logs = [country.exchange_log(i) for i in range(len(country.cells))]
    told = np.repeat(np.array(list(country.cells)), [len(log) for log in logs])
    whole = np.concatenate(logs)
    columns = {"told": pa.array(told, pa.string())} | {name: pa.array(whole[name]) for name in INBOUND.fields or ()}
    return pa.table(columns)


def _facts(scenario: Scenario, cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the cells' facts as one: numbers of people add up, places stand side by side."""
    first = cells[0]
    outside: dict[str, float] = {}
    for facts in cells:
        for to, expected in facts["outside_expected"].items():
            outside[to] = outside.get(to, 0.0) + expected
    people: Mapping[str, float] = {place: n for facts in cells for place, n in facts["people_served"].items()}
    residents = [facts["residents"] for facts in cells]
    return first | {
        "area": scenario.area, "illustrative": any(facts["illustrative"] for facts in cells),
        "residents": sum(residents), "residents_18_64": sum(facts["residents_18_64"] for facts in cells),
        "people_served": dict(people), "sites": [site for facts in cells for site in facts["sites"]],
        "outside_expected": outside, "outside_by_site": [row for facts in cells for row in facts["outside_by_site"]],
        **_published(cells),
        "share_waited": float(np.average([facts["share_waited"] for facts in cells], weights=residents)),
        "setting": hashlib.sha256("|".join(facts["setting"] for facts in cells).encode()).hexdigest(),
    }  # fmt: skip


def _published(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the cells' published births, deaths and moves as one, where lives go on."""
    if "lives_published" not in cells[0]:
        return {}
    names = cells[0]["lives_published"]
    return {"lives_published": {name: sum(facts["lives_published"][name] for facts in cells) for name in names}}
