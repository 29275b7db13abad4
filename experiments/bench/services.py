"""The queueing network every program runs, and what each of them must record of it.

Three stations, Poisson arrivals of 5, 2 and 1 an hour, exponential contacts of an hour, 8, 6 and 6 clinicians, routes
with feedback (Jackson 1957).  All programs keep each station's waits (mean, share who waited), each patient's clock
from arrival to home, and utilisation.  Each is written as its own documentation advises, with nothing kept beyond
that but what it keeps of itself.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

STATIONS = ("one", "two", "three")
ARRIVALS_PER_HOUR = (5.0, 2.0, 1.0)
CLINICIANS = (8, 6, 6)
CONTACT_HOURS = 1.0
SHARES = ((0.0, 0.5, 0.3), (0.1, 0.0, 0.4), (0.1, 0.0, 0.0))
"""Share of each station's patients who go on to each station; the others go home."""
THEORY_WAITS = (10.4, 34.6, 25.5)
"""Mean waits in minutes by Erlang C."""
SERVICES_PER_HOUR = 15.7
"""By the traffic equations: visits to the three stations together."""
HOME = len(STATIONS)
_ONWARD = [list(itertools.accumulate(row)) for row in SHARES]


@dataclass
class Record:
    """What one run of the network recorded."""

    program: str
    services: int = 0
    seconds: float = 0.0
    """Processor seconds of the simulation alone."""
    wait_minutes: list[float] = field(default_factory=list)
    """Mean wait at each station."""
    waited: float = 0.0
    """Share of services that began after a wait."""
    clock_minutes: float = 0.0
    """Mean time from arrival to home."""
    utilisation: list[float] = field(default_factory=list)
    """Busy share of each station's clinicians."""
    also: str = ""
    """What the program records beyond that."""

    @property
    def services_per_second(self) -> float:
        """Completed services per second."""
        return self.services / self.seconds


def next_station(station: int, luck: random.Random) -> int:
    """Draw where a patient goes after a station (`HOME`: home)."""
    u = luck.random()
    shares, after = _ONWARD[station], 0
    while after < HOME and u >= shares[after]:
        after += 1
    return after


class Tally:
    """The sums that a program without statistics of its own keeps (hours)."""

    def __init__(self) -> None:
        self.n_seen, self.n_waited, self.wait, self.busy = [0, 0, 0], [0, 0, 0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        self.n_home, self.clock = 0, 0.0

    def begins(self, station: int, waited: float) -> None:
        """Count a contact that begins after a wait."""
        self.wait[station] += waited
        self.n_waited[station] += waited > 0

    def ends(self, station: int, length: float) -> None:
        """Count a contact that ends."""
        self.busy[station] += length
        self.n_seen[station] += 1

    def goes_home(self, since_arrival: float) -> None:
        """Count a patient who goes home."""
        self.n_home += 1
        self.clock += since_arrival

    def record(self, program: str, hours: float, seconds: float, also: str = "") -> Record:
        """Return the record of a run of so many hours."""
        return Record(
            program,
            sum(self.n_seen),
            seconds,
            [60 * w / n for w, n in zip(self.wait, self.n_seen, strict=True)],
            sum(self.n_waited) / sum(self.n_seen),
            60 * self.clock / self.n_home,
            [b / hours / n for b, n in zip(self.busy, CLINICIANS, strict=True)],
            also,
        )
