"""What was counted of a simulated workforce, and the bars of its waterfall.

Every bar is a sum of what was counted, so that bars sum down a waterfall and places sum to the area, to the last post.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import areas, staff_rates
from abm.staff import JOINED, WENT
from abm.staff_posts import Establishment
from abm.staff_rates import Rates
from experiments.staff import establishment as establishments
from experiments.staff import prices
from experiments.staff.prices import MEASURES
from experiments.staff.simulate import tallies
from experiments.workforce.waterfall import Bar

TITLES = {
    "establishment": "Posts at the start", "vacancies": "Vacancies", "in_post": "In post at the start",
    "leavers": "Expected to leave: clinical", "retained": "Kept by retention",
    "leavers_support": "Leave: support and others", "recruited": "Recruited to support and others",
    "newly_qualified": "Newly qualified", "therapist_trainees": "Therapists trained",
    "return_to_practice": "Return to practice", "international": "International recruitment",
    "new_roles_clinical": "Nursing associates and apprentices", "support_and_new_roles": "People in new roles",
    "moved_away": "Moved to other teams", "moved_here": "Came from other teams",
    "transfers_out": "Transferred from low demand", "transfers_in": "Transferred to high demand",
    "in_post_later": "In post, 2020/21", "new_posts": "New posts", "transferred_posts": "Posts closed",
    "posts_later": "Posts, 2020/21", "gap": "Posts without anybody, 2020/21",
}  # fmt: skip
LEVELS = ("establishment", "in_post", "in_post_later", "posts_later")
COUNTED = "counted person by person (docs/staff.md)"


@dataclass(frozen=True)
class Counted:
    """A simulated workforce: `n` float64[replication, month, measure, unit, role]."""

    establishment: Establishment
    rates: Rates
    n: np.ndarray

    @property
    def systems(self) -> list[str]:
        """Return the delivery systems (or STPs) in order."""
        return list(dict.fromkeys(unit.system for unit in self.establishment.units))

    def of(self, measure: str, system: str | None = None, roles: np.ndarray | None = None) -> np.ndarray:
        """Return a measure's sum over units and roles: float64[replication, month]."""
        units = [i for i, unit in enumerate(self.establishment.units) if system in (None, unit.system)]
        own = self.n[:, :, MEASURES.index(measure)][:, :, units]
        return (own if roles is None else own[..., roles]).sum(axis=(2, 3))

    def bars(self, system: str | None = None) -> dict[str, np.ndarray]:
        """Return step -> its value in every replication, float64[replication]; changes have their sign."""
        clinical = np.array([role.clinical for role in self.rates.roles])

        def total(measure: str, roles: np.ndarray | None = None) -> np.ndarray:
            return self.of(measure, system, roles).sum(axis=1)

        first = {name: self.of(name, system)[:, 0] for name in ("posts", "posts_opened", "posts_closed", "in_post")}
        posts = first["posts"] - first["posts_opened"] + first["posts_closed"]
        there = first["in_post"] - sum(self.of(name, system)[:, 0] for name in JOINED)
        there = there + sum(self.of(name, system)[:, 0] for name in WENT)
        found = {
            "establishment": posts, "vacancies": there - posts, "in_post": there,
            "leavers": -total("left_workforce", clinical) - total("kept", clinical), "retained": total("kept"),
            "leavers_support": -total("left_workforce", ~clinical) - total("kept", ~clinical),
            "recruited": total("recruited"), "newly_qualified": total("newly_qualified"),
            "therapist_trainees": total("trainees"), "return_to_practice": total("return_to_practice"),
            "international": total("international"),
            "new_roles_clinical": total("nursing_associates") + total("apprentices"),
            "support_and_new_roles": total("new_roles"),
            "moved_away": -total("moved_away"), "moved_here": total("moved_here"),
            "transfers_out": -total("transferred_out"), "transfers_in": total("transferred_in"),
            "in_post_later": self.of("in_post", system)[:, -1],
            "new_posts": total("posts_opened"), "transferred_posts": -total("posts_closed"),
            "posts_later": self.of("posts", system)[:, -1],
        }  # fmt: skip
        return found | {"gap": found["posts_later"] - found["in_post_later"]}


def counted(
    area: str, levers: Mapping[str, float] | None = None, seed: int = 1, replications: int = 1, *,
    file: Path | None = None, national: bool = False, by: str = "people", weights: Path | None = None,
) -> Counted:  # fmt: skip
    """Simulate the workforce of an area (`experiments.staff.simulate.staff_years` says how)."""
    of_people, factors = prices.apart(levers)
    rates = staff_rates.read(of_people)
    if national and file is None and area != areas.ENGLAND:
        short, system = establishments.named_area(area)
        found = establishments.national_share(short, rates, system, by, weights)
    else:
        found = establishments.of_area(area, rates, file, national)
    return Counted(
        found, rates, np.array([tallies(found, rates, seed, k, factors=factors) for k in range(replications)])
    )


def hung(values: Mapping[str, int], source: str = COUNTED, confidence: str = "simulated") -> list[Bar]:
    """Return the bars of one place, each hanging where the one before ended."""
    found, staff, posts = [], 0, 0
    for step, title in TITLES.items():
        value = values[step]
        if step in LEVELS:
            found.append(Bar(step, title, "level", value, 0, value, source, confidence))
            staff = value if step in ("establishment", "in_post") else staff
            posts = value if step == "establishment" else posts
        elif step == "gap":
            found.append(Bar(step, title, "gap", value, posts - value, posts, source, confidence))
        else:
            start = posts if step in ("new_posts", "transferred_posts") else staff
            found.append(Bar(step, title, "change", value, start, start + value, source, confidence))
            if step in ("new_posts", "transferred_posts"):
                posts += value
            else:
                staff += value
    return found
