"""The workforce waterfall as modelled, person by person, beside the one that shares the national plan out.

Each STP's workforce is simulated by itself, from its share of England's posts (or its own establishment); England is
the sum of its 44.  A CCG has its share of what was counted in its delivery system.  Every number is whole, and sums at
every level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm import areas
from experiments.console import Progress
from experiments.reports import blocks
from experiments.reports.page import rendered, write_all
from experiments.staff.counted import LEVELS, TITLES, counted, hung
from experiments.workforce import apportion, waterfall
from experiments.workforce.apportion import WEIGHTS, Place
from experiments.workforce.waterfall_page import drawn, parquet, svg, workbook_of
from pathways.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("level", "place", "within", "step", "title", "kind", "apportioned", "value", "start", "end", "confidence")
SUMS = (*LEVELS[1:], "gap")
SHARED_CCG = "a CCG's share of what was counted in its delivery system"


def document(
    area: str, by: str = "people", weights: Path | None = None, levers: Mapping[str, float] | None = None,
    seed: int = 1, establishment: Path | None = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the waterfall of a place and of the places within it, modelled beside apportioned.

    Raises
    ------
    InputError
        If there is no such place, lever or weight.
    """
    chosen = waterfall.place_of(area)
    plan = waterfall.document(area, by, weights)
    found = values_of(chosen, by, weights, levers, seed, establishment, progress)
    of_plan = {(row["place"], row["step"]): row["value"] for row in plan["rows"]}
    rows = []
    for place, values in found.items():
        confidence = SHARED_CCG if place.level == "ccg" else "simulated"
        for bar in hung(values, confidence=confidence):
            rows.append({"place": place.name, "level": place.level, "within": place.within, **vars(bar),
                         "apportioned": of_plan.get((place.name, bar.step))})  # fmt: skip
    return {
        "place": chosen.name, "level": chosen.level, "by": WEIGHTS.get(by, str(weights)), "seed": seed,
        "levers": dict(levers or {}), "basis": "not local" if establishment is None else f"local: {establishment.name}",
        "rows": rows, "plan": plan["rows"],
    }  # fmt: skip


def values_of(
    chosen: Place, by: str, weights: Path | None, levers: Mapping[str, float] | None, seed: int,
    establishment: Path | None, progress: Progress | None = None,
) -> dict[Place, dict[str, int]]:  # fmt: skip
    """Return step -> number of a place and of the places within it, in their order."""
    names = {areas.title_of(name): name for name in areas.all_areas()}
    places = apportion.places()
    by_name = {place.name: place for place in places}
    outer = chosen
    while outer.level not in ("stp", "england"):
        outer = by_name[outer.within]
    if establishment is not None and outer.level == "england":
        raise InputError(key="--establishment", value=str(establishment), expected="the area of one STP, not england")
    stps = [place for place in places if place.level == "stp" and outer.name in (place.name, place.within)]
    weight = apportion.weights_of(by, weights)
    found: dict[Place, dict[str, int]] = {}
    for i, stp in enumerate(stps):
        if progress is not None:
            progress(i, len(stps), stp.name)
        one = counted(names[stp.name], levers, seed, file=establishment, national=True, by=by, weights=weights)
        found[stp] = {step: int(value[0]) for step, value in one.bars().items()}
        for place in places:
            if place.level == "system" and place.within == stp.name:
                found[place] = {step: int(value[0]) for step, value in one.bars(place.name).items()}
                ccgs = [inner for inner in places if inner.within == place.name]
                found.update(shared(found[place], ccgs, weight))
    if outer.level == "england":
        found[outer] = {step: sum(found[stp][step] for stp in stps) for step in TITLES}
    return {place: found[place] for place in places if place in found and inside(place, chosen, by_name)}


