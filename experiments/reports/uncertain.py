"""The section on what is not known for sure: who holds less often, what goes with failing, what it would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.planning.size_tables import as_sure, undeclared_in_words
from experiments.reports import charts, words
from experiments.reports.assumptions import rests_on
from experiments.reports.blocks import Block, Figure, Section, Table, Words
from experiments.reports.material import Material

WORST = 8
"""Units whose drivers are drawn."""


def uncertain_sections(material: Material) -> list[Section]:
    """Return the section, or none if the sizing did not come to it."""
    found = (material.document or {}).get("uncertainty")
    if not found:
        return []
    blocks: list[Block] = [Words(sentence(found)), Words(_how(found), "note"), _shares(found)]
    if figure := _drivers(found):
        blocks.append(figure)
    else:
        blocks.append(Words("No parameter goes with failing beyond what chance gives in so many years.", "note"))
    if table := _as_sure(found):
        blocks.append(table)
    blocks.append(_ranges(found))
    if said := undeclared_in_words((material.document or {}).get("uncertainty_undeclared", ())):
        blocks.append(Words(said, "note"))
    return [Section("uncertain", "If the parameters are not what they seem", blocks)]


def sentence(found: Mapping[str, Any]) -> str:
    """Say in a sentence what parameter uncertainty adds."""
    joint, sure = found["joint"], words.percent(found["assurance"])
    units = found["units"]
    short = sum(unit["uncertain_share"] < found["assurance"] for unit in units)
    before = sum(unit["certain_share"] < found["assurance"] for unit in units if unit["certain_years"])
    return (
        f"The plan was sized with every parameter as it stands. With {len(found['parameters'])} of them uncertain, "
        f"{short} of {len(units)} teams hold in less than {sure} of {found['years']} years ({before} with parameters "
        f"as they are), and everything at once in {words.percent(joint['uncertain_share'])} of years "
        f"({words.percent(joint['certain_share'])} as they are)."
    )


def _how(found: Mapping[str, Any]) -> str:
    return (
        f"Each of the {found['years']} years has values of its own for all parameters, spread evenly over their "
        f"ranges, and luck of its own. Intervals are exact binomial at {words.percent(found['confidence'])}: with so "
        "few years they are wide. The ranges are mostly assumptions: local figures narrow them."
    )


def _name(unit: Mapping[str, Any]) -> str:
    return f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}"


def _share(unit: Mapping[str, Any], which: str) -> str:
    if not unit[f"{which}_years"]:
        return words.NOTHING
    interval = words.share_between(unit[f"{which}_low"], unit[f"{which}_high"])
    return f"{unit[f'{which}_met']} of {unit[f'{which}_years']} ({interval})"


def _shares(found: Mapping[str, Any]) -> Figure:
    units = found["units"]
    data = Table(
        "", ("team", "as they are, years held", "uncertain, years held", "what fails most"),
        [(_name(unit), _share(unit, "certain"), _share(unit, "uncertain"), _target(unit["target"])) for unit in units],
        words=("team", "what fails most"),
    )  # fmt: skip
    drawn = charts.pairs_of_shares(
        [_name(unit) for unit in units],
        [unit["certain_share"] if unit["certain_years"] else None for unit in units],
        [unit["uncertain_share"] for unit in units],
        [(unit["uncertain_low"], unit["uncertain_high"]) for unit in units],
        assurance=found["assurance"], label="Share of years each team holds, parameters as they are and uncertain",
    )  # fmt: skip
    return Figure(
        "Share of years in which each team holds its targets", drawn, data, wide=True,
        note="open: parameters as they are; filled: uncertain, with its interval; dashed: the assured share",
    )  # fmt: skip


def _target(name: str) -> str:
    return words.spoken(name.partition("/")[2] or name)


def worst(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the units that hold least often with parameters uncertain and have a driver."""
    driven = [unit for unit in found["units"] if unit["drivers"]]
    return sorted(driven, key=lambda unit: unit["uncertain_share"])[:WORST]


