"""The first page: what was asked, the answer in words, and one table of WTE and beds."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.reports import words
from experiments.reports.blocks import Block, Section, Table, Words
from experiments.reports.material import Material
from experiments.reports.staffing import Line, beds, lines, total, wards_of

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
        f"{case.replications} simulated years, {case.name}. {words.percent(waited)} of contacts and admissions were waited for."
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
    found = lines(material)
    everyone, ward_beds = total(found), beds(found, wards_of(material))
    n_beds, present_beds = (
        sum(line.simulated for line in ward_beds),
        sum(line.present or 0 for line in ward_beds),
    )
    levers = document["plan"]
    sure = sum(lever["one_fewer"] in ("needed", "minimum safe number") for lever in levers)
    undecided = sum(lever["one_fewer"] == "undecided" for lever in levers)
    joint = document["joint"]
    asked = (
        f"How many staff of which role, and how many beds, does each delivery system of {material.area} need in "
        f"{document['year'] or 'the year'} so that every waiting standard and planning target of a team holds in at least "
        f"{words.percent(document['assurance'])} of simulated years?"
    )
    star = "" if any(line.present_local for line in found) else " (a national share, not local)"
    extent = (
        "" if everyone.low == everyone.high else f"; the evidence leaves {words.between(everyone.low, everyone.high)}"
    )
    answer = (
        f"{words.number(everyone.simulated)} WTE{extent}, and {words.count(n_beds)} beds on wards. Present: "
        f"{words.number(everyone.present)} WTE{star} in the teams that have a figure, a gap of "
        f"{words.signed(everyone.gap)} WTE between the same teams; and {words.count(present_beds)} beds, "
        f"a gap of {words.signed(n_beds - present_beds, 0)}."
    )
    sureness = (
        f"Of {len(levers)} numbers (people on a roster row, clinicians, places), {sure} are settled: one fewer fails, or "
        f"would be under the minimum safe number. {undecided} are undecided and shown as a range. "
        f"In {joint['all_met']} of {joint['years']} fresh years everything held at once ({words.percent(joint['share'])}; "
        f"{words.share_between(joint['low'], joint['high'])} at {words.percent(document['confidence'])} confidence): each team was "
        "sized by itself, so that all together hold less often."
    )
    return [Words(asked, "question"), Words(answer, "answer"), Words(sureness)]


def _doubts(material: Material) -> list[Block]:
    document = material.document or {}
    found: list[Block] = []
    failing = [unit["unit"] for unit in document["units"] if unit["verdict"] == "fails"]
    open_units = [unit["unit"] for unit in document["units"] if not unit["decided"] and unit["verdict"] != "fails"]
    if failing:
        found.append(
            Words(f"These teams do not hold their targets in the plan shown: {', '.join(failing)}.", "warning")
        )
    if open_units:
        text = f"{len(open_units)} of {len(document['units'])} teams are undecided: read their range, not the number."
        found.append(Words(text, "warning"))
    for target in document["not_sized_by"]:
        if target["verdict"] == "beyond capacity":
            text = f"{target['unit']} was not sized by “{words.spoken(target['target'])}”: no capacity of this team alone meets it."
            found.append(Words(text, "note"))
    found += [Words(note, "note") for note in document["notes"]]
    return found


def _by_system(material: Material) -> Table:
    wards = wards_of(material)
    rows = []
    groups = [(system, material.places_of(system)) for system in material.systems]
    groups.append(("Shared across the area", material.shared))
    for name, places in [*groups, (material.area, None)]:
        found = lines(material, places)
        if not found:
            continue
        one, ward = total(found), beds(found, wards)
        star = "" if all(line.present_local for line in found if line.present is not None) else "*"
        rows.append((
            name, words.number(one.present) + star, words.number(one.time_budget), words.number(one.formula),
            words.number(one.simulated), _range(one.low, one.high, 1), words.signed(one.gap),
            words.count(sum(line.present or 0 for line in ward)) + "*" if ward else words.NOTHING,
            words.count(sum(line.simulated for line in ward)) if ward else words.NOTHING,
        ))  # fmt: skip
    return Table(
        "By delivery system: staff (WTE) and ward beds",
        ("", "present WTE", "time budget", "formula", "simulated WTE", "range left", "gap", "present beds", "simulated beds"),
        rows, words=("",), strong=frozenset({len(rows) - 1}),
        note=f"{NOT_LOCAL} A delivery system has its own teams and its hospitals' liaison teams; wards and Mental Health "
        "Act assessors are shared. Gap: simulated less present, of teams that have a present figure. Ward nurses follow "
        "from the beds by the per-shift rule.",
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
        ("team", "in", "present", "published ratio", "time budget", "formula", "simulated", "range left", "gap", "sure?"),
        rows, words=("team", "in", "sure?"), strong=frozenset(strong),
        note=f"{NOT_LOCAL} † some roles have no present figure. Time budget: work over the hours a post gives, if work "
        "could wait for ever. Formula: Erlang C, infinite-server or caseload rule. WTE and places are never added.",
    )  # fmt: skip


def _row(line: Line) -> tuple[str, ...]:
    digits = 1 if line.measure == "wte" else 0
    star = "" if line.present is None else ("" if line.present_local else "*") + ("†" if line.partial else "")
    sure = "decided" if line.decided else "does not hold" if line.verdict == "fails" else "undecided"
    return (
        words.titled(line.title), "WTE" if line.measure == "wte" else "places",
        words.number(line.present, digits) + star, words.number(line.published),
        words.number(line.time_budget),
        words.number(line.formula, digits), words.number(line.simulated, digits),
        _range(line.low, line.high, digits), words.signed(line.gap, digits), sure,
    )  # fmt: skip


def _range(low: float, high: float | None, digits: int) -> str:
    if high is not None and abs(high - low) < 0.05:
        return words.NOTHING
    return words.between(low, high, digits)
