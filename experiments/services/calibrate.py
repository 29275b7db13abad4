"""`parity calibrate`: counts what services send each other, and sets every service beside its published figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm import tables
from abm.areas import cells_of, title_of
from abm.internal_referrals import Flows
from abm.model import CareSystem
from abm.setting import edited, every_pathway, setting_of_cell, shared_of
from experiments.services import balance, beside, stocks
from experiments.services.counting import Counts, count, summed
from pathways.errors import InputError
from pathways.specs import validated

PAGE = Path(__file__).resolve().parents[2] / "docs" / "services.md"


def calibrate(
    area: str = "lsc",
    pathways: tuple[str, ...] | None = None,
    days: int = 365,
    warm_up: int = 365,
    rounds: int = 3,
    seed: int = 1,
    table: Path | None = None,
    page: Path | None = None,
) -> dict[str, Any]:
    """Run an area until the flows between its pathways stand still; return the document of the comparison.

    Parameters
    ----------
    pathways : default: all of the library
    table : where `internal_referrals.csv` is written; None: nowhere
    page : a page with the markers of `beside`, whose table is replaced; None: none

    Raises
    ------
    InputError
        If pathways send more than another's whole demand, naming the flows; if the page has no markers.
    """
    graphs = edited(pathways or every_pathway(), ())
    specs = {name: validated(graph) for name, graph in graphs.items()}
    if page is not None and beside.BEGIN not in page.read_text(encoding="utf-8"):
        raise InputError(file=page, key="markers", expected=f"a line {beside.BEGIN} and a line {beside.END}")

    where = [beside.places(specs, column) for column in ("received_at", "accepted_at", "contacts_at")]
    states: list[str] = []

    def run(flows: Flows) -> Counts:
        shared = shared_of(graphs, flows=flows)
        made = []
        for name in cells_of(area):
            model = CareSystem(setting_of_cell(shared, name), days=days, warm_up=warm_up, seed=seed, events=True)
            made.append(count(model.run(), *where))
            states[:] = model.network.flat.state_names
            model.let_go()
        return summed(made)

    counts, used, flows = balance.fixed_point(specs, run, rounds)
    document = beside.compared(specs, counts, used) | {
        "area": area, "days": days, "flows": [[*pair, n] for pair, n in sorted(flows.items())],
        "settled": balance.settled(specs, used, flows),
        "stocks": stocks.at_start(specs, counts, states, balance.modelled_received(specs, counts, used)),
    }  # fmt: skip
    if table is not None:
        table.write_text(balance.table(flows, title_of(area)), encoding="utf-8")
    if page is not None:
        page.write_text(beside.put_into(page.read_text(encoding="utf-8"), document), encoding="utf-8")
    return document


def default_table() -> Path:
    """Return the table in the installed project."""
    return tables.path_of("internal_referrals")


def printed(document: Mapping[str, Any]) -> Any:
    """Yield the answer for people."""
    yield from beside.printed(document)
    if not document["settled"]:
        yield "The flows do not stand still yet: run it again, from the table just written."
