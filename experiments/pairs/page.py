"""The page of a comparison: what differs, when in the week, who moves where, who gains and loses, staff, cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.money.words import payer, pounds
from experiments.money.words import signed as signed_pounds
from experiments.pairs import page_people
from experiments.pairs.difference_charts import intervals, routes
from experiments.pairs.figures import BED_CLOCK, RESPONSE_CLOCK, WAIT
from experiments.pairs.measures import measure
from experiments.pairs.page_week import weeks
from experiments.pairs.said import NOTES, difference, finding, half_width, is_total, name_of, noteworthy, value
from experiments.reports.blocks import Block, Figure, Section, Table, Words
from experiments.reports.page import rendered
from experiments.reports.words import count, number, signed, spoken, titled
from experiments.run_tables import ILLUSTRATIVE

MOST_ROUTES = 24
COLUMNS = ("", "of", "reference", "scenario", "difference", "±", "what may be said")


def made(document: Mapping[str, Any]) -> str:
    """Return the page as HTML text that needs nothing from outside."""
    names = ", ".join(one["title"] or one["name"] for one in document["others"])
    return rendered(
        list(_sections(document)),
        title=f"Scenarios side by side: {document['area_title']}",
        kind="Scenarios side by side",
        heading=document["area_title"],
        scenario=f"{names} against {document['base']['title'] or document['base']['name']}",
        numbers_in="comparison.xlsx",
    )


def _sections(document: Mapping[str, Any]) -> Iterator[Section]:
    yield Section("summary", "Summary", list(_summary(document)))
    several = len(document["comparisons"]) > 1
    for k, one in enumerate(document["comparisons"]):
        of = f"{one['name']}: " if several else ""
        parts = (
            ("clocks", "waits and clocks", list(_clocks(one))),
            ("week", "by hour of the week", weeks(one)),
            ("routes", "who moves elsewhere", list(_routes(one))),
            ("people", "who gains and who loses", page_people.blocks(one)),
            ("staff", "staff time and cost", list(_staff(one))),
        )
        for name, title, blocks in parts:
            if blocks:
                yield Section(f"{name}-{k}", (of + title) if of else titled(title), blocks)
    yield Section("method", "How it was found", list(_method(document)))


def _summary(document: Mapping[str, Any]) -> Iterator[Block]:
    if document["illustrative"]:
        yield Words(ILLUSTRATIVE, "warning")
    n = document["replications"]
    yield Words(
        f"{document['days']} days from {document['start']}, after a warm-up of {document['warm_up']} days; "
        f"{n} replication{'s' if n > 1 else ''}, each with the same people and the same luck in every scenario."
    )
    for one in document["comparisons"]:
        if "sentence" in one:
            yield Words(f"{one['title'] or one['name']}: {one['sentence']}", "answer")
        yield Words(_in_short(one))
        rows = _drawn(one["figures"])
        table = _figures([row for row in one["figures"] if is_total(row)])
        if rows and document["replications"] > 1:
            title = f"{one['name']}: headline figures, difference in per cent (shares: in percentage points)"
            note = "blue is better, orange worse, black neither; grey: no difference found, within the line"
            yield Figure(title, intervals(rows, title), table, note=note, wide=True)
        else:
            yield table


def _in_short(one: Mapping[str, Any]) -> str:
    """Return how many figures differ, and which headlines, in a sentence."""
    figures = one["figures"]
    same = sum(row["verdict"] == "the same" for row in figures)
    differ = [row for row in figures if row["verdict"] in ("more", "fewer")]
    said = [f"{row['title']} ({name_of(row)}) {difference(row)} ± {half_width(row)}" for row in differ if is_total(row)]
    words = f"Of {len(figures)} figures {same} are exactly the same and {len(differ)} differ beyond chance."
    if said:
        return f"{words} Among the headlines: {'; '.join(said[:6])}."
    return words + (" No difference was found in any headline figure." if figures[0]["replications"] > 1 else "")


def _drawn(figures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return headline figures in one unit: per cent of the reference, of shares percentage points."""
    rows = []
    for row in figures:
        if not is_total(row) or not row["base"]:
            continue
        by = 100 if row["unit"] == "share" else 100 / row["base"]
        rows.append({
            "name": f"{row['title']}, {name_of(row)}", "value": by * row["difference"],
            "low": None if row["low"] is None else by * row["low"],
            "high": None if row["high"] is None else by * row["high"], "words": difference(row),
            "better": {"more": 1, "fewer": -1}.get(measure(row["what"]).better, 0),
        })  # fmt: skip
    return rows


def _figures(rows: Sequence[Mapping[str, Any]], title: str = "", note: str = "") -> Table:
    written = [
        (titled(row["title"]), name_of(row), value(row, "base"), value(row, "other"), difference(row),
         half_width(row), finding(row))
        for row in rows
    ]  # fmt: skip
    return Table(title, COLUMNS, written, words=("", "of", "what may be said"), note=note)


