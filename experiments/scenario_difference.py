"""What a scenario makes of its parent: each pathway, team and door that differs, from which day, drawn and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from experiments import dated_edits
from experiments.scenario import Scenario, parent_of, read
from experiments.scenario_checks import graphs
from experiments.scenario_tables import TeamChange
from pathways import differences, drawing_difference, files
from pathways.differences import CHANGED, GONE, NEW, Difference
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway
from pathways.picture_table import Rows


@dataclass(frozen=True)
class Row:
    """A difference of one pathway, and the days on which it holds (None: from the start, to the end)."""

    pathway: str
    difference: Difference
    since: date | None
    until: date | None

    def words(self) -> dict[str, Any]:
        """Return the row as a table or JSON shows it."""
        one = self.difference
        return {
            "pathway": self.pathway, "kind": one.kind, "what": one.what, "before": one.before, "after": one.after,
            "from": str(self.since or ""), "until": str(self.until or ""),
        }  # fmt: skip


def compared(file: Path | str) -> tuple[Scenario, Scenario | None, list[Row]]:
    """Return a scenario, its parent (None: the library), and what differs, pathway by pathway."""
    scenario, parent = read(file), parent_of(file)
    names = [*scenario.pathways, *(name for name in (parent.pathways if parent else ()) if name not in
                                   scenario.pathways)]  # fmt: skip
    before, after = _stages(parent), _stages(scenario)
    rows: list[Row] = []
    for name in names:
        rows += _opened(name, scenario, parent)
        old = [(day, graphs_of.get(name)) for day, graphs_of in before]
        new = [(day, graphs_of.get(name)) for day, graphs_of in after]
        rows += _over_time(name, old, new, {
            f"team {team.partition('/')[2]}": day for team, day in dated_edits.teams_to_come(scenario).items()
            if team.partition("/")[0] == name
        })  # fmt: skip
        rows += _teams(name, scenario, parent)
        rows += _demand(name, scenario, parent)
    return scenario, parent, rows


def draw(file: Path | str, only: str | None = None, out: Path | None = None) -> dict[str, Any]:
    """Write a picture (SVG and PNG) of each pathway that a scenario changes; return what differs and what is written.

    Parameters
    ----------
    file : a scenario file, or the name of a built-in scenario
    only : the one pathway to draw
    out : folder; the one where one stands, if None
    """
    scenario, parent, rows = compared(file)
    changed = list(dict.fromkeys(row.pathway for row in rows))
    if only is not None and only not in changed:
        raise InputError(
            file=file, key="--pathway", value=only, suggestion=nearest(only, changed),
            expected=one_of(changed) if changed else "nothing: the scenario changes no pathway",
        )  # fmt: skip
    folder = out or Path()
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name in changed if only is None else [only]:
        written += _pictures(folder / f"{scenario.name}.{name}", picture(scenario, parent, name, rows))
    return {
        "scenario": scenario.name, "against": _named(parent),
        "differences": [row.words() for row in rows if only in (None, row.pathway)], "written": written,
    }  # fmt: skip


def picture(scenario: Scenario, parent: Scenario | None, name: str, rows: list[Row]) -> str:
    """Return the picture of one pathway as SVG, with its differences among `rows` marked."""
    before, after = _stages(parent)[0][1], _stages(scenario)[-1][1]
    graph = after.get(name) or before.get(name) or files.library(name)
    own = [row for row in rows if row.pathway == name]
    title = f"{scenario.title or scenario.name}: {graph.title or name}, against {_named(parent)}"
    found = [row.difference for row in own]
    return drawing_difference.svg(title, before.get(name, graph), graph, found, _table(own))


def tables(document: Mapping[str, Any]) -> list[Any]:
    """Return the answer as tables for the terminal."""
    from rich.table import Table

    table = Table(title=f"{document['scenario']} against {document['against']}", title_justify="left")
    for word in ("pathway", "", "what", "before", "after", "from", "until"):
        table.add_column(word, overflow="fold")
    sign = {NEW: "+", GONE: "−", CHANGED: "±"}
    for row in document["differences"]:
        table.add_row(*(sign[row["kind"]] if key == "kind" else row[key] for key in
                        ("pathway", "kind", "what", "before", "after", "from", "until")))  # fmt: skip
    shown: list[Any] = [table] if document["differences"] else ["no pathway differs"]
    return [*shown, *(f"wrote {path}" for path in document["written"])]


def _named(parent: Scenario | None) -> str:
    return parent.name if parent else "the library"


def _stages(scenario: Scenario | None) -> list[tuple[date | None, dict[str, Pathway]]]:
    """Return the pathways from the start, and from each day of a dated edit on."""
    if scenario is None:
        return [(None, {name: files.library(name) for name in files.library_names()})]
    now = graphs(scenario)
    found: list[tuple[date | None, dict[str, Pathway]]] = [(None, now)]
    for (day, name), changes in dated_edits.by_day(scenario).items():
        now = {**now, name: dated_edits.edited(now[name], changes, scenario.name)}
        if found[-1][0] == day:
            found.pop()
        found.append((day, now))
    return found


Stages = list[tuple[date | None, Pathway | None]]


def _over_time(name: str, old: Stages, new: Stages, coming: Mapping[str, date]) -> Iterator[Row]:
    """Yield what differs, with the days between which it does; `coming`: teams that stand ready before their day."""
    if new[-1][1] is None:
        return
    first = date.min
    days = sorted({day or first for day, _ in [*old, *new]})
    held: dict[Difference, date] = {}
    rows: list[Row] = []
    for day in days:
        was, now = (_on(stages, day) for stages in (old, new))
        found = differences.differences(was or now, now) if now is not None and was is not None else []
        for one in [one for one in held if one not in found]:
            rows.append(Row(name, one, _day(held.pop(one)), day))
        for one in found:
            held.setdefault(one, day)
    rows += [Row(name, one, coming.get(one.what, _day(since)), None) for one, since in held.items()]
    yield from sorted(rows, key=lambda row: row.since or first)


def _on(stages: Stages, day: date) -> Pathway | None:
    return [graph for since, graph in stages if (since or date.min) <= day][-1]


def _day(day: date) -> date | None:
    return None if day == date.min else day


def _opened(name: str, scenario: Scenario, parent: Scenario | None) -> Iterator[Row]:
    if parent is not None and (name in scenario.pathways) != (name in parent.pathways):
        kind = NEW if name in scenario.pathways else GONE
        states = ("", "open") if kind == NEW else ("open", "")
        yield Row(name, Difference(kind, f"pathway {name}", *states), None, None)


def _teams(name: str, scenario: Scenario, parent: Scenario | None) -> Iterator[Row]:
    """Yield the [[team]] tables that a scenario adds to its parent's; the last word before is said beside them."""
    below = parent.team if parent else ()
    known = files.library(name).teams or {}
    for at, change in enumerate(scenario.team):
        pathway, _, team = change.team.partition("/")
        if pathway != name or change in below:
            continue
        where = f"team {team}" + (f" at {change.place}" if change.place else "")
        earlier = [one for one in scenario.team[:at] if one.team == change.team and one.place in (None, change.place)]
        for what, after in _numbers(change).items():
            held = [_numbers(one)[what] for one in earlier if what in _numbers(one)]
            before = held[-1] if held else _declared(known.get(team, {}), what)
            yield Row(name, Difference(CHANGED, f"{where}: {what}", before, after), change.from_, None)