def _drivers(found: Mapping[str, Any]) -> Figure | None:
    rows = [(unit, driver) for unit in worst(found) for driver in unit["drivers"]]
    if not rows:
        return None
    data = Table(
        "", ("team", "parameter", "fails when it is", "rank correlation with the margin", "p"),
        [(_name(unit), one["title"], one["fails_when"], words.signed(one["correlation"], 2), f"{one['p_value']:.1e}")
         for unit, one in rows],
        words=("team", "parameter", "fails when it is"),
    )  # fmt: skip
    drawn = charts.signed_bars(
        [_name(unit) for unit, _ in rows], [f"{one['title']}: {one['fails_when']}" for _, one in rows],
        [one["correlation"] for _, one in rows], label="Parameters that go with failing, worst teams first",
    )  # fmt: skip
    return Figure("What goes with failing, worst teams first", drawn, data, wide=True,
                  note="rank correlation of a parameter with the margin of the target that fails most; only what is "
                  "beyond chance (one named in twenty at most is expected to be chance)")  # fmt: skip


def _as_sure(found: Mapping[str, Any]) -> Table | None:
    rows = [
        (_name(unit), _share(unit, "uncertain"), as_sure(unit["as_sure"]))
        for unit in sorted(found["units"], key=lambda unit: unit["uncertain_share"]) if unit["as_sure"]
    ]  # fmt: skip
    if not rows:
        return None
    return Table(
        "What it would take to be as sure", ("team", "years held, uncertain", "capacity over the plan's"), rows,
        words=("team", "capacity over the plan's"),
        note="The same years again with more staff or places: at the first factor the team still held in less than "
        f"{words.percent(found['assurance'])} of them, at the second in enough; WTE and places are of the second.",
    )  # fmt: skip


def _ranges(found: Mapping[str, Any]) -> Table:
    rows = [
        (one["title"], one["unit"], f"{one['low']:g} to {one['high']:g}",
         rests_on(f"{one['source']} {one['confidence']}"), one["source"])
        for one in found["parameters"]
    ]  # fmt: skip
    left_out = ", ".join(one["title"] for one in found["left_out"])
    return Table(
        "The parameters and the ranges they lie in", ("parameter", "value is a", "95 % range", "rests on", "source"),
        rows, words=("parameter", "value is a", "rests on", "source"), folded=True,
        note=f"Left out, because the scenario has changed what they stand for: {left_out}." if left_out else "",
    )  # fmt: skip


SHEET = (
    ("unit", "text"), ("what fails most", "text"),
    ("as they are: years", "whole"), ("met", "whole"), ("share", "share"),
    ("share from", "share"), ("share to", "share"), ("uncertain: years", "whole"), ("met, uncertain", "whole"),
    ("share, uncertain", "share"), ("from", "share"), ("to", "share"), ("goes with failing", "wrap"),
    ("not as sure at × capacity", "two"), ("as sure at × capacity", "two"),
    ("WTE more", "one"), ("places more", "whole"),
)  # fmt: skip
RANGES = (
    ("parameter", "text"), ("title", "wrap"), ("scales", "text"), ("value is a", "text"), ("law", "text"),
    ("low", "two"), ("high", "two"), ("stands in", "wrap"), ("confidence", "wrap"), ("source", "wrap"),
)  # fmt: skip


def unit_rows(found: Mapping[str, Any]) -> list[Sequence[Any]]:
    """Return the rows of the workbook's sheet of units."""
    rows: list[Sequence[Any]] = []
    for unit in found["units"]:
        sure = unit["as_sure"] or {}
        said = "; ".join(
            f"{one['title']}: {one['fails_when']} ({one['correlation']:+.2f})" for one in unit["drivers"]
        )  # fmt: skip
        shares = [unit[f"{which}_{key}"] for which in ("certain", "uncertain")
                  for key in ("years", "met", "share", "low", "high")]  # fmt: skip
        rows.append((unit["unit"], unit["target"], *shares, said,
                     *(sure.get(key) for key in ("fails_at", "holds_at", "wte_more", "places_more"))))  # fmt: skip
    return rows


def range_rows(found: Mapping[str, Any]) -> list[Sequence[Any]]:
    """Return the rows of the workbook's sheet of parameters."""
    return [
        (one["parameter"], one["title"], one["scales"], one["unit"], one["law"], one["low"], one["high"],
         ", ".join(one["of"]), one["confidence"], one["source"])
        for one in found["parameters"]
    ]  # fmt: skip
