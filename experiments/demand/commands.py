"""`parity waterfall --of demand` and `--of compared`: what they do once the options are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.console import answer, progress_bar
from experiments.options import financial_year


def demand(
    area: str, year: str, seed: int, replications: int, scenario: str | None, out: Path | None, json: bool
) -> None:
    """Answer with the demand waterfall."""
    from experiments.demand import waterfall, waterfall_page

    financial_year(year)
    with progress_bar("Demand") as progress:
        document = waterfall.document(area, year, seed, replications, scenario, progress)
    _leave(document, waterfall_page, out, json)


def compared(
    area: str, year: str, seed: int, replications: int, scenario: str | None, weights: Path | None,
    establishment: Path | None, out: Path | None, json: bool,
) -> None:  # fmt: skip
    """Answer with the apportioned increment beside the modelled one."""
    from experiments.demand import compared, compared_page

    financial_year(year)
    with progress_bar("Apportioned against population demand") as progress:
        document = compared.document(area, year, seed, replications, scenario, weights, establishment, progress)
    _leave(document, compared_page, out, json)


def _leave(document: dict[str, Any], page: Any, out: Path | None, json: bool) -> None:
    if out is not None:
        document["written"] = page.write(document, out)
    answer(document, page.tables, json)
