"""Writing a sizing: one JSON document and a tidy Parquet table for each of its lists."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.console import plain
from experiments.planning import uncertainty_rows

TABLES = ("plan", "comparison", "totals", "nursing", "curves", "headroom", "audit", "phases")


def write(document: dict[str, Any], out: Path) -> Path:
    """Write the document under `out`/sizing-YEAR and return the folder; `document["written"]` names the
    files.
    """
    folder = out / f"sizing-{document['area']}-{str(document['year']).replace('/', '-')}"
    folder.mkdir(parents=True, exist_ok=True)
    document["written"] = [
        str(folder / "sizing.json"),
        *(str(folder / f"{name}.parquet") for name in tables_of(document)),
    ]
    for name, rows in tables_of(document).items():
        table = pa.Table.from_pylist(rows)
        table = table.replace_schema_metadata({"parity.scenario": str(document["scenario_digest"])})
        _whole(folder / f"{name}.parquet", partial(pq.write_table, table))
    text = json.dumps(plain(document), ensure_ascii=False, indent=1, allow_nan=False)
    _whole(folder / "sizing.json", lambda path: Path(path).write_text(text, encoding="utf-8"))
    return folder


def write_recheck(document: dict[str, Any], folder: Path) -> None:
    """Write `recheck.json` and `recheck.parquet` (one row a question); `document["written"]` names them."""
    document["written"] = [str(folder / "recheck.json"), str(folder / "recheck.parquet")]
    rows = [{"question": "plan", **row} for row in document["targets"]]
    rows += [{"question": "one fewer", **row} for row in document["one_fewer"]]
    keys = dict.fromkeys(key for row in rows for key in row)
    table = pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in plain(rows)])
    table = table.replace_schema_metadata({"parity.scenario": str(document["scenario_digest"])})
    _whole(folder / "recheck.parquet", partial(pq.write_table, table))
    text = json.dumps(plain(document), ensure_ascii=False, indent=1, allow_nan=False)
    _whole(folder / "recheck.json", lambda path: Path(path).write_text(text, encoding="utf-8"))


def tables_of(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the document's lists as rows of plain values."""
    found = {name: plain(document[name]) for name in TABLES if document[name]}
    targets = [
        {"unit": unit["unit"], "place": unit["place"], **target}
        for unit in document["units"]
        for target in unit["targets"]
    ]
    found["targets"] = plain(targets)
    if document.get("uncertainty"):
        found["uncertainty"] = plain(uncertainty_rows.table(document["uncertainty"]))
        found["parameter_sets"] = plain(document["uncertainty"]["sets"])
    return found


def _whole(path: Path, put: Callable[[str], object]) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        put(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
