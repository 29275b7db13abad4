"""The first page: what was asked, the answer in words, and one table of WTE and beds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.reports import words
from experiments.reports.blocks import Block, Section, Table, Words
from experiments.reports.material import Material
from experiments.reports.resting import BED_DAYS, MINUTES, resting, together
from experiments.reports.staffing import SETTLED, Line, Sum, beds, lines, total, wards_of
from experiments.reports.uncertain import sentence

NOT_LOCAL = "* not local: a share of a national figure, not the area's own establishment."


def summary(material: Material) -> Section:
    """Return the first section."""
    if material.document is None:
        return Section("summary", "What was simulated", _of_a_run(material))
    return Section(
        "summary",
        "The answer",
        [*_answer(material), _by_system(material), *_doubts(material), by_team(material)],
    )


def _of_a_run(material: Material) -> list[Block]:
    case = material.main
    waited = sum(fact["share_waited"] for fact in case.facts) / case.replications
    text = (
        f"{words.count(case.facts[0]['residents'])} residents of {material.area}, {case.facts[0]['days']} days from "
        f"{case.facts[0]['first_day']} after a warm-up of {case.facts[0]['warm_up']} days, "
        f"{case.replications} simulated years, {case.name}. {words.percent(waited)} of contacts and admissions were "
        "waited for."
    )
    return [
        Words(text),
        Words(
            "Nothing was sized for this report: the command “parity size” works out how big each team must be.",
            "note",
        ),
    ]


def _answer(material: Material) -> list[Block]:
    document = material.document or {}
    found, wards = lines(material), wards_of(material)
    everyone = total(found)
    nurses, others = _apart(found, wards)
    ward_beds = beds(found, wards)
    n_beds, present_beds = sum(line.simulated for line in ward_beds), sum(line.present or 0 for line in ward_beds)
    asked = (
        f"How many staff of which role, and how many beds, does each delivery system of {material.area} need in "
        f"{document['year'] or 'the year'} so that every waiting standard and planning target of every team holds "
        f"in at least {words.percent(document['assurance'])} of simulated years?"
    )
    local = all(line.present_local for line in found if line.present is not None)
    answer = (
        f"{'' if document['decided'] else 'Provisional: '}{words.number(everyone.simulated)} WTE in all: "
        f"{words.number(others.simulated)} WTE in the teams, {words.number(others.present)} at present, a gap "
        f"of {words.signed(others.gap)}; and {words.count(n_beds)} beds on wards, {words.count(present_beds)} at "
        f"present, a gap of {words.signed(n_beds - present_beds, 0)}, with {words.number(nurses.simulated)} WTE to "
        f"nurse them.{'' if local else ' What is called present is mostly a share of national figures, not local.'}"
    )
    sure = _sureness(document, everyone.low, everyone.high)
    doubt = [Words(sentence(document["uncertainty"]))] if document.get("uncertainty") else []
    return [Words(asked, "question"), Words(answer, "answer"), Words(sure), *doubt, Words(_rests(material), "note")]


def _rests(material: Material) -> str:
    """Say in a sentence how much of the two headlines rests on assumption."""
    found, said = resting(material), []
    for measure, name in ((MINUTES, "staff time behind the WTE"), (BED_DAYS, "days behind beds and places")):
        whole = together([row for row in found if row.measure == measure], name)
        if whole:
            said.append(
                f"{words.percent(whole.either)} of the {name} rest at least partly on assumption (wholly: "
                f"{words.percent(whole.length_assumed)} by how long it takes, "
                f"{words.percent(whole.number_assumed)} by who comes)"
            )
    return f"{'; '.join(said)}. Local figures in their place change the answer: see the last section."


def _sureness(document: Mapping[str, Any], low: float, high: float | None) -> str:
    levers, joint = document["plan"], document["joint"]
    settled = sum(lever["one_fewer"] in SETTLED for lever in levers)
    undecided = sum(lever["one_fewer"] == "undecided" for lever in levers)
    extent = f"The evidence leaves {words.between(low, high)} WTE. " if high is None or high - low > 0.05 else ""
    interval = words.share_between(joint["low"], joint["high"])
    together = (
        f"In {joint['all_met']} of {joint['years']} fresh years everything held at once "
        f"({words.percent(joint['share'])}; {interval} at {words.percent(document['confidence'])} confidence): each "
        "team was sized for itself, so all together hold less often."
        if joint["years"]
        else "The time was up before the whole plan was tried on fresh years."
    )
    return (
        f"Of {len(levers)} numbers (people on a roster row, clinicians, places) {settled} are settled: one fewer "
        f"fails, or would be under the minimum safe number. {undecided} are undecided and shown as a range. "
        f"{extent}{together}"
    )


def _apart(found: Sequence[Line], wards: Sequence[str]) -> tuple[Sum, Sum]:
    """Return the staff of (wards, all other teams)."""
    inside = [line for line in found if line.team in wards]
    return total(inside), total([line for line in found if line.team not in wards])


def _doubts(material: Material) -> list[Block]:
    document = material.document or {}
    found: list[Block] = []
    failing = [unit for unit in document["units"] if unit["verdict"] == "fails"]
    undecided = [unit for unit in document["units"] if not unit["decided"] and unit["verdict"] != "fails"]
    if failing:
        names = ", ".join(f"{words.team_title(unit['team'], unit['title'])} ({unit['place']})" for unit in failing)
        found.append(Words(f"These teams do not hold their targets in the plan shown: {names}.", "warning"))
    if undecided:
        text = f"{len(undecided)} of {len(document['units'])} teams are undecided: read their range, not the number."
        found.append(Words(text, "warning"))
    beyond: dict[tuple[str, str], list[str]] = {}
    for target in document["not_sized_by"]:
        if target["verdict"] == "beyond capacity":
            team, _, place = target["unit"].partition(" @ ")
            beyond.setdefault((team, target["target"].partition(" @ ")[0]), []).append(place)
    for (team, name), places in beyond.items():
        text = (
            f"{words.team_title(team)} was not sized by “{words.spoken(name.partition('/')[2] or name)}” in "
            f"{', '.join(places)}: it is missed even with unlimited capacity of this team, so it hangs on something "
            "else."
        )
        found.append(Words(text, "note"))
    return found + [Words(words.in_plain_words(note), "note") for note in document["notes"]]


def _by_system(material: Material) -> Table:
    wards = wards_of(material)
    shared = lines(material, material.shared)
    groups = [(system, lines(material, material.places_of(system))) for system in material.systems]
    groups.append(("Shared: assessors and others", [line for line in shared if line.team not in wards]))
    groups.append(("Shared: wards", [line for line in shared if line.team in wards]))
    groups.append((material.area, lines(material)))
    rows = [_system_row(name, found, wards) for name, found in groups if found]
    return Table(
        "By delivery system: staff (WTE) and ward beds",
        ("", "present WTE", "time budget", "formula", "simulated WTE", "range left", "gap", "present beds",
         "simulated beds"),
        rows, words=("",), strong=frozenset({len(rows) - 1}),
        note=f"{NOT_LOCAL} A delivery system has its own teams and its hospitals' liaison teams. Gap: simulated less "
        "present, of teams that have a present figure. Ward nurses follow from the beds by the per-shift rule. A "
        "hospital's liaison team also sees people from elsewhere (see the sections).",
    )  # fmt: skip


def _system_row(name: str, found: Sequence[Line], wards: Sequence[str]) -> tuple[str, ...]:
    one, ward, none = total(found), beds(found, wards), words.NOTHING
    known = [line for line in found if line.present is not None and line.measure == "wte"]
    star = "" if all(line.present_local for line in known) else "*"
    bed_star = "" if all(line.present_local for line in ward) else "*"
    return (
        name, words.number(one.present) + star if known else none,
        words.number(one.time_budget) if one.time_budget else none,
        words.number(one.formula) if one.formula else none,
        words.number(one.simulated), _range(one.low, one.high, 1), words.signed(one.gap) if known else none,
        words.count(sum(line.present or 0 for line in ward)) + bed_star if ward else none,
        words.count(sum(line.simulated for line in ward)) if ward else none,
    )  # fmt: skip


def by_team(
    material: Material, places: Sequence[str] | None = None, title: str = "By delivery system and team"
) -> Table:
    """Return one row for each team and measure: present, published, time budget, formula, simulated, gap."""
    rows: list[tuple[str, ...]] = []
    strong = set()
    for place in [*dict.fromkeys(line.place for line in lines(material, places))]:
        home = material.home_of_site.get(place)
        strong.add(len(rows))
        rows.append((place + (f" ({home})" if home else ""), *[""] * 9))
        rows += [_row(line) for line in lines(material, [place])]
    return Table(
        title,
        ("team", "in", "present", "published ratio", "time budget", "formula", "simulated", "range left", "gap",
         "sure?"),
        rows, words=("team", "in", "sure?"), strong=frozenset(strong),
        note=f"{NOT_LOCAL} † some roles have no present figure. Time budget: work over the hours a post gives, if work "
        "could wait for ever. Formula: Erlang C, infinite-server or caseload rule. WTE and places are never added.",
    )  # fmt: skip


def _row(line: Line) -> tuple[str, ...]:
    digits = 1 if line.measure == "wte" else 0
    star = "" if line.present is None else ("" if line.present_local else "*") + ("†" if line.partial else "")
    sure = "decided" if line.decided else "does not hold" if line.verdict == "fails" else "undecided"
    return (
        words.team_title(line.team, line.title), "WTE" if line.measure == "wte" else "places",
        words.number(line.present, digits) + star, words.number(line.published),
        words.number(line.time_budget),
        words.number(line.formula, digits), words.number(line.simulated, digits),
        _range(line.low, line.high, digits), words.signed(line.gap, digits), sure,
    )  # fmt: skip


def _range(low: float, high: float | None, digits: int) -> str:
    if high is not None and abs(high - low) < 0.05:
        return words.NOTHING
    return words.between(low, high, digits)
