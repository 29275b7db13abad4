"""One section for each delivery system, and one for the teams that all of them share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.intervals import mean_and_half_width
from experiments.reports import elsewhere, figures, words
from experiments.reports.blocks import Block, Figure, Group, Section, Table, Words
from experiments.reports.flows import share_of_admissions
from experiments.reports.material import Case, Material
from experiments.reports.staffing import bracket, wards_of
from experiments.reports.summary import by_team

CONSTRUCTED = (
    "The hours of the week at which people come are constructed to agree with what is published (shares out of hours, "
    "at "
    "weekends, of A&E attendances by month); they were not measured here. Read the pattern, not the single hour."
)
PARTS = {
    "response": "the response part",
    "decision_to_admit": "the bed part",
    "four_hours": "both parts, and the hospital's own",
}
"""How the clocks of an A&E visit divide: what the team answers for, and what a bed does."""


def system_section(material: Material, system: str) -> Section:
    """Return the section of one delivery system."""
    places = material.places_of(system)
    blocks: list[Block] = [_people(material, system)]
    if told := elsewhere.in_words(material.setting, system):
        blocks.append(Words(told, "note"))
    blocks += _sizing(material, places, system)
    blocks += _clocks(material, places)
    blocks += _occupancy(material, places)
    blocks += _shared_wards(material, system)
    blocks += [figures.pathway_drawing(material, material.main, name, system) for name in material.setting.specs]
    return Section(f"system-{material.systems.index(system)}", system, blocks)


def shared_section(material: Material) -> Section:
    """Return the section of teams that belong to no single delivery system."""
    places = material.shared
    blocks: list[Block] = [
        Words(
            "Wards, their social care places and the assessors of the Mental Health Act serve the whole area. What "
            "each "
            "delivery system uses of the wards stands in its own section."
        ),
        *_sizing(material, places, "Shared across the area"), *_clocks(material, places),
        *_occupancy(material, places),
    ]  # fmt: skip
    return Section("shared", "Shared across the area", blocks)


def _people(material: Material, system: str) -> Table:
    case = material.main
    table = case.tables["people"]
    mine = table[table["system"] == system]
    rows = []
    for pathway, one in mine.groupby("pathway", sort=False):
        rows.append((
            material.setting.specs[str(pathway)].title or words.titled(str(pathway)),
            words.count(one["need"].mean()), words.count(one["asked"].sum() * case.a_year),
            words.count(one["reached"].sum() * case.a_year),
        ))  # fmt: skip
    residents = int(mine["residents"].iloc[0])
    return Table(
        f"People: {residents:,} residents",
        ("pathway", "in need", "times asked a year", "people seen a year"), rows,
        words=("pathway",),
        note="Three counters, never to be added: people with a condition the pathway is for; times residents came "
        f"through its doors; people seen or admitted, each once. {case.name.capitalize()}.",
    )  # fmt: skip


def _sizing(material: Material, places: Sequence[str], name: str) -> list[Block]:
    units = material.units(places)
    if not units:
        return []
    curves = [curve for unit in units if (curve := figures.staffing_curve(material, unit))]
    blocks: list[Block] = [
        by_team(material, places, "Beside what else is said: WTE, or places"),
        _numbers(units),
        _targets(material, units),
    ]
    if rows := _headroom(units):
        blocks.append(rows)
    if curves:
        blocks.append(
            Group(f"Staffing curves, {name}", curves,
                  "Each point is a set of numbers that was simulated. The team's other "
                  "numbers, and other teams', may have differed too; larger filled points rest on more years.")
        )  # fmt: skip
    return blocks


def _numbers(units: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[tuple[str, ...]] = []
    strong = set()
    for unit in units:
        strong.add(len(rows))
        rows.append((f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}", *[""] * 7))
        for lever in unit["levers"]:
            least, most = bracket(lever, unit["verdict"] == "passes")
            left = words.NOTHING if least == most else words.between(least, most, 0)
            who = f"{words.role(lever['role'])}, {lever['hours']}".rstrip(", ")
            rows.append((
                who, words.number(lever["offered"]), str(lever["formula"]), str(lever["baseline"]),
                str(lever["plan"]), left,
                words.number(lever["wte"]), sureness(lever),
            ))  # fmt: skip
    return Table(
        "The sized plan, number by number",
        ("on shift together (or places, clinicians)", "work offered", "formula", "as declared", "sized", "range left",
         "WTE", "with one fewer"),
        rows, words=("on shift together (or places, clinicians)", "with one fewer"), strong=frozenset(strong),
        note="Work offered: mean number busy, or places taken, if nobody ever waited. As declared: what the pathway "
        "files "
        "(or the scenario) say, illustrative where no local roster is published.",
    )  # fmt: skip


def sureness(lever: Mapping[str, Any]) -> str:
    """Say what is known of a lever with one fewer, with its years and bracket."""
    verdict = lever["one_fewer"]
    if verdict == "minimum safe number":
        return "is the minimum safe number"
    if not lever["one_fewer_years"]:
        return "undecided: not tried on fresh years"
    years = f"{lever['one_fewer_met']} of {lever['one_fewer_years']} years met"
    if lever["one_fewer_low"] is not None:
        years += f" ({words.share_between(lever['one_fewer_low'], lever['one_fewer_high'])})"
    if verdict == "undecided":
        ends = [
            f"{label} {lever[key]}"
            for key, label in (("fails_at", "fails at"), ("passes_at", "passes at"))
            if lever[key] is not None
        ]
        return f"undecided: {', '.join([*ends, years])}"
    return {"needed": f"fails: {years}", "could go": f"would hold too: {years}"}[verdict]


def _targets(material: Material, units: Sequence[Mapping[str, Any]]) -> Table:
    rows = []
    for unit in units:
        for target in unit["targets"]:
            rows.append((
                f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}", figures.target_words(target),
                words.percent(target["mean"]),
                words.share_between(target["p10"], target["p90"]),
                f"{target['years_met']} of {target['years']}",
                words.share_between(target["low"], target["high"]), target["verdict"],
            ))  # fmt: skip
    document = material.document or {}
    return Table(
        "Standards and targets under the sized plan",
        ("team", "target", "mean", "P10 to P90 of years", "years met", "share of years", "verdict"),
        rows, words=("team", "target", "verdict"),
        note=f"Passes: met in at least {words.percent(document['assurance'])} of years, shown at "
        f"{words.percent(document['confidence'])} confidence. Share of years: what the evidence leaves.",
    )  # fmt: skip


def _headroom(units: Sequence[Mapping[str, Any]]) -> Table | None:
    rows = []
    for unit in units:
        room = unit["headroom"]
        if room:
            fails = "at none tried" if room["fails_at"] is None else words.percent(room["fails_at"])
            target = (
                words.spoken(room["target"].partition("/")[2] or room["target"]) if room["target"] else words.NOTHING
            )
            rows.append(
                (
                    f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}",
                    words.percent(room["holds_at"]),
                    fails,
                    target,
                )
            )
    if not rows:
        return None
    return Table(
        "Headroom: how much more demand each team stands",
        ("team", "holds at a rise of", "fails at a rise of", "what fails"),
        rows, words=("team", "what fails"), folded=True,
        note="Everything that comes from outside rises together, the plan staying as it is.",
    )  # fmt: skip


def _clocks(material: Material, places: Sequence[str]) -> list[Block]:
    rows = []
    main = _in_force(material.main, places)
    for (pathway, clock, place), one in main.groupby(["pathway", "clock", "place"], sort=False):
        first = one.iloc[0]
        part = PARTS.get(str(clock), "") if pathway == "liaison" else ""
        name = words.titled(first["title"]) + (f" ({part})" if part else "")
        cells = [_share(case, pathway, clock, place) for case in material.cases]
        met = one["met"].dropna()
        rows.append((
            name, str(place),
            f"{words.percent(first['standard_share'])} in {words.duration(first['standard_seconds'])}",
            str(first["status"]), *cells, f"{int(met.astype(bool).sum())} of {len(met)}", _typical(one),
        ))  # fmt: skip
    if not rows:
        return []
    columns = (
        "clock",
        "at",
        "standard",
        "status",
        *(case.name for case in material.cases),
        "years met",
        "half, nine in ten within",
    )
    table = Table(
        "Clocks against their standards", columns, rows, words=("clock", "at", "standard", "status"),
        note=f"Mean of simulated years ± 95 % half-width. Years met and times: {material.main.name}. Clocks of an A&E "
        "visit "
        "are apart: the response is the liaison team's, decision to admit to bed is the wards', the four hours hold "
        "both.",
    )  # fmt: skip
    maps = [figures.clock_map(material.main, clock) for clock in figures.mapped_clocks(material.main, places)]
    blocks: list[Block] = [table]
    if maps:
        note = (
            f"{CONSTRUCTED} {material.main.name.capitalize()}, {material.main.replications} simulated years together."
        )
        blocks.append(Group("Clocks by hour of the week", maps, note))
    return blocks


def _in_force(case: Case, places: Sequence[str]) -> pd.DataFrame:
    table = case.tables["clocks"]
    return table[table["place"].isin(places) & table["in_force"] & table["standard_share"].notna()]


def _share(case: Case, pathway: str, clock: str, place: str) -> str:
    table = case.tables["clocks"]
    mine = table[(table["pathway"] == pathway) & (table["clock"] == clock) & (table["place"] == place)]
    known = mine["share_within"].dropna()
    if not len(known):
        return words.NOTHING
    found = mean_and_half_width(known)
    half = words.NOTHING if found["half_width"] is None else words.number(100 * found["half_width"])
    return f"{words.percent(found['mean'])} ± {half}"


def _typical(one: pd.DataFrame) -> str:
    return f"{words.waiting(one['p50_minutes'].mean())}, {words.waiting(one['p90_minutes'].mean())}"


def _occupancy(material: Material, places: Sequence[str]) -> list[Block]:
    case = material.main
    table = case.tables["places"]
    found: list[Figure] = []
    for unit, team, place, what in (
        table[table["place"].isin(places)][["unit", "team", "place", "what"]].drop_duplicates().itertuples(index=False)
    ):
        pathway, _, name = team.partition("/")
        declared = material.setting.specs[pathway].teams[name]
        thing = "" if what == "places" else ": courses"
        title = f"{words.team_title(team, declared.title)}{thing}, {place}"
        if figure := figures.occupancy(case, unit, what, title):
            found.append(figure)
    if not found:
        return []
    note = (
        f"Band: P10 to P90 of the days of each week and of {case.replications} simulated years; line: P50; dashed: "
        "the places "
        f"there are. {case.name.capitalize()}."
    )
    return [Group("Beds, caseload places and courses taken", found, note)]


def _shared_wards(material: Material, system: str) -> list[Block]:
    case, rows = material.main, []
    places = case.tables["places"].groupby("team", sort=False)[["places", "mean_taken"]].mean()
    for team in wards_of(material):
        share = share_of_admissions(case, team, material.setting.specs).get(system)
        if share is not None and team in places.index:
            pathway, _, name = team.partition("/")
            title = words.team_title(team, material.setting.specs[pathway].teams[name].title)
            beds, taken = places.loc[team, "places"], places.loc[team, "mean_taken"]
            rows.append(
                (
                    title,
                    words.percent(share),
                    words.number(beds * share),
                    words.number(taken * share),
                )
            )
    if not rows:
        return []
    return [
        Table(
            "Its share of the shared wards",
            ("ward", "share of admissions", "that share of the beds", "that share of beds taken"),
            rows, words=("ward",),
            note="By where the people live who are sent to each ward; stays are taken to be equally long.",
        )
    ]  # fmt: skip
