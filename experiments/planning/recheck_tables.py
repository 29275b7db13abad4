"""A recheck on the screen: each team's weakest target, and what one unit fewer does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a recheck document."""
    yield _targets(document)
    for word in dict.fromkeys(row["sizing_verdict"] for row in document["one_fewer"]):
        yield _one_fewer(document, word)
    joint = document["joint"]
    yield f"Every target at once held in {joint['all_met']} of {joint['years']} years ({_interval(joint)})."
    yield from document["summary"]
    yield f"{document['runs']} simulated years in {document['seconds']:.0f} s, seed {document['seed']}."
    for path in document.get("written", []):
        yield f"wrote {path}"


def _targets(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    title = f"The plan in {document['years']} fresh years: each team's weakest target"
    table = Table(title=title, title_justify="left")
    for heading in ("team", "target"):
        table.add_column(heading)
    for heading in ("years met", "share, interval"):
        table.add_column(heading, justify="right")
    table.add_column(f"at least {document['assurance']:.0%}")
    for unit in dict.fromkeys(row["unit"] for row in document["targets"]):
        worst = min((row for row in document["targets"] if row["unit"] == unit), key=lambda row: row["share_of_years"])
        table.add_row(
            unit, worst["target"], f"{worst['years_met']} of {worst['years']}",
            f"{worst['share_of_years']:.0%}, {_interval(worst)}", worst["verdict"],
        )  # fmt: skip
    return table


def _one_fewer(document: Mapping[str, Any], word: str) -> RenderableType:
    from rich.table import Table

    table = Table(title=f"One unit fewer, where the sizing said: {word}", title_justify="left")
    for heading in ("team", "role, hours"):
        table.add_column(heading)
    for heading in ("sized", "tried", "years met", "share, interval"):
        table.add_column(heading, justify="right")
    table.add_column("now")
    for row in document["one_fewer"]:
        if row["sizing_verdict"] == word:
            table.add_row(
                row["unit"], f"{row['role']} {row['hours']}".strip(), str(row["plan"]), str(row["tried"]),
                f"{row['years_met']} of {row['years']}", f"{row['share_of_years']:.0%}, {_interval(row)}",
                row["verdict"],
            )  # fmt: skip
    return table


def _interval(row: Mapping[str, Any]) -> str:
    return f"{row['low']:.0%} to {row['high']:.0%}"