def shared(values: Mapping[str, int], places: list[Place], weight: Mapping[str, float]) -> dict[Place, dict[str, int]]:
    """Return each place's whole share of every bar that is counted; sums of bars are summed anew."""
    found: dict[Place, dict[str, int]] = {place: {} for place in places}
    for step in TITLES:
        if step not in SUMS:
            shares = apportion.shared_out(values[step], [weight[place.name] for place in places])
            for place, share in zip(places, shares, strict=True):
                found[place][step] = share
    for own in found.values():
        own["in_post"] = own["establishment"] + own["vacancies"]
        posts = ("establishment", "vacancies", "new_posts", "transferred_posts")
        own["in_post_later"] = own["in_post"] + sum(n for step, n in own.items() if step not in (*posts, *SUMS))
        own["posts_later"] = own["establishment"] + own["new_posts"] + own["transferred_posts"]
        own["gap"] = own["posts_later"] - own["in_post_later"]
    return found


def inside(place: Place, outer: Place, by_name: Mapping[str, Place]) -> bool:
    """Say whether a place is another, or within it."""
    while place.name != outer.name and place.within:
        place = by_name[place.within]
    return place.name == outer.name


def tables(result: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: the place asked for, modelled beside apportioned, and those directly within it."""
    from rich.table import Table

    table = Table(title=f"Workforce, {result['place']}: as modelled", title_justify="left")
    inner = list(dict.fromkeys(row["place"] for row in result["rows"] if row["within"] == result["place"]))[:5]
    for name in ("", "apportioned", "modelled", *inner):
        table.add_column(name, justify="right" if name else "left", overflow="fold")
    of = {(row["place"], row["step"]): row for row in result["rows"]}
    for step, title in TITLES.items():
        own = of[result["place"], step]
        words = [said(own["apportioned"], own["kind"]), *(said(of[name, step]["value"], own["kind"])
                                                          for name in (result["place"], *inner))]  # fmt: skip
        table.add_row(title, *words, style=None if own["kind"] == "change" else "bold")
    yield table
    yield (
        f"Posts at the start: {result['basis']}; apportioned by {result['by']}. Modelled: seed {result['seed']}, each "
        "STP by itself; people moving between STPs are in both “moved” bars."
    )
    if result.get("written"):
        yield f"Written: {', '.join(str(path) for path in result['written'])}"


def said(value: int | None, kind: str) -> str:
    """Return a number in words; nothing where the plan has no such bar."""
    return "" if value is None else f"{value:+,}" if kind == "change" else f"{value:,}"


def html(result: Mapping[str, Any]) -> str:
    """Return the page: a section a place, its modelled waterfall, the numbers, and the plan's share."""
    sections = []
    for i, name in enumerate(dict.fromkeys(row["place"] for row in result["rows"])):
        rows = [row for row in result["rows"] if row["place"] == name]
        plan = [row for row in result["plan"] if row["place"] == name]
        table = blocks.Table(
            name, ("bar", "apportioned", "modelled"),
            [(row["title"], said(row["apportioned"], row["kind"]), said(row["value"], row["kind"])) for row in rows],
            words=("bar",), strong=frozenset(k for k, row in enumerate(rows) if row["kind"] != "change"),
            note=SHARED_CCG if rows[0]["level"] == "ccg" else "",
        )  # fmt: skip
        columns = ("bar", "value", "where the number is from")
        lines = [(row["title"], said(row["value"], row["kind"]), row["source"]) for row in plan]
        shares = blocks.Table(f"{name}: the plan's share", columns, lines, words=(columns[0], columns[2]))
        own: list[blocks.Block] = [
            blocks.Figure("As modelled, person by person", svg(drawn(rows)), table, wide=True),
            blocks.Figure("As apportioned", svg(drawn(plan)), shares, wide=True),
        ]
        sections.append(blocks.Section(f"place-{i}", name, own))
    return rendered(
        sections, title=f"Workforce, modelled: {result['place']}", kind="Apportioned beside modelled",
        heading=result["place"], scenario=f"apportioned by {result['by']}; posts at the start {result['basis']}",
        numbers_in="waterfall-modelled.xlsx",
    )  # fmt: skip


def write(result: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `waterfall-modelled.html`, `.xlsx` and `.parquet` into a folder and return them."""
    contents = {
        "html": html(result).encode(), "xlsx": workbook_of(result["rows"], COLUMNS),
        "parquet": parquet(result["rows"], COLUMNS),
    }  # fmt: skip
    return write_all(out, {f"waterfall-modelled.{kind}": content for kind, content in contents.items()})
