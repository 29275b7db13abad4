"""What the people of a month amount to: whole shares less learning and supervision, cover by bank, agency and overtime.

One WTE of a role gives `Role.available_minutes` a month.  Learners away and their supervisors take minutes; so does
who is newly qualified; new roles give some back by taking over tasks of registered staff, less the supervision that
costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm import staff_training
from abm.staff_columns import ROUTES

if TYPE_CHECKING:
    from abm.staff import Workforce

COVER = ("bank", "agency", "overtime")
NEWLY_QUALIFIED = ("newly_qualified", "apprentices", "nursing_associates", "trainees")
NEW_ROLES = ("nursing_associates", "new_roles")


def write_down(model: Workforce) -> None:
    """Fill the month's tally with stocks, minutes, hours and capacity."""
    tally, rates = model.tally, model.rates
    there = model.open_posts()
    posts = np.bincount(model.cell_of_posts(there), minlength=model.n_cells)
    tally["posts"] += posts
    tally["in_post"] += model.in_post
    tally["vacancies"] += posts - model.in_post
    tally["in_training"] += np.bincount(model.training.host, minlength=model.n_cells)
    away, supervision = staff_training.charged(model)
    freed, beside_them = freed_minutes(model)
    tally["training_minutes"] += away
    tally["supervision_minutes"] += supervision + beside_them
    tally["freed_minutes"] += freed
    per_wte = _by_cell(model, [role.available_minutes for role in rates.roles])
    hours = _by_cell(model, [role.contracted_hours for role in rates.roles]) * tally["vacancies"]
    sick = _by_cell(model, [role.sickness_share for role in rates.roles])
    at_work = np.clip(1.0 - sick * rates.numbers["sickness"], 0.0, 1.0) / (1.0 - sick)
    wte = model.in_post - _new_to_it(model)
    wte = wte + (freed - beside_them - away - supervision + model.usual_minutes) / per_wte
    for name in COVER:
        tally[f"{name}_hours"] += hours * rates.numbers[name]
    covered_share = min(sum(rates.numbers[name] for name in COVER), 1.0)
    tally["capacity_wte"] += np.maximum(wte, 0.0) * at_work + covered_share * tally["vacancies"]
    staff_training.count_learners(model)


def freed_minutes(model: Workforce) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes of registered staff that new roles take over this month, and of supervision: float64[cell] each.

    Where the tasks of a team are known, no more is taken over than their shares of the relieved role's time, in the
    team itself or in another of its service at the same place.
    """
    freed, supervision = np.zeros(model.n_cells), np.zeros(model.n_cells)
    n, units = model.n_roles, model.establishment.units
    columns = model.columns
    rows = columns.in_post()
    rows = rows[_is_of(NEW_ROLES)[columns.route[rows]]]
    held = np.bincount(model.cell_of(rows), minlength=model.n_cells).reshape(len(units), n)
    left = model.in_post.reshape(len(units), n) * np.array([role.available_minutes for role in model.rates.roles])
    room_left: dict[tuple[int, int, int], float] = {}  # what is left of each share
    for u, new_role in np.argwhere(held).tolist():
        if new_role not in model.rates.new_roles:
            continue
        one = model.rates.new_roles[new_role]
        time = held[u, new_role] * model.rates.roles[new_role].available_minutes * one["time_on_tasks"]
        tasks = units[u].tasks
        if tasks is None:
            tasks = ({"new_role": new_role, "share": 1.0, "at": units[u].team, **one},)
        for task in tasks:
            at = model.unit_at.get((task["at"], units[u].place))
            if task["new_role"] == new_role and at is not None and time > 0:
                relieved, supervisor = int(task["relieves"]), int(task["supervisor"])
                room = room_left.setdefault((new_role, at, relieved), task["share"] * left[at, relieved])
                minutes = min(time, room)
                room_left[new_role, at, relieved] -= minutes
                freed[at * n + relieved] += minutes
                supervision[at * n + supervisor] += minutes / 60.0 * task["supervision"]
                time -= minutes
    return freed, supervision


def _new_to_it(model: Workforce) -> np.ndarray:
    """Return the WTE that those newly qualified do not yet give, float64[cell]."""
    columns, numbers = model.columns, model.rates.numbers
    rows = columns.in_post()
    new = _is_of(NEWLY_QUALIFIED)[columns.route[rows]]
    new &= model.month - columns.came[rows] < numbers["preceptorship_months"]
    return np.bincount(model.cell_of(rows[new]), minlength=model.n_cells) * (1.0 - numbers["preceptorship_share"])


def _is_of(names: tuple[str, ...]) -> np.ndarray:
    """Return which routes are among some: bool[route]."""
    return np.array([route in names for route in ROUTES])


def _by_cell(model: Workforce, of_role: list[float]) -> np.ndarray:
    return np.tile(np.array(of_role), len(model.establishment.units))
