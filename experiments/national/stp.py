"""What one STP's extra demand asks for: simulated one STP at a time, and kept so that it is done once.

The baseline year and the later year are simulated with the same people and the same luck, and nobody has to wait
(`experiments.demand`); what is kept are the differences, by programme, role, group, employer and payer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from experiments.console import Progress
from experiments.demand import needed
from experiments.demand.factors import BASELINE
from experiments.million import trajectories
from experiments.million.identity import digest
from experiments.money import costs
from experiments.reports.page import as_parquet, write_whole

if TYPE_CHECKING:
    from cluster.pool import Pool

ALL = "all services"
"""The programme of people counted once over all services"""
POSTS = ("programme", "role", "group", "employer", "payer")


@dataclass(frozen=True)
class Asked:
    """What is asked of one STP."""

    area: str
    year: str
    seed: int = 1
    replications: int = 1
    factors: tuple[tuple[str, float], ...] | None = None
    """(factor, how much of it), sorted; None: all as planned"""

    @property
    def identity(self) -> str:
        """Return the SHA-256 of all that can change the answer: this, the tables and the code."""
        own = digest("demand", "workforce", "planning")
        return hashlib.sha256(f"{astuple(self)!r}{own}".encode()).hexdigest()


def extra(asked: Asked) -> pd.DataFrame:
    """Return what a later year asks for beyond the baseline year, of the whole STP.

    One row (replication, name, programme, role, group, employer, payer, extra): `name` posts (WTE) or contacts by
    role; people by programme, everybody once; `people` of the programme `ALL` are counted once over all services.
    """
    factors = None if asked.factors is None else dict(asked.factors)
    frames = [_counted(asked, factors, asked.year), -_counted(asked, {}, BASELINE)]
    keys = ["replication", "name", *POSTS]
    found = pd.concat(frames).groupby(level=keys).sum()
    return found.rename("extra").reset_index()


def _counted(asked: Asked, factors: Mapping[str, float] | None, year: str) -> pd.Series:
    """Return numbers by (replication, name, programme, role, group, employer, payer)."""
    posts = needed.posts_needed(asked.area, factors, year, asked.seed, asked.replications)
    long = posts.melt(["replication", *POSTS], ["posts", "contacts"], var_name="name", value_name="extra")
    people = needed.people_reached(asked.area, factors, year, asked.seed, asked.replications)
    people = people[people["what"] != "service"]
    people = people.assign(
        programme=people["name"].where(people["what"] == "programme", ALL), name="people", extra=people["people"]
    )
    frame = pd.concat([long, people]).reindex(columns=["replication", "name", *POSTS, "extra"])
    frame[list(POSTS)] = frame[list(POSTS)].fillna("")
    return frame.groupby(["replication", "name", *POSTS])["extra"].sum()


def numbers(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return what is compared with the national promises: one row (replication, name, extra).

    `posts` and `pounds` are those of NHS employers (the plan's posts); `people` sums the programmes that have a
    trajectory, `contacts` are theirs; `people_any` counts everybody once over all services, `contacts_any` all.
    """
    plan = frame["programme"].isin(trajectories.programmes())
    posts = frame[(frame["name"] == "posts") & (frame["employer"] == "nhs")]
    each = {role: costs.pounds_a_post(role, year) for role in posts["role"].unique()}
    parts = {
        "posts": posts, "pounds": posts.assign(extra=posts["extra"] * posts["role"].map(each)),
        "people": frame[plan & (frame["name"] == "people")], "contacts": frame[plan & (frame["name"] == "contacts")],
        "people_any": frame[(frame["name"] == "people") & (frame["programme"] == ALL)],
        "contacts_any": frame[frame["name"] == "contacts"],
    }  # fmt: skip
    found = [part.groupby("replication")["extra"].sum().reset_index().assign(name=name) for name, part in parts.items()]
    return pd.concat(found, ignore_index=True)


def keep(asked: Asked, folder: str) -> str:
    """Work one STP out where the results are wanted, unless it lies there already; return its file."""
    place = file_of(asked, Path(folder))
    if not place.is_file():
        write_whole(place, as_parquet(extra(asked).assign(area=asked.area, year=asked.year)))
    return str(place)


def file_of(asked: Asked, folder: Path) -> Path:
    """Return where one STP's answer lies."""
    return folder / f"{asked.area}.{asked.identity[:12]}.parquet"


def every(
    asked: Sequence[Asked], folder: Path, pool: Pool | None = None, progress: Progress | None = None
) -> dict[str, pd.DataFrame]:
    """Return what each STP's extra demand asks for, by area; those that lie in `folder` are read."""
    folder.mkdir(parents=True, exist_ok=True)
    task = partial(keep, folder=str(folder.resolve()))
    done: Iterator[str] = map(task, asked) if pool is None else pool.map_ordered(task, asked, on_failure="raise")
    found = {}
    for n, (one, file) in enumerate(zip(asked, done, strict=True), start=1):
        found[one.area] = pd.read_parquet(file)
        if progress is not None:
            progress(n, len(asked), "STPs")
    return found
