"""The answer of a stand-alone pathway as tables: states, teams, clocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

NAMES = ("state", "team", "role", "clock")
"""Columns of words; the others hold numbers."""


def tables(document: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the tables of a `parity pathway run` document (`docs/outputs.md`): states, teams, clocks."""
    yield _states(document)
    if document["teams"]:
        yield _teams(document)
    if document["clocks"]:
        yield _clocks(document)


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in NAMES else "right")
    return table


def _states(document: Mapping[str, Any]) -> Table:
    title = (
        f"{document['name']}: {document['days']} days after {document['warm_up']} of warm-up, "
        f"{document['replications']} replications"
    )
    table = _table(
        title, "state", "arrivals", "completed", "mean wait, min", "95 %", "p95", "waited", "left waiting",
        "full", "within standard", "waiting", "present",
    )  # fmt: skip
    for name, state in document["states"].items():
        wait = state.get("wait_minutes") or {}
        table.add_row(
            name,
            _count(state.get("arrivals")),
            _count(state.get("completed")),
            _number(wait.get("mean")),
            _half_width(wait.get("half_width")),
            _number(wait.get("p95")),
            _share(state.get("waited")),
            _share(state.get("left_waiting")),
            _share(state.get("full")),
            _share(state.get("within_standard")),
            _with_half_width(state.get("waiting")),
            _with_half_width(state.get("present")),
        )
    table.caption = f"Digest {document['digest']}. Half-widths: 95 %, over replications."
    return table


def _teams(document: Mapping[str, Any]) -> Table:
    table = _table("Teams", "team", "role", "busy ÷ on shift", "overtime, min", "places taken")
    for name, team in document["teams"].items():
        roles = list((team.get("utilisation") or {}).items()) or [("", None)]
        for row, (role, share) in enumerate(roles):
            first = row == 0
            table.add_row(
                name if first else "",
                role,
                _share(share),
                _count(team.get("overtime_minutes")) if first else "",
                _with_half_width(team.get("places_taken")) if first else "",
            )
    return table


def _clocks(document: Mapping[str, Any]) -> Table:
    table = _table("Clocks", "clock", "within standard", "95 %", "mean, min", "median", "p95")
    for name, clock in document["clocks"].items():
        minutes = clock.get("minutes") or {}
        table.add_row(
            name,
            _share(clock.get("within")),
            _half_width(clock.get("half_width"), percent=True),
            _number(minutes.get("mean")),
            _number(minutes.get("p50")),
            _number(minutes.get("p95")),
        )
    return table


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _half_width(value: float | None, *, percent: bool = False) -> str:
    if value is None:
        return "–"
    return f"±{100 * value:.1f} %" if percent else f"±{value:,.1f}"


def _with_half_width(value: Mapping[str, float] | None) -> str:
    if not value or value.get("mean") is None:
        return "–"
    half = value.get("half_width")
    return f"{value['mean']:,.2f}" + (f" ±{half:.2f}" if half is not None else "")
