"""Costs of posts and of runs: the door of this package for others.

>>> round(pounds_a_post("pwp", "2016/17"))
55729
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from experiments.money.pay import pounds_a_post
from experiments.money.prices import NO_FACTORS, Factors, in_prices, unit_cost
from experiments.money.whole import rounded

type Rows = pd.DataFrame | Iterable[Mapping[str, Any]]


def cost_of_posts(rows: Rows, year: str, *, overheads: bool = True, factors: Factors = NO_FACTORS) -> Any:
    """Return rows of posts with what they cost a year: `pounds_a_post` and `pounds` (whole, in pounds of that year).

    Parameters
    ----------
    rows : a table, or dictionaries, with `role` and `posts` (WTE), and `employer` where it is not the usual one
    year : a financial year such as 2020/21

    Returns
    -------
    A table if rows are one, else a list of dictionaries.  Whole pounds sum to the rounded sum (largest remainder).

    Raises
    ------
    InputError
        If a role, employer or year is unknown.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if frame.empty:
        return frame.assign(pounds_a_post=[], pounds=[]) if isinstance(rows, pd.DataFrame) else []
    employers = frame["employer"] if "employer" in frame else [None] * len(frame)
    each = [
        pounds_a_post(role, year, employer if isinstance(employer, str) and employer else None,
                      overheads=overheads, factors=factors)
        for role, employer in zip(frame["role"], employers, strict=True)
    ]  # fmt: skip
    exact = frame["posts"].astype(float).to_numpy() * each
    priced = frame.assign(pounds_a_post=each, pounds=rounded(exact))
    return priced if isinstance(rows, pd.DataFrame) else priced.to_dict("records")


__all__ = ["cost_of_posts", "in_prices", "pounds_a_post", "unit_cost"]
