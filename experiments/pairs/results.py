"""A comparison on disk: the document, its tables as Parquet and CSV, the workbook and the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import store

TABLES = (
    "figures", "by_hour", "flows", "staff", "costs", "states", "during_stays", "groups", "list",
)  # fmt: skip
"""Tables of every comparison; in the files all of them stand together, `scenario` says which"""


def table_of(document: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Return one table of all comparisons, with the column `scenario` first."""
    if name == "precision":
        return pd.DataFrame(document["precision"])
    rows = [{"scenario": one["name"], **row} for one in document["comparisons"] for row in one.get(name, ())]
    return pd.DataFrame(rows)


def write(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write the document, its tables (Parquet and CSV), the workbook and the page; returns the files by name."""
    from experiments.pairs import book, page

    out.mkdir(parents=True, exist_ok=True)
    files = {"page": out / "comparison.html", "workbook": out / "comparison.xlsx", "document": out / "comparison.json"}
    store.write_json(files["document"], document)
    for name in (*TABLES, "precision"):
        table = table_of(document, name)
        if len(table):
            for kind in ("csv", "parquet"):
                files[f"{name}.{kind}"] = out / f"{name}.{kind}"
            table.to_csv(files[f"{name}.csv"], index=False)
            table.to_parquet(files[f"{name}.parquet"], index=False)
    files["workbook"].write_bytes(book.made(document))
    files["page"].write_text(page.made(document), encoding="utf-8")
    return files
