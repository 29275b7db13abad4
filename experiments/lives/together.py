"""One person's life in several runs side by side: the same person, the same luck, and what a scenario made of it.

runs → the same person in each → visits matched → words, a table, a picture
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.areas import cells_of
from experiments import run as runs
from experiments import store
from experiments.console import Progress
from experiments.lives.replay import document_of, lived
from experiments.lives.rerun import Finished, finished
from experiments.lives.words import SYNTHETIC, lasting, listed, on
from experiments.reports.words import titled
from experiments.run_tables import ILLUSTRATIVE
from pathways.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

SAME, LONGER, SHORTER, ONLY, OTHERWISE = "the same", "waits longer", "waits shorter", "only here", "otherwise"
KEPT = (
    "joined", "began", "ended", "wait_minutes", "minutes", "how", "contacts", "not_attended", "not_made", "host",
)  # fmt: skip
"""What is compared of a visit, visits during a stay among it"""


def of_runs(
    results: Sequence[Path | str],
    *,
    person: int | None = None,
    area_code: str | None = None,
    ordinal: int | None = None,
    find: str | None = None,
    replication: int = 0,
    cell: str | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Return one person's life in several finished runs side by side; `find` looks in the first of them.

    Raises
    ------
    InputError
        If a run cannot be repeated to the bit, or the runs do not have people and luck in common.
    """
    many = [finished(folder, replication, cell) for folder in results]
    names = [str(store.about(folder).get("name") or Path(folder).name) for folder in results]
    return _together(many, names, person, area_code, ordinal, find, out)


