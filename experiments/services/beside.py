"""Every service type of the national statistics: modelled beside published (`docs/services.md`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from abm import tables
from abm.internal_referrals import Flows, external
from experiments.services import balance
from experiments.services.counting import Counts, is_secondary
from pathways.specs import PathwaySpec

IN_CONTACT = 1_230_000
"""People in contact with secondary mental health services, England, end of March 2017 (NHS Digital, MHSDS)."""
TOLERANCE = {"referrals": 0.05, "acceptance": 0.05, "contacts": 0.10}
BEGIN, END = "<!-- services: begin -->", "<!-- services: end -->"


def published(folder: Path = tables.FOLDER) -> dict[str, tables.Row]:
    """Return the published figures by service type."""
    return {row["service"]: row for row in tables.read("services", folder)}


def places(specs: Mapping[str, PathwaySpec], column: str, folder: Path = tables.FOLDER) -> dict[str, frozenset[str]]:
    """Return {pathway: states} of a column of `services.csv`: where its service types are counted."""
    rows = published(folder)
    found: dict[str, frozenset[str]] = {}
    for name, spec in specs.items():
        states = {
            one for service in spec.services if service in rows for one in rows[service][column].split(";") if one
        }
        if states:
            found[name] = frozenset(states)
    return found


def _received(spec: PathwaySpec, figures: Mapping[str, tables.Row]) -> float:
    """Return England's published referrals a year, carried back, of a pathway: the file's, or the type's own."""
    own = [figures[name] for name in spec.services if name in figures and figures[name]["carried_back"]]
    if own:
        return sum(float(row["referrals"]) * float(row["carried_back"]) for row in own)
    return spec.demand.received if spec.demand else 0.0


