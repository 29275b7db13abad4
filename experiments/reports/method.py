"""How the answer was found, how far it agrees with published figures, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from experiments import baseline
from experiments.reports import words
from experiments.reports.assumptions import ASSUMPTION, PARTLY, PUBLISHED, Source, of_all
from experiments.reports.blocks import Block, Section, Table, Words
from experiments.reports.material import Case, Material
from experiments.reports.resting import BED_DAYS, MINUTES, Rests, resting, together
from experiments.run_tables import ILLUSTRATIVE

NEVER_LOCAL = (
    "The times of day and week at which people come are constructed profiles, demand is England's carried back to "
    "2016/17 "
    "and to the area by its people's conditions, and the working time of a post is partly assumption: these three "
    "stand "
    "behind every figure and are not in the shares below."
)


def method_section(material: Material) -> Section:
    """Return how it was done, and how the simulated year compares with published figures."""
    blocks: list[Block] = []
    document = material.document
    if material.setting.illustrative:
        blocks.append(Words(ILLUSTRATIVE, "warning"))
    if document:
        text = (
            "Every resident is simulated as a person. First nobody waits, which shows the work each team is offered. "
            "Then all "
            "teams go down their staffing curves together, and give up one roster unit at a time, on the same "
            "simulated years. "
            "The plan is then tested on fresh years, and with one fewer of everything, until it is shown to pass or "
            "fail or "
            "the time is up. A starved team never counts as less demand elsewhere."
        )
        blocks.append(Words(text))
        rows = [(phase["phase"], str(phase["runs"]), words.number(phase["seconds"])) for phase in document["phases"]]
        rows.append(("together", str(document["runs"]), words.number(document["seconds"])))
        blocks.append(Table("Where the time went", ("phase", "simulated years", "seconds"), rows, words=("phase",),
                            strong=frozenset({len(rows) - 1}), folded=True))  # fmt: skip
    for case in material.cases:
        blocks += list(_published(case))
    blocks.append(_about(material))
    return Section("method", "How it was found, and how far to trust it", blocks)


def _published(case: Case) -> Iterator[Block]:
    rows = []
    for row in baseline.comparison(baseline.Results(case.tables, case.facts[0], case.replications)):
        difference = words.NOTHING if row["difference"] is None else words.signed(100 * row["difference"]) + " %"
        rows.append((
            row["quantity"], _figure(row["modelled"]), _figure(row["published"]), difference,
            "misses by more than 10 %" if row["miss"] else "", row["comparable"].partition(":")[0],
        ))  # fmt: skip
    if rows:
        yield Table(
            f"Modelled beside published: {case.name}",
            ("figure", "modelled", "published", "difference", "", "comparable"),
            rows, words=("figure", "", "comparable"), folded=case.name != "teams as declared",
            note="Published figures as carried to the area; those that are no like-for-like comparison say so.",
        )  # fmt: skip


def _figure(value: float | None) -> str:
    return words.number(
        value,
        0 if value is not None and abs(value) >= 100 else 1 if value is not None and abs(value) >= 10 else 3,
    )


def about_rows(material: Material) -> list[tuple[str, str]]:
    """Return what must be known to run it again: scenario, seed, digests, versions."""
    document: dict[str, Any] = dict(material.document or {})
    rows = [("area", material.area), ("setting", material.setting.digest)]
    for key in ("year", "first_day", "last_day", "warm_up", "seed", "scenario", "scenario_digest", "assurance",
                "confidence",
                "runs", "seconds", "budget_seconds"):  # fmt: skip
        if document.get(key) is not None:
            rows.append((f"sizing: {key.replace('_', ' ')}", str(document[key])))
    for case in material.cases:
        about = case.about
        rows.append((f"{case.name}: replications", str(case.replications)))
        rows += [
            (f"{case.name}: {key.replace('_', ' ')}", str(about[key]))
            for key in ("case", "start", "days", "warm_up", "seed")
            if key in about
        ]
        rows += [(f"{case.name}: digest of {key}", str(value)) for key, value in about.get("digests", {}).items()]
        rows += [(f"{case.name}: replication {fact['replication']}", str(fact["digest"])) for fact in case.facts]
    rows += [(f"version of {name}", str(value)) for name, value in material.main.about.get("versions", {}).items()]
    return rows


def _about(material: Material) -> Table:
    return Table("To run it again", ("what", "value"), about_rows(material), words=("what", "value"), folded=True)


def assumptions_section(material: Material, found: Sequence[Source] | None = None) -> Section:
    """Return what each headline rests on, and every source."""
    found = of_all(material.setting.specs) if found is None else found
    in_pathways = [source for source in found if source.where not in _tables(found)]
    counted = {kind: sum(source.rests_on == kind for source in in_pathways) for kind in (PUBLISHED, PARTLY, ASSUMPTION)}
    text = (
        f"Of {len(in_pathways)} entries in the pathway files, {counted[PUBLISHED]} have a published source, "
        f"{counted[PARTLY]} rest partly and {counted[ASSUMPTION]} wholly on a reasoned assumption; the rest name "
        f"none. {NEVER_LOCAL}"
    )
    blocks: list[Block] = [Words(text, "note"), resting_table(material)]
    for where in dict.fromkeys(source.where for source in in_pathways):
        blocks.append(
            _sources(
                where,
                [source for source in in_pathways if source.where == where],
                ("number", "rests on", "source"),
            )
        )
    in_tables = [source for source in found if source.where in _tables(found)]
    rows = [
        (f"{source.where}: {source.what}", source.confidence or source.rests_on, source.source) for source in in_tables
    ]
    blocks.append(
        Table(
            "Tables of figures",
            ("table", "confidence", "source"),
            rows,
            words=("table", "confidence", "source"),
            folded=True,
        )
    )
    return Section("assumptions", "What it rests on: assumptions and sources", blocks)


def _tables(found: Sequence[Source]) -> set[str]:
    return {source.where for source in found if source.what.endswith((" rows", "1 row"))}


def _sources(title: str, found: Sequence[Source], columns: Sequence[str]) -> Table:
    rows = [(source.what, source.rests_on, source.source or words.NOTHING) for source in found]
    return Table(title, columns, rows, words=tuple(columns), folded=True)


def resting_table(material: Material) -> Table:
    """Return the share of each headline that rests on assumption."""
    found = resting(material)
    rows: list[tuple[str, ...]] = []
    strong = set()
    for measure, name in ((MINUTES, "Staff time, all teams"), (BED_DAYS, "Beds and places, all teams")):
        mine = [row for row in found if row.measure == measure]
        whole = together(mine, name)
        if whole:
            strong.add(len(rows))
            rows.append(_rests(whole))
            rows += [_rests(row) for row in _by_team(mine)]
    return Table(
        "The share of each headline that rests on assumption",
        ("headline", "time it takes: wholly", "at least partly", "who comes: wholly", "at least partly", "either"),
        rows, words=("headline",), strong=frozenset(strong),
        note="Share of the work (minutes of staff time, or days in a bed or place) whose length, or whose last step "
        "that brought "
        "the patient, is marked as an assumption. Either: at least one of the two, at least partly.",
    )  # fmt: skip


def _by_team(found: Sequence[Rests]) -> list[Rests]:
    teams = dict.fromkeys(row.unit.partition(" @ ")[0] for row in found)
    rows = [together([row for row in found if row.unit.partition(" @ ")[0] == team], team) for team in teams]
    return [row for row in rows if row is not None]


def _rests(row: Rests) -> tuple[str, ...]:
    shares = (row.length_assumed, row.length_partly, row.number_assumed, row.number_partly, row.either)
    return (
        words.team_title(row.unit) if "/" in row.unit else row.unit,
        *(words.percent(share) for share in shares),
    )
