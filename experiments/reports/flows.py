"""How people moved: flows along every route of a pathway, as the drawing wants them and as a table."""

from __future__ import annotations

from experiments.reports.material import Case
from pathways.specs import PathwaySpec, RouteSpec

Key = tuple[str, str, int]


def kind_of(route: RouteSpec) -> str:
    """Return the word that the table `flows` has for a route: its event, "if" for a guarded one, else nothing."""
    return str(route.when) if route.when else ("if" if route.guard else "")


def flows_of(case: Case, spec: PathwaySpec, system: str | None = None) -> dict[Key, float]:
    """Return people a year along each route (from, to, position in the file), of one delivery system or all.

    The table does not tell apart several guarded routes between the same two states: their flow is shared out by
    what the file says each takes.
    """
    table = case.tables["flows"]
    mine = table[table["from"].str.startswith(f"{spec.name}/")]
    if system is not None:
        mine = mine[mine["system"] == system]
    counted = mine.groupby(["from", "to", "when"])["count"].sum() * case.a_year
    named = {key: float(n) for key, n in counted.items()}
    together: dict[tuple[str, str, str], list[RouteSpec]] = {}
    for route in spec.routes:
        together.setdefault((full(spec, route.source), full(spec, route.to), kind_of(route)), []).append(route)
    found: dict[Key, float] = {}
    for key, routes in together.items():
        shares = [route.share for route in routes]
        for route, share in zip(routes, shares, strict=True):
            found[route.source, route.to, route.order] = named.get(key, 0.0) * share / (sum(shares) or 1.0)
    return found


def full(spec: PathwaySpec, state: str) -> str:
    """Return `pathway/state`."""
    return state if "/" in state else f"{spec.name}/{state}"


def share_of_admissions(case: Case, team: str, specs: dict[str, PathwaySpec]) -> dict[str, float]:
    """Return each delivery system's share of the people who are sent to the places of a team (`pathway/team`)."""
    pathway, _, name = team.partition("/")
    wards = [f"{pathway}/{state}" for state, spec in specs[pathway].states.items()
             if spec.kind == "place" and spec.team == name]  # fmt: skip
    table = case.tables["flows"]
    sent = table[table["to"].isin(wards)].groupby("system", sort=False)["count"].sum()
    total = float(sent.sum())
    return {str(system): float(n) / total for system, n in sent.items()} if total else {}
