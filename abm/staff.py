"""The workforce of an area as a Mesa model: its step is one month.

Columns are the truth: one row a member of staff, one row a post.  `Workforce.staff` is an agent set over them.
A month: posts open and close; people leave, retire, are kept or move; learners begin and finish; vacant posts are
taken.  Who was in post, less those who left, moved on or were transferred, plus those who came, is who is in post:
proved every month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import mesa
import numpy as np

from abm import staff_capacity, staff_matching, staff_rates, staff_training
from abm.staff_columns import ROUTES, StaffColumns, people_at_start
from abm.staff_posts import N_MONTHS, YEARS, Establishment, posts_of
from abm.staff_rates import Rates
from abm.staff_training import LEARNT, Source, source_of
from abm.staff_views import StaffSet
from kernels import staff as kernel
from kernels.draws import purpose

MEASURES = (
    "posts", "posts_opened", "posts_closed", "in_post", "vacancies", "in_training", "left_workforce", "retired", "kept",
    "moved_away", "moved_away_from_area", "moved_here", *ROUTES[2:], "transferred_out", "transferred_in",
    "training_minutes", "supervision_minutes", "freed_minutes", "bank_hours", "agency_hours", "overtime_hours",
    "capacity_wte", "joined", *(f"began_{name}" for name in LEARNT), *(f"learning_{name}" for name in LEARNT),
)  # fmt: skip
"""What is counted every month for each unit and role, in people, posts, hours and minutes (`docs/staff.md`)"""
JOINED = ("moved_here", *ROUTES[2:], "transferred_in")
WENT = ("left_workforce", "moved_away", "transferred_out")


class Workforce(mesa.Model):
    """Everybody employed by an area's teams, month by month.

    Parameters
    ----------
    establishment : who has which posts
    rates : `abm.staff_rates.read(levers)`
    seed, replication : the key of all luck
    """

    def __init__(self, establishment: Establishment, rates: Rates, *, seed: int = 1, replication: int = 0) -> None:
        super().__init__(rng=seed)
        self.establishment, self.rates = establishment, rates
        self.planned = staff_rates.read()
        self.key = (seed, replication)
        self.month = 0
        self.n_roles = len(rates.roles)
        self.unit_at = {(unit.team, unit.place): i for i, unit in enumerate(establishment.units)}
        self.posts, self.closing = posts_of(establishment, rates, self.key)
        self.columns: StaffColumns = people_at_start(establishment, rates, self.posts, self.key)
        self._sources: dict[tuple[str, int], Source] = {}
        self.shares = [staff_training.share_of_route(self, route) for route in self.planned.routes]
        self.training = staff_training.at_start(self)
        self.staff = StaffSet(self)
        self.tally: dict[str, np.ndarray] = {}
        self.vacant_at_start = self._vacant_share()
        staff_training.prepare(self)
        self.in_post = self._in_post()
        self.without_post = np.zeros(self.n_roles, np.int64)
        """People who came this month and found no vacant post, by role"""
        self.expected_to_leave, self.expected_to_move = self._expected()

    # --- the month ------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Live through one month."""
        self.tally = {name: np.zeros(self.n_cells) for name in MEASURES}
        new = np.flatnonzero(self.posts.opens == self.month)
        self.tally["posts_opened"] += np.bincount(self.cell_of_posts(new), minlength=self.n_cells)
        staff_matching.close_and_transfer(self)
        movers = self.leave()
        staff_training.begin(self)
        staff_matching.take_posts(self, movers, staff_training.finished(self))
        self.grow_older()
        self.prove()
        staff_capacity.write_down(self)
        self.month += 1

    def leave(self) -> np.ndarray:
        """Let people leave, retire or be kept; return the rows of those who look for another post in the area."""
        rates, columns = self.rates, self.columns
        rows = columns.in_post()
        fate = np.zeros(len(rows), np.int8)
        within = 1.0 if self.establishment.whole_country else rates.numbers["move_within"]
        kernel.fates(
            *self.key, columns.id0[rows], columns.id1[rows], purpose("staff/month"), self.month,
            rates.who[columns.role[rows]], columns.age_months[rows], columns.service_months[rows],
            self._push(rows), rates.band_of_month, rates.out, rates.moves, rates.retires,
            self._kept_by_role()[columns.role[rows]], within, fate,
        )  # fmt: skip
        kept, leave, retire, away = (
            rows[fate == one] for one in (kernel.KEPT, kernel.LEAVES, kernel.RETIRES, kernel.MOVES_AWAY)
        )
        self.count("kept", kept)
        for who, status, measures in (
            (leave, "left", ("left_workforce",)), (retire, "retired", ("retired", "left_workforce")),
            (away, "away", ("moved_away", "moved_away_from_area")),
        ):  # fmt: skip
            for name in measures:
                self.count(name, who)
            self.depart(who, status)
        return rows[fate == kernel.MOVES]

    def _kept_by_role(self) -> np.ndarray:
        """Return the share of those about to leave who are kept: of the clinical roles the plan speaks of."""
        clinical = np.array([role.clinical for role in self.rates.roles])
        return np.where(clinical, self.rates.numbers["retention"], 0.0)

    def _expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how many a month leave the workforce, and move, of those in post now, by the tables: float64[role]."""
        rates, columns = self.planned, self.columns
        rows = columns.in_post()
        role = columns.role[rows]
        band = rates.band_of_month[np.minimum(columns.service_months[rows], len(rates.band_of_month) - 1)]
        who = rates.who[role]
        stays = (1.0 - rates.out[who, band]) * (1.0 - rates.retires[columns.age_months[rows] // 12])
        both = ((1.0 - stays), rates.moves[who, band])
        return tuple(np.bincount(role, weights=w, minlength=self.n_roles) for w in both)  # type: ignore[return-value]

    def _push(self, rows: np.ndarray) -> np.ndarray:
        """Return what multiplies each one's hazard of leaving: 1, unless overload may raise it."""
        effect = self.rates.numbers["overload_leaving"]
        if effect == 0.0:
            return np.ones(len(rows))
        more = np.maximum(self._vacant_share() - self.vacant_at_start, 0.0)
        return 1.0 + effect * more[self.cell_of(rows)]

    def depart(self, rows: np.ndarray, status: str) -> None:
        """Let people give up their posts for good."""
        self.posts.holder[self.columns.post[rows]] = -1
        self.columns.post[rows] = -1
        self.columns.end(rows, status, self.month)

    def grow_older(self) -> None:
        """Add a month to everybody's age and length of service."""
        rows = self.columns.in_post()
        self.columns.age_months[rows] += 1
        self.columns.service_months[rows] += 1

    # --- what there is --------------------------------------------------------------------------------------

    @property
    def n_cells(self) -> int:
        """Units × roles."""
        return len(self.establishment.units) * self.n_roles

    @property
    def year(self) -> str:
        """The financial year of the month that is about to be lived."""
        return YEARS[min(self.month // 12, len(YEARS) - 1)]

    def source(self, route: str, role: int) -> Source:
        """Return where people of a route and role come from."""
        if (route, role) not in self._sources:
            name = self.rates.roles[role].name
            self._sources[route, role] = source_of(self.establishment.area, route, name, self.key)
        return self._sources[route, role]

    def cell_of(self, rows: np.ndarray) -> np.ndarray:
        """Return unit × roles + role of people in post."""
        return self.cell_of_posts(self.columns.post[rows])

    def cell_of_posts(self, posts: np.ndarray) -> np.ndarray:
        """Return unit × roles + role of posts."""
        return self.posts.unit[posts].astype(np.int64) * self.n_roles + self.posts.role[posts]

    def open_posts(self) -> np.ndarray:
        """Return the posts that are there this month."""
        return np.flatnonzero((self.posts.opens <= self.month) & ~self.posts.closed)

    def count(self, measure: str, rows: np.ndarray) -> None:
        """Count people where they are in post."""
        self.tally[measure] += np.bincount(self.cell_of(rows), minlength=self.n_cells)

    def _in_post(self) -> np.ndarray:
        return np.bincount(self.cell_of(self.columns.in_post()), minlength=self.n_cells)

    def _vacant_share(self) -> np.ndarray:
        """Return the share of posts that nobody holds, float64[cell]."""
        there = self.open_posts()
        cells = self.cell_of_posts(there)
        posts = np.bincount(cells, minlength=self.n_cells)
        vacant = np.bincount(cells, weights=self.posts.holder[there] < 0, minlength=self.n_cells)
        return vacant / np.maximum(posts, 1)

    def prove(self) -> None:
        """Prove that nobody was lost: in post then, less who went, plus who came, is in post now, cell by cell."""
        came = sum(self.tally[name] for name in JOINED)
        went = sum(self.tally[name] for name in WENT)
        now = self._in_post()
        holders = self.posts.holder[self.posts.holder >= 0]
        alone = len(holders) == now.sum() and np.bincount(holders, minlength=1).max() <= 1
        if not alone or not (self.in_post + came - went == now).all():
            raise AssertionError(f"staff do not balance in month {self.month}")
        self.in_post = now

    def run(self, months: int = N_MONTHS) -> Iterator[Mapping[str, np.ndarray]]:
        """Live through months, yielding what each was like: measure -> float64[cell]."""
        for _ in range(months):
            self.step()
            yield self.tally
