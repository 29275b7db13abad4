"""`parity replay` and `parity digest`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer
from experiments.options import Json, within, writable

REPLAY = (
    "parity replay --run results --find longest-wait --out results/life\n\n"
    "parity replay --run results --area-code E01025144 --ordinal 37"
)


DIGEST = "parity digest results/run=0123456789ab\n\nparity digest results/run=0123456789ab results/run=ba9876543210"


def replay(
    run: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a finished run; given again: the life in each, side by side. Default: results."),
    ] = None,
    person: Annotated[int | None, typer.Option(callback=within(0), help="Row of the resident in the cell.")] = None,
    area_code: Annotated[str | None, typer.Option(help="With --ordinal: small area such as E01025144.")] = None,
    ordinal: Annotated[int | None, typer.Option(callback=within(0), help="Number within the small area.")] = None,
    find: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Who stands out: longest-wait, most-contacts or most-referrals."),
    ] = None,
    replication: Annotated[int, typer.Option(callback=within(0), help="Which run of the case.")] = 0,
    cell: Annotated[str | None, typer.Option(help="Of a run of several STPs: which.")] = None,
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for words, tables and picture. Default: none.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell one synthetic person's life from a finished run: in words, as tables, as a picture."""
    from experiments.lives import replay as replays
    from experiments.lives import together

    folders = run or [Path("results")]
    if len(folders) > 1:
        document = together.of_runs(
            folders, person=person, area_code=area_code, ordinal=ordinal, find=find, replication=replication,
            cell=cell, out=out,
        )  # fmt: skip
        answer(document, together.tables, json)
        return
    document = replays.replay(
        folders[0], person=person, area_code=area_code, ordinal=ordinal, find=find, replication=replication, cell=cell,
        out=out,
    )  # fmt: skip
    answer(document, replays.tables, json)


def digest(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run, or a checkpoint.")],
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[OTHER]", help="Another: which day do they part?", show_default=False),
    ] = None,
    replication: Annotated[
        int | None, typer.Option(callback=within(0), help="Only this one. Default: all that both have.")
    ] = None,
    json: Json = False,
) -> None:
    """Print the last link of a run's daily chain of digests; of two runs, the first day that differs (then exit 1)."""
    from experiments import digests

    document = digests.digests(run, other, replication)
    answer(document, digests.tables, json)
    if not document.get("same", True):
        raise typer.Exit(1)
