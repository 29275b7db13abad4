"""What happened to people's lives in the measured window, and what untreated need cost, as tables and as a few lines.

Physical attendances, bed-days and costs are rates times the time people spent in each class (age band, long-term
conditions, treatment): no hospital's queue is simulated for them (docs/lives.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from abm import tables
from abm.lives import numbers
from abm.model import CareSystem
from experiments.outcome_schema import LIFE_YEARS, LIVES
from kernels import columns as c
from kernels import lifetime as lt

BANDS = ("0-17", "18-64", "65-74", "75+")
MENTAL = ("none", "untreated", "treated")
YEAR = 365.25 * 86400
MEASURES = {"ae_attendances": "ae", "bed_days": "bed", "cost_gbp": "cost"}


def lives(model: CareSystem) -> pa.Table:
    """Return how often each thing happened, by delivery system, sex and five years of age (`deaths`, `births` …)."""
    systems = model.setting.places.systems
    rows = [
        {"what": lt.COUNTS[what], "system": systems[system], "sex": ("female", "male")[sex],
         "from_age": 5 * int(band), "number": int(model.m.life_count[what, system, sex, band])}
        for what, system, sex, band in np.argwhere(model.m.life_count)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=LIVES)


def life_years(model: CareSystem) -> pa.Table:
    """Return people's time by class, with the physical care expected of it, and the part that mental need adds."""
    m, n = model.m, numbers()
    now, measured = int(m.now[c.T]), int(m.now[c.MEASURE_FROM])
    physical = {(int(row["band"]), int(row["n_ltc"])): row for row in tables.read("life_physical")}
    rows = []
    for s, system in enumerate(model.setting.places.systems):
        for at, row in enumerate(m.life_time[s]):
            band, of_class = divmod(at, 12)
            n_ltc, mental = divmod(of_class, 3)
            since = max(int(row["last"]), measured)
            years = (int(row["seconds"]) + int(row["n"]) * max(0, now - since)) / YEAR
            found: dict[str, Any] = {"system": system, "age": BANDS[band], "n_ltc": n_ltc, "mental": MENTAL[mental],
                                     "person_years": years}  # fmt: skip
            for name, word in MEASURES.items():
                usual = float(physical[band, n_ltc][name]) * years
                uplift = 1.0 if mental == 0 else n[f"{word}_uplift_{MENTAL[mental]}"]
                averted = n[f"{word}_uplift_untreated"] - uplift if mental == 2 else 0.0
                found |= {
                    name: usual * uplift,
                    f"{name}_added": usual * (uplift - 1),
                    f"{name}_averted": usual * averted,
                }
            rows.append(found)
    return pa.Table.from_pylist(rows, schema=LIFE_YEARS)


def summary(found: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], replications: int) -> list[dict[str, Any]]:
    """Return the short table of a run: what happened in a year, beside what is published for the area's people."""
    happened, time = found["lives"], found["life_years"]
    a_year = 365.25 / facts["days"] / replications
    count = happened.groupby("what")["number"].sum() * a_year
    published = facts["lives_published"]
    rows = [
        {"what": title, "a_year": float(count.get(name, 0.0)), "published": published.get(name)}
        for name, title in (
            ("deaths", "deaths"), ("births", "births"), ("moved_in", "moved in"), ("moved_out", "moved out"),
            ("self_harm_episodes", "self-harm seen in hospital"), ("cmd_onsets", "episodes of common mental disorder"),
            ("turned_up_at_another_door", "turned up elsewhere while waiting"),
            ("attendances_averted_by_treatment", "mental health A&E attendances averted by treatment"),
        )
    ]  # fmt: skip
    untreated = time[time["mental"] == "untreated"]["person_years"].sum() * a_year * 12
    rows.append({"what": "months of untreated mental disorder", "a_year": float(untreated), "published": None})
    for name, title in (("ae_attendances", "A&E attendances"), ("bed_days", "bed-days"), ("cost_gbp", "pounds")):
        for part, word in (("added", "added by mental need"), ("averted", "averted by treatment")):
            total = float(time[f"{name}_{part}"].sum() * a_year)
            rows.append({"what": f"physical {title} {word}", "a_year": total, "published": None})
    return rows
