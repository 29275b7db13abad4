"""A sizing on the screen: what each team needs, how sure that is, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a sizing document."""
    yield _plan(document)
    if document["area"]:
        yield _comparison(document)
    joint = document["joint"]
    yield (
        f"Every target of every team held in {joint['all_met']} of {joint['years']} years of the whole plan; "
        f"each alone in at least {document['assurance']:.0%} of years is what it was sized for."
    )
    if document.get("uncertainty"):
        yield from _uncertainty(document["uncertainty"])
    if said := undeclared_in_words(document.get("uncertainty_undeclared", ())):
        yield said
    for target in document["not_sized_by"]:
        yield f"not sized by: {target['unit']}, {target['target']} ({target['verdict']})"
    yield f"{document['runs']} simulated years in {document['seconds']:.0f} s."
    yield from document["notes"]
    for path in document.get("written", [])[:1]:
        yield f"wrote {path} and the tables beside it"


def bracket(row: Mapping[str, Any]) -> str:
    """Say in words how sure the number of a row is."""
    if row["one_fewer"] != "undecided":
        return row["one_fewer"]
    fails = "?" if row["fails_at"] is None else row["fails_at"]
    passes = "?" if row["passes_at"] is None else row["passes_at"]
    return f"undecided: fails at {fails}, passes at {passes}"


def _plan(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title=f"Sized for {document['year'] or document['scenario']}", title_justify="left")
    for heading in ("team", "role, hours", "one fewer"):
        table.add_column(heading)
    for heading in ("offered", "formula", "sized", "WTE", "years met"):
        table.add_column(heading, justify="right")
    for unit in document["units"]:
        held = [target for target in unit["targets"] if target["verdict"] in ("passes", "fails", "undecided")]
        share = min((target["share_of_years"] for target in held), default=1.0)
        for i, row in enumerate(unit["levers"]):
            table.add_row(
                unit["unit"] if i == 0 else "", f"{row['role']} {row['hours']}".strip(), bracket(row),
                f"{row['offered']:.2f}", str(row["formula"]), str(row["plan"]),
                "" if row["wte"] is None else f"{row['wte']:.1f}",
                f"{share:.0%} {unit['verdict']}" if i == 0 else "",
            )  # fmt: skip
    return table


def undeclared_in_words(names: Sequence[str]) -> str:
    """Say that the uncertainty of some pathways is not declared; nothing if there are none."""
    if not names:
        return ""
    return (
        f"No uncertain parameters are declared for {', '.join(name.replace('_', ' ') for name in names)}: their "
        "teams are as sure as shown only if the figures of their files are right."
    )


def _uncertainty(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Say how much less sure the plan is with uncertain parameters, and show the teams that fall short."""
    from rich.table import Table

    joint = found["joint"]
    short = [unit for unit in found["units"] if unit["uncertain_share"] < found["assurance"]]
    yield (
        f"With {len(found['parameters'])} parameters uncertain, {len(short)} of {len(found['units'])} teams hold in "
        f"less than {found['assurance']:.0%} of {found['years']} years; all together in {joint['uncertain_share']:.0%} "
        f"({joint['certain_share']:.0%} with parameters as they are)."
    )
    if not short:
        return
    table = Table(title="Less sure with uncertain parameters", title_justify="left")
    for heading in ("team", "as they are", "uncertain", "goes with failing", "as sure with"):
        table.add_column(heading)
    for unit in sorted(short, key=lambda one: one["uncertain_share"]):
        table.add_row(
            unit["unit"], _share(unit, "certain"), _share(unit, "uncertain"),
            "; ".join(f"{one['title']} {one['fails_when']}" for one in unit["drivers"]), as_sure(unit["as_sure"]),
        )  # fmt: skip
    yield table


def _share(unit: Mapping[str, Any], which: str) -> str:
    if not unit[f"{which}_years"]:
        return "–"
    return f"{unit[f'{which}_share']:.0%} ({unit[f'{which}_low']:.0%}–{unit[f'{which}_high']:.0%})"


def as_sure(bracket: Mapping[str, Any] | None) -> str:
    """Say in words with how much more capacity a unit would be as sure."""
    if bracket is None:
        return ""
    if bracket["holds_at"] is None:
        return f"more than × {bracket['fails_at']:g}" if bracket["fails_at"] > 1 else "not tried"
    more = [f"{bracket['wte_more']:+.1f} WTE"] if bracket["wte_more"] else []
    more += [f"{bracket['places_more']:+d} places"] if bracket["places_more"] else []
    return f"× {bracket['fails_at']:g} to {bracket['holds_at']:g}" + (f" ({', '.join(more)})" if more else "")


def _comparison(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title="Beside it: WTE, or places", title_justify="left")
    for heading in ("team", "role"):
        table.add_column(heading)
    for heading in ("present", "published", "time budget", "formula", "simulated"):
        table.add_column(heading, justify="right")
    for row in document["comparison"]:
        numbers = [row[key] for key in ("present", "published", "time_budget", "formula", "simulated")]
        shown = ["–" if number is None else f"{number:.1f}" for number in numbers]
        if row["present_basis"] and row["present_basis"] != "local":
            shown[0] += " *"
        table.add_row(row["unit"], row["role"], *shown)
    table.caption = "* not local: a share of a national figure"
    return table
