"""Tell one person's life from a finished run: nothing of it was stored, everything of it is rebuilt.

results → the same run again → that person's entries → words, tables, a picture
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.areas import is_illustrative
from experiments import store
from experiments.lives import find as finding
from experiments.lives.life import life_of
from experiments.lives.rerun import Finished, Kept, finished, live_again, row_of, setting_of
from experiments.lives.words import lasting, told
from experiments.run_tables import ILLUSTRATIVE
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from rich.console import RenderableType

TABLES = ("referrals", "visits", "contacts", "clocks", "changes")


def replay(
    results: Path | str,
    *,
    person: int | None = None,
    area_code: str | None = None,
    ordinal: int | None = None,
    find: str | None = None,
    replication: int = 0,
    cell: str | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Return the document of one person's life in a finished run, and write its tables and picture to `out`.

    Parameters
    ----------
    results : folder of one run (`run=…`), or one that holds one only
    cell : which STP, of a run of several
    person : row of the resident in the cell
    area_code, ordinal : the same person by id: code of the small area (E01025144), number within it
    find : in place of both, the resident who stands out: `longest-wait`, `most-contacts` or `most-referrals`

    Raises
    ------
    InputError
        If there is no such run or person, or the run cannot be repeated to the bit (other code, other tables).
    """
    of = finished(results, replication, cell)
    kept, spent = lived(of, person, area_code, ordinal, find)
    document = {**document_of(of, kept), "spent": spent}
    document["files"] = {} if out is None else _write(document, Path(out))
    return document


def lived(
    of: Finished, person: int | None, area_code: str | None, ordinal: int | None, find: str | None
) -> tuple[Kept, dict[str, float]]:
    """Return what a replay keeps of the person who is named, and the seconds it took."""
    _one_way(person, area_code, ordinal, find)
    began, worked = time.perf_counter(), time.process_time()
    row = _row(of, person, area_code, ordinal)
    kept = live_again(of, row)
    if row is None:
        kept = _of_one(of, kept, str(find))
    return kept, {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - worked}


def document_of(of: Finished, kept: Kept) -> dict[str, Any]:
    """Return a life with the run it was lived in and its words."""
    life = life_of(kept)
    return {
        "synthetic": True, "illustrative": is_illustrative(kept.model.setting.area),
        "run": {
            "path": of.folder.resolve(), "area": kept.model.setting.area, "start": of.run.start, "days": of.run.days,
            "warm_up": of.run.warm_up, "seed": of.run.seed, "replication": of.run.replication, "digest": of.digest,
        },
        "words": told(life), **life,
    }  # fmt: skip


def _one_way(person: int | None, area_code: str | None, ordinal: int | None, find: str | None) -> None:
    """Refuse no person, or two ways of naming one."""
    by_id = area_code is not None or ordinal is not None
    if (person is not None) + by_id + (find is not None) != 1 or (by_id and None in (area_code, ordinal)):
        raise InputError(
            key="--person", value=person,
            expected="one of --person ROW, --area-code with --ordinal, --find " + "|".join(finding.WAYS),
        )  # fmt: skip
    if find is not None and find not in finding.WAYS:
        raise InputError(
            key="--find", value=find, expected=one_of(finding.WAYS), suggestion=nearest(find, finding.WAYS)
        )


def _row(of: Finished, person: int | None, area_code: str | None, ordinal: int | None) -> int | None:
    if area_code is None or ordinal is None:
        return person
    digits = area_code.strip().upper().removeprefix("E")
    if not digits.isdecimal():
        raise InputError(key="--area-code", value=area_code, expected="the code of a small area such as E01025144")
    return row_of(setting_of(of).population, int(digits), ordinal)


def _of_one(of: Finished, everybody: Kept, by: str) -> Kept:
    """Return the replay of the person who stands out: their days are looked at in a second pass."""
    try:
        row = finding.telling(everybody, by)
    except LookupError as nobody:
        raise InputError(
            file=of.folder, key="--find", value=by, expected=f"a run with somebody in it: {nobody}"
        ) from None
    everybody.model.let_go()
    return live_again(of, row)


def _write(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write words, document, tables (Parquet and CSV) and the picture; returns the files by name."""
    from experiments.lives import picture

    out.mkdir(parents=True, exist_ok=True)
    files = {"words": out / "life.md", "document": out / "life.json"}
    files["words"].write_text("\n\n".join(document["words"]) + "\n", encoding="utf-8")
    store.write_json(files["document"], document)
    for name in TABLES:
        table = pd.DataFrame(document[name])
        files[f"{name}.csv"], files[f"{name}.parquet"] = out / f"{name}.csv", out / f"{name}.parquet"
        table.to_csv(files[f"{name}.csv"], index=False)
        table.to_parquet(files[f"{name}.parquet"], index=False)
    if document["visits"]:
        files |= {f"picture.{kind}": file for kind, file in picture.save(document, _title(document), out).items()}
    return files


def _title(document: Mapping[str, Any]) -> str:
    person = document["person"]
    return f"{person['small_area']}/{person['ordinal']}: {person['sex']}, {person['age']}, {person['system']}"


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield a life for people: words, then its visits and clocks."""
    from rich.table import Table

    if document["illustrative"]:
        yield ILLUSTRATIVE
    yield "\n\n".join(document["words"]) + "\n"
    visits = Table(title="Visits", title_justify="left")
    for column in ("referral", "state", "from", "waited", "lasted", "how"):
        visits.add_column(column, justify="right" if column in ("referral", "waited", "lasted") else "left")
    for row in document["visits"]:
        lengths = [_length(row["wait_minutes"]), _length(row["minutes"])]
        visits.add_row(str(row["referral"]), row["title"], f"{row['joined']:%Y-%m-%d %H:%M}", *lengths, row["how"])
    if document["visits"]:
        yield visits
    clocks = Table(title="Clocks", title_justify="left")
    for column in ("referral", "clock", "started", "ran", "standard", "how", "met"):
        clocks.add_column(column, justify="right" if column in ("referral", "ran", "standard") else "left")
    for row in document["clocks"]:
        standard = "" if row["standard_seconds"] is None else lasting(row["standard_seconds"] / 60)
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        clocks.add_row(
            str(row["referral"]), row["title"], f"{row['started']:%Y-%m-%d %H:%M}", _length(row["minutes"]),
            standard, row["how"], met,
        )  # fmt: skip
    if document["clocks"]:
        yield clocks
    run = document["run"]
    yield f"Rebuilt to the bit (digest {run['digest']}): replication {run['replication']} of {run['path']}"
    if document["files"]:
        yield f"Written to {next(iter(document['files'].values())).parent}"


def _length(minutes: float | None) -> str:
    return "" if minutes is None else "none" if minutes == 0 else lasting(minutes)