def of_scenarios(
    *given: str | Path, person: int, out: Path | None = None, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """Return one resident's life (row) in the first replication of several scenarios, side by side."""
    from experiments.pairs.compare import in_common

    wanted, stored = in_common(*given, **options)
    if len(cells_of(wanted[0].area)) > 1:
        raise InputError(
            key="--person", value=person,
            expected="an area of one STP; of several: parity run each, then parity replay --run … --run … --cell",
        )  # fmt: skip
    many = [
        Finished(runs.runs_of(one)[0], Path(one.name), "", {}) if folder is None else finished(folder)
        for one, folder in zip(wanted, stored, strict=True)
    ]
    return _together(many, [one.name for one in wanted], person, None, None, None, out, progress)


def _together(
    many: Sequence[Finished], names: Sequence[str], person: int | None, area_code: str | None, ordinal: int | None,
    find: str | None, out: Path | None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    _have_luck_in_common(many)
    lives: list[dict[str, Any]] = []
    for k, (of, name) in enumerate(zip(many, _apart(names), strict=True)):
        if k == 0:
            kept, _ = lived(of, person, area_code, ordinal, find)
        else:
            who = lives[0]["person"]
            kept, _ = lived(of, None, who["small_area"], who["ordinal"], None)
        lives.append({"name": name, **document_of(of, kept)})
        kept.model.let_go()
        if progress is not None:
            progress(k + 1, len(many))
    visits = matched(lives)
    document: dict[str, Any] = {
        "synthetic": True, "illustrative": lives[0]["illustrative"], "person": lives[0]["person"],
        "names": [life["name"] for life in lives], "words": told_together(lives, visits), "visits": visits,
        "lives": lives,
    }  # fmt: skip
    document["files"] = {} if out is None else _write(document, Path(out))
    return document


def _have_luck_in_common(many: Sequence[Finished]) -> None:
    first = many[0].run
    for one in many[1:]:
        for name in ("seed", "start", "warm_up", "replication"):
            if getattr(one.run, name) != getattr(first, name):
                raise InputError(
                    file=one.folder, key=name, value=str(getattr(one.run, name)),
                    expected=f"{getattr(first, name)} as in {many[0].folder}: a life is compared with the same luck",
                )  # fmt: skip


def _apart(names: Sequence[str]) -> list[str]:
    """Return names that differ: the second of the same name is counted."""
    return [name if name not in names[:k] else f"{name} ({names[: k + 1].count(name)})" for k, name in enumerate(names)]


def matched(lives: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a visit that any of the lives has, in order of time, with what became of it in each.

    A visit is the same if it is of the same referral, the same state and the same number.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for life in lives:
        for visit in life["visits"]:
            key = visit["occasion"], visit["pathway"], visit["state"]
            row = found.setdefault(
                key,
                {"pathway": visit["pathway"], "state": visit["state"], "title": visit["title"], "kind": visit["kind"],
                 "in": {}},
            )  # fmt: skip
            row["in"][life["name"]] = {name: visit[name] for name in KEPT}
    names = [life["name"] for life in lives]
    for row in found.values():
        row["difference"] = {name: _difference(row["in"], names[0], name) for name in names[1:]}
    return sorted(found.values(), key=lambda row: min(one["joined"] for one in row["in"].values()))


def _difference(inside: Mapping[str, Mapping[str, Any]], first: str, other: str) -> str | None:
    """Return in a word how a visit differs from the first life's; None if neither has it."""
    if first not in inside or other not in inside:
        return None if first not in inside and other not in inside else ONLY
    a, b = inside[first], inside[other]
    if a == b:
        return SAME
    if a["wait_minutes"] is not None and b["wait_minutes"] is not None and a["wait_minutes"] != b["wait_minutes"]:
        return LONGER if b["wait_minutes"] > a["wait_minutes"] else SHORTER
    return OTHERWISE


def told_together(lives: Sequence[Mapping[str, Any]], visits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what differs, as paragraphs: one a scenario beside the first."""
    they = "he" if lives[0]["person"]["sex"] == "male" else "she"
    paragraphs = [SYNTHETIC]
    first = lives[0]["name"]
    for life in lives[1:]:
        name = life["name"]
        changed = [row for row in visits if row["difference"][name] not in (None, SAME)]
        if not changed:
            paragraphs.append(f"In {name} {they} has exactly the life of {first}, to the second.")
            continue
        start = min(row["in"][side]["joined"] for row in changed for side in (first, name) if side in row["in"])
        words = [f"In {name} the life of {first} is another from {on(start)} on."]
        words += [f"{titled(row['title'])}: {_in_words(row, first, name)}." for row in changed]
        paragraphs.append(" ".join(words))
    return paragraphs


def _in_words(row: Mapping[str, Any], first: str, name: str) -> str:
    a, b = row["in"].get(first), row["in"].get(name)
    if a is None or b is None:
        there = b if a is None else a
        assert there is not None
        return f"only in {name if a is None else first}, {_outcome(there)}"
    said = []
    if a["wait_minutes"] is not None and b["wait_minutes"] is not None and a["wait_minutes"] != b["wait_minutes"]:
        apart = b["wait_minutes"] - a["wait_minutes"]
        more = "longer" if apart > 0 else "shorter"
        said.append(f"waits {_length(b)} instead of {_length(a)}, {lasting(abs(apart))} {more}")
    elif a["how"] != b["how"]:
        said.append(f"{_outcome(b)} instead of {_outcome(a)}")
    for key, words in (("contacts", "visits or sessions"), ("not_made", "visits due and not made")):
        if a[key] != b[key]:
            said.append(f"{b[key]} {words} instead of {a[key]}")
    if a["host"] != b["host"]:
        said.append(f"a guest of {b['host'] or 'no STP'} instead of {a['host'] or 'no STP'}")
    return listed(said) or f"at another time ({b['joined']:%Y-%m-%d %H:%M} instead of {a['joined']:%Y-%m-%d %H:%M})"


def _outcome(visit: Mapping[str, Any]) -> str:
    length = _length(visit)
    return str(visit["how"]) + (f" after {length}" if length and length != "not at all" else "")


def _length(visit: Mapping[str, Any]) -> str:
    """Return how long was waited: until seen, or until giving up."""
    minutes = visit["wait_minutes"]
    if minutes is None and visit["how"] == "left waiting":
        minutes = (visit["ended"] - visit["joined"]).total_seconds() / 60
    return "" if minutes is None else "not at all" if minutes == 0 else lasting(minutes)


def _write(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write words, document, the table of visits and the picture; returns the files by name."""
    from experiments.lives import picture

    out.mkdir(parents=True, exist_ok=True)
    files = {"words": out / "lives.md", "document": out / "lives.json"}
    whole = [*document["words"]]
    for life in document["lives"]:
        whole += [f"## {life['name']}", *life["words"]]
    files["words"].write_text("\n\n".join(whole) + "\n", encoding="utf-8")
    store.write_json(files["document"], document)
    table = pd.DataFrame([
        {"pathway": row["pathway"], "state": row["state"], "life": name, **one,
         "difference": row["difference"].get(name)}
        for row in document["visits"] for name, one in row["in"].items()
    ])  # fmt: skip
    files["visits.csv"], files["visits.parquet"] = out / "visits.csv", out / "visits.parquet"
    table.to_csv(files["visits.csv"], index=False)
    table.to_parquet(files["visits.parquet"], index=False)
    if any(life["visits"] for life in document["lives"]):
        files |= {f"picture.{kind}": file for kind, file in picture.save_together(document["lives"], out).items()}
    return files


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield lives side by side for people: words, then one row a visit."""
    from rich.markup import escape
    from rich.table import Table

    if document["illustrative"]:
        yield ILLUSTRATIVE
    yield "\n\n".join([document["lives"][0]["words"][1], *document["words"]]) + "\n"
    names = document["names"]
    table = Table(title="Visits, side by side", title_justify="left")
    table.add_column("state")
    for name in names:
        table.add_column(escape(f"from, {name}"))
        table.add_column("waited", justify="right")
        table.add_column("visits", justify="right")
        table.add_column("how")
    for row in document["visits"]:
        cells = []
        for name in names:
            one = row["in"].get(name)
            if one is None:
                cells += ["–", "", "", ""]
                continue
            made = f"{one['contacts']}" + (f" ({one['not_made']} not made)" if one["not_made"] else "")
            host = f", guest of {one['host']}" if one["host"] else ""
            cells += [f"{one['joined']:%Y-%m-%d %H:%M}", _length(one), made if made != "0" else "", one["how"] + host]
        different = any(value not in (None, SAME) for value in row["difference"].values())
        table.add_row(row["title"], *cells, style="bold" if different else None)
    if document["visits"]:
        yield table
    if document["files"]:
        yield f"Written to {document['files']['document'].parent}"
