"""`parity scenario sweep`: one share moved step by step, and where the difference changes its sign."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Out, within

EXAMPLE = (
    "parity scenario sweep crisis-cafe.toml --share liaison/route.decides.crisis_alternatives/cafe_instead.share "
    "--rest liaison/route.decides.ae_arrival.share --values 0,0.1,0.3 --count liaison/ae_arrival"
)


def scenario_sweep(
    file: Annotated[Path, typer.Argument(help="Scenario file (TOML).")],
    share: Annotated[str, typer.Option(help="The share to move: pathway/route.FROM.TO.share.")],
    rest: Annotated[str, typer.Option(help="The route of the same group that gives and takes the difference.")],
    values: Annotated[str, typer.Option(help="Values of the share, with commas between.")],
    count: Annotated[list[str], typer.Option(help="State whose visits are counted: pathway/state. Several: again.")],
    base: Annotated[Path | None, typer.Option(help="Scenario to compare with. Default: the built-in baseline.")] = None,
    replications: Annotated[int, typer.Option(callback=within(1), help="Runs at each value.")] = 3,
    out: Out = Path("results"),
    json: Json = False,
) -> None:
    """Move one share step by step and show where the difference from another scenario changes its sign."""
    from experiments import sweep

    try:
        numbers = [float(word) for word in values.split(",")]
    except ValueError:
        raise typer.BadParameter(f"{values}: expected numbers with commas between", param_hint="--values") from None
    with progress_bar("Scenarios") as progress:
        document = sweep.sweep(
            file, share, rest, numbers, count, base=base, replications=replications, out=out, progress=progress
        )
    answer(document, _sweep_lines, json)


def _sweep_lines(document: Mapping[str, Any]) -> list[str]:
    """Return the lines of a sweep: one a value and count, then where each turns."""
    lines = [f"{document['scenario']} less {document['base']}, {document['replications']} replications"]
    lines += [
        f"{row['value']:8g}  {row['count']:32} {row['visits']:10,.0f}  {row['difference']:+9,.0f} "
        f"(half-width {'–' if row['half_width'] is None else format(row['half_width'], ',.0f')})"
        for row in document["rows"]
    ]
    return lines + [
        f"{count} changes its sign at {at:.3f}" if at is not None else f"{count} does not change its sign"
        for count, at in document["turns"].items()
    ]