def groups(specs: Mapping[str, PathwaySpec]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return (service types, pathways) that have to be compared together: a pathway may stand for several types."""
    found: list[tuple[set[str], list[str]]] = []
    for name, spec in specs.items():
        types, pathways = set(spec.services) & set(published()), [name]
        if not types:
            continue
        for other in [one for one in found if one[0] & types]:
            types, pathways = types | other[0], other[1] + pathways
            found.remove(other)
        found.append((types, pathways))
    order = list(published())
    return sorted(
        ((tuple(sorted(types, key=order.index)), tuple(pathways)) for types, pathways in found),
        key=lambda one: order.index(one[0][0]),
    )


def compared(
    specs: Mapping[str, PathwaySpec], counts: Counts, flows: Flows, folder: Path = tables.FOLDER
) -> dict[str, Any]:
    """Return the document: `rows` by group of service types, `not_modelled`, `caseload` and the stock beside it.

    England's figures are the run's rates (for each referral received) times England's modelled referrals.  Published
    contacts a year are contacts a month of somebody on the caseload × the modelled months on the caseload, in which a
    referral counts as one month at least, as it does there (`docs/services.md`).
    """
    total = balance.modelled_received(specs, counts, flows)
    up = total / np.maximum(counts.received, 1e-9)
    doors, names, figures = external(specs, flows), list(specs), published(folder)
    rows: list[dict[str, Any]] = []
    for types, pathways in groups(specs):
        at = np.array([names.index(name) for name in pathways])
        referrals = sum(_received(specs[name], figures) for name in pathways)
        weight = np.array([float(figures[name]["referrals"]) for name in types])
        accepted = np.average([float(figures[name]["share_receiving"]) for name in types], weights=weight)
        a_month = np.average([float(figures[name]["contacts_a_month"]) for name in types], weights=weight)
        beds = figures[types[0]]["unit"] == "bed days"
        made = (counts.bed_days if beds else counts.contacts)[at] @ up[at]
        rows.append({
            "services": types, "pathways": pathways, "published_2018": float(weight.sum()),
            "referrals_published": referrals, "referrals": float(counts.counted[at] @ up[at]),
            "doors": float(sum(doors.get(name, 0.0) for name in pathways)),
            "acceptance_published": float(accepted),
            "acceptance": float(counts.seen[at] @ up[at] / max(counts.counted[at] @ up[at], 1e-9)),
            "not_compared": sorted({one for name in types for one in figures[name]["not_compared"].split(";") if one}),
            "why": next((figures[name]["why"] for name in types if figures[name]["why"]), ""),
            "unit": "bed days" if beds else "contacts",
            "contacts_published": float(a_month * (counts.months[at] @ up[at])), "contacts": float(made),
            "open": float(counts.open[at] @ up[at]), "caseload": float(counts.caseload[at] @ up[at]),
        })  # fmt: skip
    modelled = {name for row in rows for name in row["services"]}
    secondary = np.array([is_secondary(name, spec) for name, spec in specs.items()])
    opened = float((counts.open * up)[secondary].sum())
    return {
        "rows": rows, "not_modelled": [name for name in figures if name not in modelled],
        "other_pathways": [name for name in names if not any(name in row["pathways"] for row in rows)],
        "open": opened, "people": opened * float(counts.people[0] / max(counts.people[1], 1.0)),
        "people_of_area": float(counts.people[0]), "in_contact": IN_CONTACT,
    }  # fmt: skip


def difference(row: Mapping[str, Any], what: str) -> float | None:
    """Return modelled over published, less 1; None if nothing is published."""
    beside = row[f"{what}_published"]
    return row[what] / beside - 1 if beside else None


def is_off(row: Mapping[str, Any], what: str) -> bool:
    """Say whether a figure is further from the published one than it may be, and the two can be compared."""
    by = difference(row, what)
    return by is not None and abs(by) > TOLERANCE[what] and what not in row["not_compared"]


def markdown(document: Mapping[str, Any]) -> str:
    """Return the table for the page, between its markers."""
    lines = [
        "| service types | pathways | referrals 2018 | carried back | modelled | | through doors | "
        "acceptance, published | modelled | | contacts or bed days, published | modelled | | "
        "open referrals | caseload |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in document["rows"]:
        cells = ["; ".join(row["services"]), ", ".join(row["pathways"]), _n(row["published_2018"])]
        cells += [_n(row["referrals_published"]), _n(row["referrals"]), _by(row, "referrals"), _n(row["doors"])]
        cells += [f"{row['acceptance_published']:.3f}", f"{row['acceptance']:.3f}", _by(row, "acceptance")]
        cells += [_n(row["contacts_published"]), _n(row["contacts"]), _by(row, "contacts")]
        lines.append("| " + " | ".join([*cells, _n(row["open"]), _n(row["caseload"])]) + " |")
    figures = published()
    for name in document["not_modelled"]:
        lines.append(f"| {name} | not modelled | {_n(float(figures[name]['referrals']))} |" + " |" * 12)
    lines.append("")
    lines.append(
        f"Open referrals of secondary services (all but talking therapies; eating disorders, secure and rehabilitation "
        f"wards as well): {_n(document['open'])} of {_n(document['people'])} people; in contact at the end of March "
        f"2017: {_n(document['in_contact'])}. "
        "Bold: further off than 5 % (referrals, acceptance) or 10 % (contacts). In brackets: cannot be compared:"
    )
    lines += [
        "",
        *(f"* {'; '.join(row['services'])}: {row['why']}." for row in document["rows"] if row["not_compared"]),
    ]
    return "\n".join(lines)


def put_into(page: str, document: Mapping[str, Any]) -> str:
    """Return a page with the table between its markers replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{markdown(document)}\n{END}{after}"


def _n(number: float) -> str:
    return f"{number:,.0f}"


def _by(row: Mapping[str, Any], what: str) -> str:
    by = difference(row, what)
    if by is None:
        return ""
    text = f"{by * 100:+.1f} %".replace("-", "−")
    return f"({text})" if what in row["not_compared"] else f"**{text}**" if is_off(row, what) else text


def printed(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the answer for people."""
    from rich.table import Table

    table = Table(title="England a year, modelled beside published", title_justify="left")
    for column in ("service types", "referrals", "", "acceptance", "", "contacts", "", "open"):
        table.add_column(column, justify="left" if column == "service types" else "right", overflow="fold")
    for row in document["rows"]:
        table.add_row(
            "; ".join(row["services"]), _n(row["referrals"]), _by(row, "referrals").strip("*"),
            f"{row['acceptance']:.3f}", _by(row, "acceptance").strip("*"), _n(row["contacts"]),
            _by(row, "contacts").strip("*"), _n(row["open"]),
        )  # fmt: skip
    yield table
    yield f"Not modelled: {', '.join(document['not_modelled']) or 'none'}."
    yield (
        f"{_n(document['open'])} open referrals of {_n(document['people'])} people beside "
        f"{_n(document['in_contact'])} people in contact, March 2017."
    )
    off = [f"{row['services'][0]}: {what}" for row in document["rows"] for what in TOLERANCE if is_off(row, what)]
    yield "Further off than allowed: " + ("; ".join(off) or "none") + "."
