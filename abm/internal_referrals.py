"""What services send each other: taken off what comes through a pathway's doors, so that England's total is published.

external(to) = published × carried back − sum over the *open* pathways of what they send there, England, referrals a
year (`internal_referrals.csv`, counted by `parity calibrate`).  A pathway that no row sends to has the `internal`
of its own file.

Rows marked `kept` are constructed figures of the first pathways.  They hold unless the whole system is open: every
pathway that any row names.  Then what was counted in it holds, for those pathways too.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from abm import tables
from pathways.errors import InputError
from pathways.specs import PathwaySpec

Flows = dict[tuple[str, str], float]
"""{(from pathway, to pathway): England's referrals a year}"""


def sent(opened: Iterable[str] = (), folder: Path = tables.FOLDER) -> Flows:
    """Return what pathways send each other, England, referrals a year, when these pathways are open."""
    rows = tables.read("internal_referrals", folder)
    kept = [row for row in rows if row["kept"] == "yes"]
    counted = [row for row in rows if row["kept"] == "no"]
    if not is_whole(opened, folder):
        fixed = {name for row in kept for name in (row["from_pathway"], row["to_pathway"])}
        counted = [row for row in counted if not {row["from_pathway"], row["to_pathway"]} <= fixed] + kept
    return {(row["from_pathway"], row["to_pathway"]): float(row["referrals"]) for row in counted}


def is_whole(opened: Iterable[str], folder: Path = tables.FOLDER) -> bool:
    """Say whether every pathway that the table names is open."""
    rows = tables.read("internal_referrals", folder)
    return {name for row in rows for name in (row["from_pathway"], row["to_pathway"])} <= set(opened)


def external(specs: Mapping[str, PathwaySpec], flows: Flows) -> dict[str, float]:
    """Return England's referrals a year through the doors of each pathway that has any.

    Raises
    ------
    InputError
        If open pathways send more than a pathway's whole demand.
    """
    found = {}
    for name, spec in specs.items():
        if spec.demand is None:
            continue
        into = {origin: n for (origin, to), n in flows.items() if to == name}
        if not into:
            found[name] = spec.demand.external
            continue
        came = {origin: n for origin, n in into.items() if origin in specs}
        found[name] = spec.demand.received - sum(came.values())
        if found[name] < 0:
            named = ", ".join(f"{origin} {n:,.0f}" for origin, n in sorted(came.items(), key=lambda one: -one[1]))
            raise InputError(
                file="internal_referrals.csv", key=f"to_pathway {name}", value=f"{sum(came.values()):,.0f} ({named})",
                expected=f"at most {spec.demand.received:,.0f}, the whole of its demand (published × carried_back): "
                "lower the shares of the routes that lead there",
            )  # fmt: skip
    return found
