"""The tables behind the statements of a business case, one row an option and whatever it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abm import tables as committed
from experiments.board.evidence import Evidence
from experiments.money.prices import FOLDER
from experiments.money.words import KINDS, payer

RISK_NOTE = (
    "Pay, vacancies, agencies' share and premium are drawn together as in parity risk (inputs.toml); other prices lie "
    "in their ranges (directions.csv) with 95 %, each by itself; luck is that of one more year. What it costs once is "
    "in pounds of the years it is spent in. Activity that no run has seen is not in it."
)
EQUALITY_NOTE = (
    "People of each group who wait shorter, or longer, than if nothing is done, of a thousand residents; the "
    "half-width adds those of both. A group gains or loses only beyond it; about one in twenty does so by luck."
)
KINDS_NOTE = "Cash leaves a budget, capacity is for other people, avoided care cuts no budget by itself: never added."


def tables(document: Mapping[str, Any]) -> dict[str, Evidence]:
    """Return all tables by key."""
    behind = "; ".join(f"{one['name']}: run {one['run']}" for one in document["options"])
    options = {one["name"]: one["title"] for one in document["options"]}
    made = [
        _options(document), _benefits(document), _posts(document), _delivery(document), _years(document),
        _services(document), _savings(document), _affordability(document), _risk(document), _drivers(document),
    ]  # fmt: skip
    if any(one["equality"] for one in document["found"]):
        made.append(_equality(document))
    made += [_figures(document), _prices()]
    return {
        key: Evidence(key, title, columns, [_named(row, options) for row in rows], behind if own is None else own, note)
        for key, title, columns, rows, note, own in made
    }


Made = tuple[str, str, list[tuple[str, str]], list[dict[str, Any]], str, str | None]


def _named(row: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, Any]:
    named = dict(row)
    if "option" in named:
        named["option"] = options.get(str(named["option"]), named["option"])
    if "payer" in named:
        named["payer"] = payer(str(named["payer"]))
    return named


def _rows(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [{"option": one["name"], **row} for one in document["found"] for row in one[name]]


def _options(document: Mapping[str, Any]) -> Made:
    rows = [
        {"option": one["name"], "kind": one["kind"], "scenario": one["name"], "pounds_a_year": one["pounds"],
         "half_width": one["half_width"], "not_used": ", ".join(one["not_used"]), "run": one["run"]}
        for one in document["options"]
    ]  # fmt: skip
    columns = [("option", "wrap"), ("kind", "text"), ("scenario", "text"), ("pounds_a_year", "whole"),
               ("half_width", "whole"), ("run", "text"), ("not_used", "wrap")]  # fmt: skip
    note = f"Pay and prices of {document['prices']}; not used: teams to whom nobody came, which are not costed."
    return "options", "The options", columns, rows, note, None


def _benefits(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("benefit", "wrap"), ("unit", "text"), ("base", "two"), ("other", "two"),
               ("difference", "two"), ("half_width", "two"), ("for_patients", "text")]  # fmt: skip
    note = "Paired: the same people and luck; half-widths 95 %. Shares run from 0 to 1."
    return "benefits", "What it does for patients", columns, _rows(document, "benefits"), note, None


def _posts(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("system", "text"), ("team", "text"), ("employer", "text"), ("payer", "text"),
               ("role", "text"), ("group", "text"), ("base", "one"), ("other", "one"), ("extra", "one")]  # fmt: skip
    note = "Posts are WTE: people on shift or in clinics, with leave, study, sickness and time away from patients."
    return "posts", "Workforce", columns, _rows(document, "posts"), note, None


def _delivery(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("start", "text"), ("in_post", "text"), ("system", "text"), ("role", "text"),
               ("employer", "text"), ("posts", "one"), ("starts", "one"), ("action", "text"), ("lead_months", "whole"),
               ("when", "text"), ("owner", "wrap")]  # fmt: skip
    note = f"Decided in {document['decided']}; options begin in April of {document['begins']}. More begin than join."
    return "delivery", "Delivery plan", columns, _rows(document, "delivery"), note, None


def _years(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("year", "text"), ("payer", "text"), ("line", "text"), ("pounds", "whole"),
               ("extra", "whole"), ("extra_cash", "whole")]  # fmt: skip
    note = (
        "Running: the simulated year's activity in the pay and prices of each year; extra is beside doing nothing. All "
        "other lines are what it costs once, until it runs: all extra, all cash."
    )
    return "cost_by_year", "Cost by year and payer", columns, _rows(document, "years"), note, None


def _services(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("service", "text"), ("payer", "text"), ("base", "whole"), ("other", "whole"),
               ("extra", "whole")]  # fmt: skip
    note = f"Pounds a year, pay and prices of {document['prices']}."
    return "cost_by_service", "Cost by service", columns, _rows(document, "services"), note, None


def _savings(document: Mapping[str, Any]) -> Made:
    rows = [{**row, "kind": KINDS[row["kind"]]} for row in _rows(document, "savings")]
    columns = [("option", "wrap"), ("kind", "text"), ("line", "text"), ("payer", "text"), ("base", "whole"),
               ("other", "whole"), ("saving", "whole"), ("half_width", "whole"), ("reason", "wrap")]  # fmt: skip
    return "savings", "Savings and costs by kind", columns, rows, KINDS_NOTE + " A minus is a cost.", None


def _affordability(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("year", "text"), ("growth", "share"), ("floor", "whole"), ("as_it_was", "whole"),
               ("room", "whole"), ("net_cash", "whole"), ("setting_up", "whole"),
               ("left", "whole"), ("within", "text")]  # fmt: skip
    note = (
        f"Mental Health Investment Standard; the place's share of national spending by {document['by']}. Only cash; "
        "setting up is in net cash."
    )
    rows = _rows(document, "affordability")
    return "affordability", "Can it be afforded?", columns, rows, note, None


def _risk(document: Mapping[str, Any]) -> Made:
    keys = ("expected", "p50", "p80", "p95", "chance_it_saves")
    rows = [
        {"option": one["name"], "what": what, **{key: found[key] for key in keys}}
        for one in document["found"] for what, found in one["risk"].items()
    ]  # fmt: skip
    columns = [("option", "wrap"), ("what", "text"), ("expected", "whole"), ("p50", "whole"), ("p80", "whole"),
               ("p95", "whole"), ("chance_it_saves", "share")]  # fmt: skip
    return "risk", f"Extra cost in {document['last_year']}, and once: P50, P80, P95", columns, rows, RISK_NOTE, None


def _drivers(document: Mapping[str, Any]) -> Made:
    rows = [
        {"option": one["name"], "what": what, **row}
        for one in document["found"] for what, found in one["risk"].items() for row in found["drivers"]
    ]  # fmt: skip
    columns = [("option", "wrap"), ("what", "text"), ("driver", "wrap"), ("share_of_variance", "share"),
               ("low", "whole"), ("high", "whole")]  # fmt: skip
    note = (
        "By how much each moves the extra cost in nine of ten cases, in pounds, the others as they are; its share of "
        "the variance is its covariance with the whole: less than nothing where it offsets others."
    )
    return "drivers", "What drives the risk", columns, rows, note, None


def _equality(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("dimension", "text"), ("group", "text"), ("residents", "whole"),
               ("shorter_per_1000", "two"), ("longer_per_1000", "two"), ("net_per_1000", "two"), ("half_width", "two"),
               ("finding", "text")]  # fmt: skip
    return "equality", "Who gains and who loses", columns, _rows(document, "equality"), EQUALITY_NOTE, None


def _figures(document: Mapping[str, Any]) -> Made:
    columns = [("option", "wrap"), ("what", "text"), ("pathway", "text"), ("of", "text"), ("part", "text"),
               ("unit", "text"), ("base", "two"), ("other", "two"), ("difference", "two"), ("half_width", "two"),
               ("verdict", "text")]  # fmt: skip
    rows = [row for row in _rows(document, "figures") if row["verdict"] not in ("the same",)]
    note = "Every figure of the runs that is not exactly the same: about one in twenty differs by luck alone."
    return "activity", "Activity", columns, rows, note, None


def _prices() -> Made:
    rows = [
        {**row, "pounds": float(row["pounds"]), "least": float(row["least"]), "most": float(row["most"])}
        for row in committed.read("unit_costs", FOLDER)
    ]
    columns = [("title", "wrap"), ("pounds", "whole"), ("unit", "text"), ("price_year", "text"), ("least", "whole"),
               ("most", "whole"), ("source", "wrap"), ("confidence", "text")]  # fmt: skip
    return "prices", "Unit costs", columns, rows, "Pay is in pay_bands.csv and role_pay.csv.", "unit_costs.csv"