def _clocks(one: Mapping[str, Any]) -> Iterator[Block]:
    """Set response clocks beside bed clocks, then waits and all else that differs."""
    figures = one["figures"]
    for part, title, note in (
        (RESPONSE_CLOCK, "Response clocks", "They stop when somebody is seen, or leaves A&E."),
        (BED_CLOCK, "Bed clocks", "They stop mostly at a ward: more hands on the front line do not make beds."),
    ):
        rows = [row for row in figures if row["part"] == part]
        if rows:
            yield _figures(rows, title, note)
    waits = [row for row in figures if row["what"] == WAIT and noteworthy(row)]
    if waits:
        yield _figures(waits, "Mean waits that differ")
    rest = [row for row in figures if row["what"] != WAIT and row["part"] not in (RESPONSE_CLOCK, BED_CLOCK)]
    yield _figures([row for row in rest if noteworthy(row)], "Attendances, admissions, people, contacts")


def _routes(one: Mapping[str, Any]) -> Iterator[Block]:
    flows = one["flows"]
    if not flows:
        yield Words("Nobody takes another route.")
        return
    shown = [row for row in flows if abs(row["difference"]) > 0][:MOST_ROUTES]
    rows = [
        {"from": spoken(row["from"]), "to": spoken(row["to"]) + (f" ({spoken(row['when'])})" if row["when"] else ""),
         "difference": row["difference"], "differs": row["verdict"] in ("more", "fewer")}
        for row in shown
    ]  # fmt: skip
    half = [None if row["half_width"] is None else number(row["half_width"]) for row in flows]
    table = Table(
        "", ("from", "to", "when", "reference", "scenario", "difference", "±"),
        [(spoken(row["from"]), spoken(row["to"]), spoken(row["when"]), count(row["base"]), count(row["other"]),
          signed(row["difference"]), width or "") for row, width in zip(flows, half, strict=True)],
        words=("from", "to", "when"),
    )  # fmt: skip
    if rows:
        title = "Routes that gained and lost people"
        more = "" if len(flows) <= len(shown) else f"; the {len(shown)} largest of {len(flows)}"
        note = f"passages in the whole window, mean of the replications; bands are as wide as the difference{more}"
        yield Figure(title, routes(rows, title), table, note=note, wide=True)


def _staff(one: Mapping[str, Any]) -> Iterator[Block]:
    changed = [row for row in one["staff"] if row["verdict"] not in ("the same", "no difference found")]
    if changed:
        yield Table(
            "Hours of staff that differ", ("team", "role", "hours", "reference", "scenario", "difference", "±"),
            [(spoken(row["team"]), spoken(row["role"]), row["time"], count(row["base"]), count(row["other"]),
              signed(row["difference"]), "" if row["half_width"] is None else number(row["half_width"]))
             for row in sorted(changed, key=lambda row: -abs(row["difference"]))],
            words=("team", "role", "hours"), note="Hours in the whole window; all teams and roles are in the workbook.",
        )  # fmt: skip
    rows = [row for row in one["costs"] if row["verdict"] not in ("the same", "no difference found")]
    if rows:
        yield Table(
            "Pounds a year that differ", ("team", "payer", "line", "reference", "scenario", "difference", "±"),
            [(spoken(row["team"]), payer(row["payer"]), row["line"], pounds(row["base"]), pounds(row["other"]),
              signed_pounds(row["difference"]), "" if row["half_width"] is None else pounds(row["half_width"]))
             for row in sorted(rows, key=lambda row: -abs(row["difference"]))],
            words=("team", "payer", "line"), note="All lines are in the workbook; parity cost says what of it is cash.",
        )  # fmt: skip


def _method(document: Mapping[str, Any]) -> Iterator[Block]:
    for note in NOTES:
        yield Words(note)
    if document["not_in_results"]:
        yield Words(f"Not in these results: {', '.join(document['not_in_results'])}.", "note")
    rows = document["precision"]
    if rows:
        met = sum(row["met"] for row in rows)
        yield Words(f"Stopped because {document['stopped']}: {met} of {len(rows)} half-widths are as narrow as asked.")
        by = {True: 100, False: 1}
        yield Table(
            "Precision", ("scenario", "figure", "of", "asked", "wanted ±", "has ±", "met"),
            [(row["scenario"], row["what"], name_of(row), row["asked"],
              number(by[row["what"] == "share within"] * row["wanted"], 2),
              "" if row["half_width"] is None else number(by[row["what"] == "share within"] * row["half_width"], 2),
              "yes" if row["met"] else "no") for row in rows],
            words=("scenario", "figure", "of", "asked", "met"), folded=met == len(rows),
        )  # fmt: skip
    narrower = [row["narrower"] for one in document["comparisons"] for row in one["figures"] if row["narrower"]]
    if narrower:
        middle = sorted(narrower)[len(narrower) // 2]
        yield Words(
            f"With luck of their own the scenarios would need about {number(middle)} times as many replications for "
            "half-widths as narrow (median over the figures that differ at all)."
        )
