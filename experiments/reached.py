"""Which states and routes of the pathways somebody took in a run, and which are rarer than can be counted there.

A pathway file may hold ways that few people go.  What nobody tests may be wrong: a run of some replications should
have seen every state and every route some thirty times, or name it with the number expected in a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import store
from experiments.baseline import YEAR_DAYS
from experiments.scenario import Scenario
from experiments.scenario_checks import graphs
from pathways.specs import PathwaySpec, validated

if TYPE_CHECKING:
    from rich.table import Table


def reached(run: Path | str, least: int = 30) -> dict[str, Any]:
    """Return the document of `parity reached`: how many states and routes of a finished run were taken how often.

    `rows`: what was taken fewer than `least` times over all replications, rarest first: `kind` state or route,
    `what`, `when` (of a route), `taken`, `expected_a_year`.
    """
    about = store.about(run)
    scenario = Scenario.model_validate_json(about["scenario"])
    specs = {name: validated(graph) for name, graph in graphs(scenario).items()}
    facts = store.facts(run)
    years = sum(one["days"] for one in facts) / YEAR_DAYS
    found = [
        {"kind": kind, "what": what, "when": when, "taken": taken, "expected_a_year": taken / years}
        for kind, what, when, taken in (*_states(run, specs), *_routes(run, specs))
    ]
    rows = sorted((row for row in found if row["taken"] < least), key=lambda row: (row["taken"], row["what"]))
    of = {kind: sum(row["kind"] == kind for row in found) for kind in ("state", "route")}
    return {
        "name": about["name"], "replications": len(facts), "years": years, "least": least,
        "states": of["state"], "routes": of["route"], "rows": rows,
    }  # fmt: skip


def _states(run: Path | str, specs: Mapping[str, PathwaySpec]) -> Iterator[tuple[str, str, str, int]]:
    waits = store.read(run, ["waits"])["waits"]
    taken = waits.groupby(["pathway", "state"])["arrivals"].sum()
    for pathway, spec in specs.items():
        for state in spec.states:
            yield "state", f"{pathway}/{state}", "", int(taken.get((pathway, state), 0))


def _routes(run: Path | str, specs: Mapping[str, PathwaySpec]) -> Iterator[tuple[str, str, str, int]]:
    """Yield routes as the results tell them apart: by both ends and the event; guarded ones of both ends together."""
    flows = store.read(run, ["flows"])["flows"]
    taken = flows.groupby(["from", "to", "when"])["count"].sum()
    for pathway, spec in specs.items():
        ways = {
            (route.source, route.to if "/" in route.to else f"{pathway}/{route.to}", _when(route))
            for route in spec.routes if route.share > 0
        }  # fmt: skip
        for source, to, when in sorted(ways):
            n = int(taken.get((f"{pathway}/{source}", to, when), 0))
            yield "route", f"{pathway}/{source} → {to}", when, n


def _when(route: Any) -> str:
    return str(route.when) if route.when else ("if" if route.guard else "")


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people."""
    from rich.table import Table

    enough = document["states"] + document["routes"] - len(document["rows"])
    yield (
        f"{document['name']}: of {document['states']} states and {document['routes']} routes {enough} were taken "
        f"{document['least']} times or more in {document['years']:.1f} simulated years."
    )
    if document["rows"]:
        table = Table(title="Rarer than that", title_justify="left")
        for column in ("what", "when", "taken", "expected a year"):
            table.add_column(column, justify="left" if column in ("what", "when") else "right", overflow="fold")
        for row in document["rows"]:
            table.add_row(row["what"], row["when"], f"{row['taken']:,}", f"{row['expected_a_year']:.1f}")
        yield table
