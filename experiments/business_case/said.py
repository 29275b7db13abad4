"""What a joint committee reads first: sentences with their numbers, each resting on a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.board.evidence import Statement
from experiments.business_case import equality
from experiments.business_case.phased import RUNNING
from experiments.business_case.workforce import LATE, last_of
from experiments.money.words import payer, short
from experiments.reports.words import number, percent, signed
from experiments.run_tables import ILLUSTRATIVE

BETTER, WORSE = "better", "worse"
THOUSAND = 1000
SETTING_UP = "setting it up, once"
WRITTEN = {"share": (100, 1, " points"), "minutes": (1, 1, " min")}
"""How a unit is written: times, decimals, word; all others are counts"""
MOST = 4
"""Groups a sentence names"""


def statements(document: Mapping[str, Any]) -> list[tuple[str, list[Statement]]]:
    """Return the sentences by heading: what is appraised, then one heading an option."""
    titles = {one["name"]: (one["kind"], one["title"]) for one in document["options"]}
    found = [("What is appraised", list(_whole(document)))]
    for one in document["found"]:
        kind, title = titles[one["name"]]
        heading = title if kind == "option" else f"{kind.capitalize()}: {title}"
        found.append((heading, list(_option(one, document))))
    return found


def _whole(document: Mapping[str, Any]) -> Iterator[Statement]:
    nothing = document["options"][0]
    years = "year" if 365 <= document["days"] <= 366 else f"{document['days']} days"
    yield Statement(
        f"Doing nothing costs {short(nothing['pounds'])} a year in the services that the runs open, in pay and prices "
        f"of {document['prices']}; options begin in April of {document['begins']}.", "options",
        {"pounds": nothing["pounds"]},
    )  # fmt: skip
    n = document["replications"]
    yield Statement(
        f"Each option is set beside doing nothing with the same people and the same luck: one {years} from "
        f"{document['start']}, {n} replication{'s' if n > 1 else ''}.", "options", {"replications": n},
    )  # fmt: skip
    if document["illustrative"]:
        yield Statement(ILLUSTRATIVE, "options")


def _option(one: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Statement]:
    yield _benefits(one)
    yield _posts(one)
    yield _cost(one, document)
    yield _setting_up(one)
    yield _savings(one)
    yield _afforded(one)
    yield from _risk(one, document)
    if one["equality"]:
        yield _groups(one)
    yield _delivery(one, document)


def _benefits(one: Mapping[str, Any]) -> Statement:
    sides = {
        side: [f"{row['benefit']} {changed(row)}" for row in one["benefits"]
               if row["for_patients"] == side and seen(row)]
        for side in (BETTER, WORSE)
    }  # fmt: skip
    words = [f"{side.capitalize()} for patients: {'; '.join(rows)}" for side, rows in sides.items() if rows]
    if any(row["half_width"] is None for row in one["benefits"]):
        words.append("One replication: no difference can be told from luck")
    text = (". ".join(words) if words else "No difference was found in any benefit") + "."
    return Statement(text, "benefits", {side: len(rows) for side, rows in sides.items()})


def seen(row: Mapping[str, Any]) -> bool:
    """Return whether a difference is more than nothing as it is written."""
    by, digits, _ = WRITTEN.get(row["unit"], (1, 0, ""))
    return round(by * row["difference"], digits) != 0


def changed(row: Mapping[str, Any]) -> str:
    """Return a benefit's difference with its interval, in its unit."""
    by, digits, unit = WRITTEN.get(row["unit"], (1, 0, ""))
    half = "" if row["half_width"] is None else f" ± {number(by * row['half_width'], digits)}"
    return f"{signed(by * row['difference'], digits)}{half}{unit}"


def _posts(one: Mapping[str, Any]) -> Statement:
    extra = sum(row["extra"] for row in one["posts"])
    groups: dict[str, float] = {}
    for row in one["posts"]:
        groups[row["group"]] = groups.get(row["group"], 0.0) + row["extra"]
    of = "; ".join(f"{group.replace('_', ' ')} {signed(n)}" for group, n in groups.items())
    text = f"It takes {signed(extra)} posts (WTE)" + (f": {of}." if of else ".")
    return Statement(text, "posts", {"posts": extra, **groups})


def more(value: float) -> str:
    """Return a difference of pounds in words: £1.5m more, £2.5m less."""
    return f"{short(abs(value))} {'less' if value < 0 else 'more'}"


