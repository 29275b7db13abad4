"""Absence: each day some of those on shift do not come, by chance, beyond what the rosters allow for.

assumption: everybody on shift is away with the same probability, each day anew, whoever else is away; nobody is
called in.  Clinicians who hold courses are away for good: their number is less by the share (`Team.absence`).  Wards'
nurses are not simulated one by one, and beds do not close.
"""

from __future__ import annotations

from datetime import timedelta

from abm.model import CareSystem
from abm.teams import Team
from kernels import entry
from kernels.draws import purpose

PURPOSE = purpose("planning/absence/day")
Key = tuple[str, tuple[str, int]]


class AwayToday:
    """Called with the model when a day begins: takes off the rosters whoever is away that day.

    Luck is looked up by (seed, replication, team and row, day, person), so that who is away at a small share is away at
    a larger one too.
    """

    def __init__(self, share: float, seed: int, replication: int) -> None:
        self.share, self.seed, self.replication = share, seed, replication
        self._rostered: dict[Key, int] = {}
        self._at_work: dict[Key, int] = {}

    def __repr__(self) -> str:
        return f"absence of {self.share!r}"

    def __call__(self, model: CareSystem) -> None:
        """Set today's numbers."""
        day = (model.today - model.first_day).days
        for team in model.teams:
            for key in team.on_shift:
                self._set(team, key, day)

    def _set(self, team: Team, key: tuple[str, int], day: int) -> None:
        name, now = (team.name, key), int(team.on_shift[key])
        if now != self._at_work.get(name):  # the first day, or a change of policy has given the row another number
            self._rostered[name] = now
        here = sum(not self._away(name, day, k) for k in range(self._rostered[name]))
        self._at_work[name] = here
        if here != now:
            team.on_shift[key] = here

    def _away(self, name: Key, day: int, person: int) -> bool:
        team, (role, row) = name
        words = entry.block(
            self.seed, self.replication, purpose(f"{team}/{role}/{row}"), day, PURPOSE, person // 4
        )  # fmt: skip
        return int(words[person % 4]) < self.share * 2**32


def let_be_away(model: CareSystem, share: float, seed: int, replication: int) -> None:
    """Let a share of the staff be away on every day of a run that is about to begin."""
    for team in model.teams:
        for role in team.clinicians:
            team.absence[role] = share
    away = AwayToday(share, seed, replication)
    for day in range(model.warm_up + model.days):
        model.change_on(model.first_day + timedelta(days=day), away)