def _numbers(change: TeamChange) -> dict[str, str]:
    found: dict[str, str] = {}
    if change.staff is not None:
        found["staff"] = differences.said([_without_least(row) for row in change.staff])
    if change.role is not None:
        found[f"{change.role} {change.hours or 'on shift'}"] = str(change.number)
    if change.places is not None:
        found["places"] = str(change.places)
    return found | {f"{role} who hold courses": str(number) for role, number in (change.clinicians or {}).items()}


def _without_least(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "least"}


def _declared(team: Mapping[str, Any], what: str) -> str:
    """Return what a pathway's file says of a team, per so many people where it does."""
    per = f" per {team['per_population']:,} people" if team.get("per_population") else ""
    rows = [_without_least(row) for row in team.get("staff", ())]
    if what == "staff":
        return differences.said(rows) + per
    if what == "places":
        return f"{team.get('places', '')}{per}"
    role, _, rest = what.partition(" ")
    if rest == "who hold courses":
        return f"{(team.get('clinicians') or {}).get(role, '')}{per}"
    numbers = [str(row[role]) for row in rows if role in row and rest in ("on shift", row["hours"])]
    return " + ".join(numbers) + per if numbers else ""


def _demand(name: str, scenario: Scenario, parent: Scenario | None) -> Iterator[Row]:
    old, new = (parent.demand if parent else {}), scenario.demand
    for key in {**new, **old}:
        was, now = old.get(key, 1.0), new.get(key, 1.0)
        if key.partition("/")[0] == name and was != now:
            yield Row(name, Difference(CHANGED, f"demand {key}", f"× {was:g}", f"× {now:g}"), None, None)
    for surge in scenario.surge:
        if surge.door.partition("/")[0] == name and surge not in (parent.surge if parent else ()):
            yield Row(name, Difference(CHANGED, f"demand {surge.door}", "× 1", f"× {surge.factor:g}"), surge.from_,
                      surge.until)  # fmt: skip


def _table(rows: list[Row]) -> Rows:
    head = ("", ("what", "before", "after", "from"))
    lines: list[tuple[str, tuple[str, ...]]] = [head]
    sign = {NEW: "+ ", GONE: "− ", CHANGED: "± "}
    for row in rows:
        one = row.difference
        when = f"{row.since or 'the start'}" + (f" until {row.until}" if row.until else "")
        lines.append((one.kind, (sign[one.kind] + one.what, one.before, one.after, when)))
    return lines


def _pictures(stem: Path, text: str) -> list[Path]:
    """Write one picture as SVG and PNG."""
    import vl_convert  # a large library, needed here only

    svg, png = Path(f"{stem}.svg"), Path(f"{stem}.png")
    svg.write_text(text, encoding="utf-8")
    png.write_bytes(vl_convert.svg_to_png(text, scale=2))
    return [svg, png]