def _cost(one: Mapping[str, Any], document: Mapping[str, Any]) -> Statement:
    last = [row for row in one["years"] if row["year"] == document["last_year"]]
    extra, value = sum(row["extra"] for row in last), one["present_value"]
    payers: dict[str, float] = {}
    for row in last:
        payers[row["payer"]] = payers.get(row["payer"], 0.0) + row["extra"]
    payers = {name: pounds for name, pounds in payers.items() if abs(pounds) >= THOUSAND}
    of = ", ".join(f"{payer(name)} {more(pounds)}" for name, pounds in payers.items())
    return Statement(
        f"In {document['last_year']} it costs {more(extra)} a year than doing nothing, in pay and prices of that year"
        f"{f' ({of})' if len(payers) > 1 else ''}; over the five years, setting up included, {more(value['all'])} "
        f"at present value, {more(value['cash'])} in cash.",
        "cost_by_year", {"extra": extra, **value},
    )  # fmt: skip


def _setting_up(one: Mapping[str, Any]) -> Statement:
    sums: dict[str, float] = {}
    for row in one["years"]:
        if row["line"] != RUNNING:
            sums[row["line"]] = sums.get(row["line"], 0.0) + row["pounds"]
    if not sums:
        return Statement("Nothing has to be set up for it.", "cost_by_year", {})
    of = ", ".join(f"{line} {short(pounds)}" for line, pounds in sums.items())
    found = one["risk"][SETTING_UP]
    return Statement(
        f"Setting it up costs {short(sum(sums.values()))} once: {of}; in 80 of 100 cases no more than "
        f"{short(found['p80'])}, in 95 {short(found['p95'])}.", "cost_by_year", sums,
    )  # fmt: skip


def _savings(one: Mapping[str, Any]) -> Statement:
    sums = {kind: sum(row["saving"] for row in one["savings"] if row["kind"] == kind and row["saving"] > 0)
            for kind in ("cash_releasing", "capacity_releasing", "avoided")}  # fmt: skip
    return Statement(
        f"Before its own cost it releases {short(sums['cash_releasing'])} in cash and "
        f"{short(sums['capacity_releasing'])} in beds and hours a year, and avoids {short(sums['avoided'])} of care; "
        "the three are not added, and those without clear intervals may be luck.", "savings", sums,
    )  # fmt: skip


def _afforded(one: Mapping[str, Any]) -> Statement:
    rows = one["affordability"]
    over = [row["year"] for row in rows if not row["within"] and row["room"]]
    last = rows[-1]
    where = f"is beyond it in {', '.join(over)}" if over else "lies within it in every year"
    before = sum(row["setting_up"] for row in rows if not row["room"])
    if before >= THOUSAND:
        where += f"; the {short(before)} spent in {rows[0]['year']} on setting up come before there is any room"
    return Statement(
        f"The Mental Health Investment Standard leaves the commissioners room for {short(last['room'])} more in "
        f"{last['year']}; in cash the option costs them {more(last['net_cash'])}, and {where}.",
        "affordability", {"net_cash": last["net_cash"], "room": last["room"]},
    )  # fmt: skip


def _risk(one: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Statement]:
    found = one["risk"]["all payers"]
    drivers = ", ".join(row["driver"] for row in found["drivers"][:2])
    yield Statement(
        f"In 50 of 100 cases it costs at most {more(found['p50'])} than doing nothing in {document['last_year']}, in "
        f"80 {more(found['p80'])}, in 95 {more(found['p95'])}; in {percent(found['chance_it_saves'])} it costs less. "
        f"What drives it most: {drivers}.", "risk",
        {key: found[key] for key in ("p50", "p80", "p95", "chance_it_saves")},
    )  # fmt: skip


def _groups(one: Mapping[str, Any]) -> Statement:
    if any(row["finding"] == equality.NOT_KNOWN for row in one["equality"]):
        return Statement(
            "Who gains and who loses cannot be told from luck: one replication was lived again.", "equality"
        )
    sides = {side: equality.sides(one["equality"], side) for side in (equality.GAINS, equality.LOSES)}
    words = [f"{'shorter' if side == equality.GAINS else 'longer'} waits on balance for {', '.join(rows[:MOST])}"
             for side, rows in sides.items() if rows]  # fmt: skip
    text = "; ".join(words) if words else "no group was found whose waits grow shorter or longer on balance"
    return Statement(
        f"Of the groups of residents: {text}.", "equality", {side: len(rows) for side, rows in sides.items()}
    )


def _delivery(one: Mapping[str, Any], document: Mapping[str, Any]) -> Statement:
    rows: Sequence[Mapping[str, Any]] = one["delivery"]
    late = sum(row["posts"] for row in rows if row["when"] == LATE)
    last = last_of(rows)
    if last is None:
        return Statement("Nobody has to be recruited for it.", "delivery", {"posts": 0.0})
    whole = sum(row["posts"] for row in rows)
    text = f"{number(whole)} posts are to be filled from {rows[0]['start']} on; "
    text += (
        f"{number(late)} of them cannot be filled by April of {document['begins']}, the last in {last}: until then it "
        "is not the option that was simulated."
        if late else "all can be in post when it begins."
    )  # fmt: skip
    return Statement(text, "delivery", {"posts": whole, "late": late})
