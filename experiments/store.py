"""Where results lie: `OUT/run=IDENTITY/replication=N/TABLE.parquet`, and nothing half written.

A replication is written beside its place and moved there whole; one that is there is finished.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.console import plain
from experiments.outcome import Outcome
from pathways.errors import InputError, nearest, one_of

RUN_FILE = "run.json"
FACTS_FILE = "replication.json"


def folder(out: Path, case: str) -> Path:
    """Return the folder of a case: all replications of one scenario, named by the start of its identity."""
    return Path(out) / f"run={case[:12]}"


def replication_folder(out: Path, case: str, replication: int) -> Path:
    """Return the folder of one replication."""
    return folder(out, case) / f"replication={replication}"


def finished(
    out: Path, case: str, replication: int, identity: str, *, table: str | None = None, proved: bool = False
) -> bool:
    """Say whether a replication lies there whole, with this identity (with `table`, and proved, if asked for)."""
    place = replication_folder(out, case, replication)
    try:
        facts = json.loads((place / FACTS_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    if proved and not facts.get("days_proved"):
        return False
    return facts.get("identity") == identity and (table is None or (place / f"{table}.parquet").is_file())


def write(outcome: Outcome, out: Path, case: str, about: Mapping[str, Any]) -> Path:
    """Write one replication's tables: whole or not at all.  `about` goes into every file's metadata."""
    place = replication_folder(out, case, outcome.replication)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".replication={outcome.replication}."))
    try:
        facts = {
            "identity": outcome.identity, "replication": outcome.replication, "digest": outcome.digest,
            **outcome.facts
        }  # fmt: skip
        metadata = {
            "parity": json.dumps(plain({**about, **facts}), ensure_ascii=False, sort_keys=True),
        }
        for name, table in outcome.tables.items():
            pq.write_table(
                table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata}),
                beside / f"{name}.parquet", compression="zstd",
            )  # fmt: skip
        write_json(beside / FACTS_FILE, facts)
        os.chmod(beside, 0o755)
        _put(beside, place)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return place


def write_about(out: Path, case: str, about: Mapping[str, Any]) -> Path:
    """Write `run.json`: scenario, versions and digests of a case."""
    place = folder(out, case)
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / RUN_FILE, about)
    return place


def cases(out: Path | str) -> list[Path]:
    """Return the folders of all cases in a folder of results, the newest last."""
    found = [path.parent for path in Path(out).glob(f"run=*/{RUN_FILE}")]
    return sorted(found, key=lambda path: ((path / RUN_FILE).stat().st_mtime_ns, path.name))


def only_case(path: Path | str) -> Path:
    """Return the folder of a case: the one that is given, or the only one of a folder of results.

    Raises
    ------
    InputError
        If there is none, or more than one.
    """
    return _case(path)


def about(path: Path | str) -> dict[str, Any]:
    """Return the `run.json` of a case (or of the only case of a folder of results)."""
    return json.loads((_case(path) / RUN_FILE).read_text(encoding="utf-8"))


def facts(path: Path | str) -> list[dict[str, Any]]:
    """Return the facts of every replication of a case, in order."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in _case(path).glob(f"replication=*/{FACTS_FILE}")]
    return sorted(found, key=lambda one: one["replication"])


def read(path: Path | str, names: list[str] | None = None) -> dict[str, pd.DataFrame]:
    """Return a case's tables, all replications together, with the column `replication`.

    Parameters
    ----------
    path : the folder of a case, or a folder of results that holds one case only
    names : which tables (default: all that are there)

    Raises
    ------
    InputError
        If there are no results, more than one case, or no such table.
    """
    return {name: table.to_pandas() for name, table in read_arrow(path, names).items()}


def read_arrow(path: Path | str, names: list[str] | None = None) -> dict[str, pa.Table]:
    """Return a case's tables like `read`, as Arrow tables."""
    place = _case(path)
    folders = sorted(
        (file.parent for file in place.glob(f"replication=*/{FACTS_FILE}")), key=lambda one: _number(one.name)
    )
    there = sorted({file.stem for one in folders for file in one.glob("*.parquet")})
    found: dict[str, pa.Table] = {}
    for name in there if names is None else names:
        if name not in there:
            raise InputError(
                file=place, key="table", value=name, expected=one_of(there), suggestion=nearest(name, there)
            )
        parts = []
        for one in folders:
            if (one / f"{name}.parquet").is_file():
                part = pq.ParquetFile(one / f"{name}.parquet").read()
                number = pa.array([_number(one.name)] * part.num_rows, pa.int32())
                parts.append(part.append_column("replication", number).replace_schema_metadata(None))
        found[name] = pa.concat_tables(parts)
    return found


def metadata(file: Path | str) -> dict[str, Any]:
    """Return what a Parquet file says of itself: scenario, versions, digests."""
    return json.loads((pq.read_schema(file).metadata or {})[b"parity"])


def _case(path: Path | str) -> Path:
    place = Path(path)
    if (place / RUN_FILE).is_file():
        return place
    found = cases(place)
    if len(found) == 1:
        return found[0]
    names = [one.name for one in found]
    raise InputError(
        file=place, key="results", value=names or None,
        expected="the folder of one run (run=…)" if names else "a folder with results of `parity run`",
    )  # fmt: skip


def _number(name: str) -> int:
    return int(name.partition("=")[2])


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file: whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(as_json(content))
    os.replace(beside, path)


def as_json(content: Mapping[str, Any]) -> bytes:
    """Return what a JSON file holds."""
    return (json.dumps(plain(content), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _put(beside: Path, place: Path) -> None:
    """Move a finished folder to its place; what lay there before goes."""
    if place.exists():
        aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=".old."))
        os.replace(place, aside / "old")
        os.replace(beside, place)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        os.replace(beside, place)
