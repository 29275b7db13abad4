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
from pathways.reach import led_to
from pathways.specs import PathwaySpec, validated

if TYPE_CHECKING:
    from rich.table import Table


def reached(run: Path | str, least: int = 30) -> dict[str, Any]:
    """Return the document of `parity reached`: how many states and routes of a finished run were taken how often.

    `rows`: what was taken fewer than `least` times over all replications, rarest first: `kind` state or route,
    `what`, `when` (of a route), `taken`, `expected_a_year`, `closed` (no door, route or referral leads there: only a
    scenario's edits do).
    """
    about = store.about(run)
    scenario = Scenario.model_validate_json(about["scenario"])
    specs = {name: validated(graph) for name, graph in graphs(scenario).items()}
    facts = store.facts(run)
    years = sum(one["days"] for one in facts) / YEAR_DAYS
    there = led_to(specs)
    found = [
        {"kind": kind, "what": what, "when": when, "taken": taken, "expected_a_year": taken / years,
         "closed": what.partition(" ")[0] not in there}
        for kind, what, when, taken in (*_states(run, specs), *_routes(run, specs))
    ]  # fmt: skip
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


def markdown(document: Mapping[str, Any]) -> str:
    """Return the answer as a page: what is rare with its number a year, then what only scenarios lead to."""
    rows = document["rows"]
    rare = [row for row in rows if not row["closed"]]
    closed = sorted({row["what"].partition("/")[0] for row in rows if row["closed"]})
    never = f"< {3 / document['years']:.1g}"  # none in n years: fewer than 3 / n a year with 95 %
    lines = [
        "# What is rare",
        "",
        "Made by `parity pathway reached RUN --markdown docs/rare.md`: states and routes that fewer than "
        f"{document['least']} people took in {document['years']:.0f} simulated years of *{document['name']}* "
        f"({document['states']:,} states and {document['routes']:,} routes in all). Where nobody came the number is "
        "what 95 % certainty leaves (three over the years). `left_waiting` and `full` are rare where a team has "
        "room.",
        "",
        "| state or route | on | people | expected a year |",
        "|---|---|---|---|",
    ]
    for row in sorted(rare, key=lambda row: (row["what"], row["when"])):
        a_year = f"{row['expected_a_year']:.1f}" if row["taken"] else never
        lines.append(f"| {row['what']} | {row['when']} | {row['taken']} | {a_year} |")
    lines += ["", "## Where only a scenario's edits lead", ""]
    for pathway in closed:
        mine = [row for row in rows if row["closed"] and row["what"].startswith(f"{pathway}/")]
        states = sorted(row["what"].partition("/")[2] for row in mine if row["kind"] == "state")
        n_routes = sum(row["kind"] == "route" for row in mine)
        lines.append(f"* **{pathway}**: {', '.join(states)}, and {n_routes} routes from them.")
    return "\n".join(lines) + "\n"
