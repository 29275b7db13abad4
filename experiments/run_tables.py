"""A run's answer as tables for people: headline, clocks, modelled beside published, what the warm-up left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pathways.durations import DAY, HOUR, MINUTE, WEEK

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WORDS = ("pathway", "quantity", "clock", "status", "not met at", "what", "comparable", "unit")
"""Columns of words; the others hold numbers."""

NAMED = 6
"""Places that a row names; the others are counted."""
ILLUSTRATIVE = (
    "Illustrative: outside Lancashire & South Cumbria teams have its establishment per person served, and small areas, "
    "delivery systems and hospitals are made up to fit the STP's published ages and deprivation."
)


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a `parity run` document (`docs/outputs.md`)."""
    if document["illustrative"]:
        yield ILLUSTRATIVE
    yield _headline(document)
    yield _clocks(document)
    if document["baseline"]:
        yield _baseline(document)
        yield _misses(document)
    if document["lives"]:
        yield _lives(document)
    yield _warm_up(document)
    yield from _proved(document)
    yield from _failed(document)
    kept = f" ({document['kept']} were there already)" if document["kept"] else ""
    of = "" if not document["failed"] else f" of {document['replications']}"
    yield f"Results of {document['finished']}{of} replications{kept}: {document['path']}"


def _proved(document: Mapping[str, Any]) -> Iterator[str]:
    proved = document["proved"]
    if proved["days"]:
        *others, last = proved["what"]
        yield (
            f"Proved to balance: {', '.join(others)} and {last}, at the end of each of {proved['days']:,} days "
            f"({proved['replications']} of {document['finished']} replications, warm-up included)."
        )


def _failed(document: Mapping[str, Any]) -> Iterator[str]:
    if document["failed"]:
        lines = [f"{len(document['failed'])} of {document['replications']} replications failed and are left out:"]
        lines += [f"  replication {row['replication']}: {row['error']}: {row['message']}" for row in document["failed"]]
        yield "\n".join(lines)


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in WORDS else "right")
    return table


def _headline(document: Mapping[str, Any]) -> Table:
    from rich.markup import escape

    title = f"{escape(document['title'] or document['name'])}: {document['days']} days from {document['start']}"
    table = _table(
        title,
        "pathway",
        "people in need",
        "asked a year",
        "people reached a year",
        "care contacts a year",
        "waiting",
        "waited",
    )
    for row in document["headline"]:
        table.add_row(
            row["pathway"], _number(row["need"]), _number(row["asked"]), _number(row["reached"]),
            _number(row["care_contacts"]), _number(row["mean_waiting"]), _share(row["share_waited"]),
        )  # fmt: skip
    table.caption = (
        "People in need have a condition the pathway is for; asked: times residents came through its doors;\n"
        "reached: people seen or admitted, each counted once; waiting: mean number. Never to be added up."
    )
    return table


def _clocks(document: Mapping[str, Any]) -> Table:
    table = _table("Clocks and standards", "pathway", "clock", "standard", "status", "clocks", "within", "not met at")
    for row in document["clocks"]:
        places = row["not_met_at"]
        table.add_row(
            row["pathway"], row["title"],
            f"{_share(row['standard_share'])} in {_time(row['standard_seconds'])}",
            row["status"], _number(row["clocks"]), _share(row["share_within"]),
            (", ".join(places[:NAMED]) + (f" and {len(places) - NAMED} more" if places[NAMED:] else "")) or "–",
        )  # fmt: skip
    return table


def _baseline(document: Mapping[str, Any]) -> Table:
    table = _table(
        "Modelled beside published, 2016/17", "quantity", "modelled", "published", "difference", "comparable"
    )
    for row in document["baseline"]:
        difference = "–" if row["difference"] is None else f"{row['difference']:+.0%}"
        table.add_row(
            row["quantity"], _number(row["modelled"]), _number(row["published"]),
            f"{difference} miss" if row["miss"] else difference, row["comparable"].partition(":")[0],
        )  # fmt: skip
    table.caption = "Counts are of a year. Published figures as carried to the area: see baseline_published.csv."
    return table


def _lives(document: Mapping[str, Any]) -> Table:
    table = _table("Lives, a year", "what", "modelled", "published")
    for row in document["lives"]:
        table.add_row(row["what"], _number(row["a_year"]), _number(row["published"]))
    table.caption = (
        "Published: births, deaths and moves of the area's districts, carried to its people.  Physical care is rates\n"
        "times people's time (docs/lives.md): no hospital's queue is simulated for it."
    )
    return table


def _misses(document: Mapping[str, Any]) -> str:
    missed = [row for row in document["baseline"] if row["miss"]]
    if not missed:
        return "Every figure lies within 10 % of the published one."
    lines = [f"{len(missed)} of {len(document['baseline'])} figures miss by more than 10 %:"]
    for row in missed:
        by = "nothing to compare" if row["difference"] is None else f"{row['difference']:+.0%}"
        why = "" if row["comparable"] == "yes" else f"; comparable: {row['comparable']}"
        lines.append(f"  {row['quantity']}: {by} ({row['confidence']}{why})")
    return "\n".join(lines)


def _warm_up(document: Mapping[str, Any]) -> str:
    found = document["warm_up_trends"]
    after = f"Warm-up of {document['warm_up']} days"
    if not found["enough_days"]:
        return "Warm-up: the window is too short (under 16 weeks) to tell whether waiting lists were steady."
    if found["steady"]:
        return f"{after}: no waiting list or caseload has a trend beyond its half-width."
    lines = [f"{after}: these still move; read their waits with care:"]
    for row in found["trends"][:10]:
        change = f"{row['change']:+,.0f} (± {row['half_width']:,.0f})"
        lines.append(f"  {row['what']}: {change} over the window, mean {row['mean']:,.0f}")
    if len(found["trends"]) > 10:
        lines.append(f"  and {len(found['trends']) - 10} more")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _time(seconds: int) -> str:
    for unit, name in ((WEEK, "weeks"), (DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
