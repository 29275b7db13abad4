"""The slow twin of the engine: a stand-alone pathway run with dicts, lists and one heap, in plain integers.

It reads the file itself (`reference_service.py`), has its own source of luck (`reference_luck.py`) and
follows the rules of a second as `docs/architecture.md` states them, in the most obvious way: all who wait are
looked at every time.  It is there to be compared with the event log of the kernels, and to be read.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from pathlib import Path

import reference_luck as luck
from reference_arrivals import arrivals
from reference_service import Post, Service, State, read
from reference_staff import Need, Staff

ENDS, ROSTERS, JOINS, MATCH, PATIENCE = range(5)
Line = tuple[int, int, int, int, str, str]
"""Second, stream's id word, ordinal, visit, state, what happened (joined, began, ended, missed)."""


@dataclass(eq=False)
class Referral:
    """One person in one passage through the pathway, or the recurring contact of a stay."""

    id0: int
    ordinal: int
    attributes: dict[str, float]
    state: str = ""
    visit: int = 0  # which visit to this state
    joined: int = 0
    began: int | None = None
    tie: int = 0
    words: tuple[int, int, int, int] = (0, 0, 0, 0)
    held: list[tuple[Post, int]] = field(default_factory=list)  # with the shift they were taken in
    kept: list[tuple[Post, int]] = field(default_factory=list)  # the place kept until the next state admits
    visits: dict[str, int] = field(default_factory=dict)
    n_dna: int = 0
    n_missed: int = 0
    did_not_attend: bool = False
    moves: int = 0  # whatever was booked before the last move is void
    link: Referral | None = None  # the recurring contact of a stay, and back
    idle: bool = True  # a recurring contact that is not due

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Place in a list: who joined first, then the keyed hash."""
        return (self.joined, self.tie, self.id0, self.ordinal)


class Twin:
    """One replication of one file."""

    def __init__(self, path: Path, seed: int, replication: int) -> None:
        self.service: Service = read(path)
        self.staff = Staff(self.service)
        self.key = (seed, replication)
        self.log: list[Line] = []
        self.states: dict[str, State] = dict(self.service.states)
        for state in self.service.states.values():
            if state.visits is not None:
                self.states[state.visits[1].name] = state.visits[1]
        self.waiting: dict[str, list[Referral]] = {name: [] for name in self.states}
        self.calendar: list[tuple] = []
        self.joining: list[tuple[Referral, str]] = []
        self.now = self.booked = 0

    def book(self, second: int, phase: int, tie: int, *what: object) -> None:
        """Put something on the calendar."""
        self.booked += 1
        heapq.heappush(self.calendar, (second, phase, tie, self.booked, what))

    def due(self, phase: int) -> list[tuple]:
        """Take what is due now in one phase off the calendar, in order of tie."""
        found = []
        while self.calendar and self.calendar[0][:2] <= (self.now, phase):
            found.append(heapq.heappop(self.calendar)[-1])
        return found

    def run(self, until: int) -> list[Line]:
        """Run to second `until` (not included) and return the log."""
        for second, what, post, ends in self.staff.changes(until):
            self.book(second, ROSTERS, what, post, what, ends)
        for stream, keys in self.service.streams.items():
            for ordinal, second, id0 in arrivals(self.service, stream, keys, self.key, until):
                person = Referral(id0, ordinal, keys.get("attributes", {}))
                self.book(second, JOINS, 0, "arrives", person, keys["to"])
        while self.calendar and self.calendar[0][0] < until:
            self.now = self.calendar[0][0]
            self.second()
        return self.log

    def second(self) -> None:
        """The rules of one second, in their order, until nothing moves."""
        while self.calendar and self.calendar[0][:2] < (self.now, PATIENCE):
            self.before_patience()
        for event, number, person, moves in self.due(PATIENCE):
            if person.moves == moves and person in self.waiting[person.state]:
                self.gives_up(person, event, number)
        self.settle()

    def before_patience(self) -> None:
        """Ends release, rosters change, people join and are matched."""
        for what, *about in self.due(ENDS):
            if what == "release":
                self.staff.give(*about)
            elif about[0].moves == about[1]:
                self.finishes(about[0])
        for post, what, ends in self.due(ROSTERS):
            self.staff.change(post, what, ends, self.now)
        for what, person, about in self.due(JOINS):
            if what == "arrives":
                self.joining.append((person, about))
            elif what == "visit" and person.moves == about:
                self.visit_is_due(person)
        self.settle()

    def settle(self) -> None:
        """Let people join, be matched and be refused until nobody is sent on any more."""
        while True:
            newly = []
            while self.joining:
                newly.append(self.joining.pop(0))
                self.enter(*newly[-1])
            self.match()
            self.refuse([person for person, _ in newly])
            if not self.joining:
                return

    # people

    def note(self, person: Referral, what: str) -> None:
        """Write one line of the log."""
        self.log.append((self.now, person.id0, person.ordinal, person.visit, person.state, what))

    def block(self, person: Referral, use: str) -> tuple[int, int, int, int]:
        """Look up a visit's luck for one use."""
        purpose = luck.purpose(f"{self.service.name}/{person.state}/{use}")
        return luck.philox(self.key, (person.id0, person.ordinal, purpose, 1 << 16 | person.visit))

    def visit_begins(self, person: Referral, to: str) -> State:
        """Count one more visit to a state and look up its luck."""
        person.state, person.joined, person.began = to, self.now, None
        person.visits[to] = person.visit = person.visits.get(to, 0) + 1
        person.words = self.block(person, "visit")
        person.tie = luck.tie_of(person.words)
        person.did_not_attend = False
        person.moves += 1
        return self.states[to]

    def enter(self, person: Referral, to: str) -> None:
        """Enter a state; decisions send on at once."""
        state = self.visit_begins(person, to)
        if state.kind == "end":
            self.note(person, "ended")
        elif state.kind == "decision":
            self.joining.append((person, self.route(person, "", 0) or ""))
        elif state.kind == "wait":
            ends = self.now + luck.seconds(state.minutes, person.words[0])
            self.book(ends, ENDS, person.tie, "ends", person, person.moves)
        else:
            self.note(person, "joined")
            self.waiting[to].append(person)
            if state.patience is not None:
                ends = self.now + luck.seconds(state.patience, person.words[2])
                self.book(ends, PATIENCE, person.tie, "left_waiting", 0, person, person.moves)
            for after in state.escalations:
                self.book(self.now + after, PATIENCE, person.tie, "waiting", after, person, person.moves)
            if state.group_within:
                self.book(self.now + state.group_within, JOINS, person.tie, "group", person, 0)

    def refuse(self, newly: list[Referral]) -> None:
        """Send on who joined now and found the team closed, or too many waiting (last to join first)."""
        for person in newly:
            state = self.states[person.state]
            shut = state.refuses and not any(self.staff.at_work(needs) for needs in state.needs)
            if shut and person in self.waiting[state.name]:
                self.gives_up(person, "closed", 0)
        for state in self.states.values():
            waiting = self.waiting[state.name]
            if state.queue_limit is not None:
                late = sorted((p for p in waiting if p.joined == self.now), key=lambda p: p.order)
                while late and len(waiting) > state.queue_limit:
                    self.gives_up(late.pop(), "full", 0)

    def gives_up(self, person: Referral, event: str, number: int) -> None:
        """Leave a list unseen, if there is a route for it."""
        to = self.route(person, event, number)
        if to is not None:
            self.waiting[person.state].remove(person)
            self.give_kept(person)
            self.departs(person, to)

    def give_kept(self, person: Referral) -> None:
        """Give back the place kept until now: an end of its own, so that all who wait are matched anew."""
        for post, shift in person.kept:
            self.book(self.now, ENDS, 0, "release", post, shift)
        person.kept = []

    def finishes(self, person: Referral) -> None:
        """A contact, stay or wait comes to its end."""
        state = self.states[person.state]
        if state.kind == "contact":
            self.contact_is_over(person, state)
            if person.state not in self.service.states:
                self.visit_is_over(person)
                return
            if person.did_not_attend:
                person.n_dna += 1
                to = self.route(person, "dna", person.n_dna)
                self.departs(person, to or "")
                return
        elif state.kind == "place":
            self.end_visits(person)
        self.departs(person, self.route(person, "", 0) or "")

    def contact_is_over(self, person: Referral, state: State) -> None:
        """Give the staff back, after their travel and records."""
        extra = 0
        if not person.did_not_attend and (state.travel or state.records):
            words = self.block(person, "travel")
            extra += luck.seconds(state.travel, words[0]) if state.travel else 0
            extra += luck.seconds(state.records, words[1]) if state.records else 0
        for post, shift in person.held:
            if extra:
                self.book(self.now + extra, ENDS, 0, "release", post, shift)
            else:
                self.staff.give(post, shift)
        person.held = []

    def departs(self, person: Referral, to: str) -> None:
        """Leave a state for the next; a blocked person keeps the place until that state admits."""
        self.note(person, "ended")
        if to == self.states[person.state].blocked_by:
            person.kept, person.held = person.held, []
        for post, shift in person.held:
            self.staff.give(post, shift)
        person.held = []
        person.moves += 1
        self.joining.append((person, to))

    # recurring contacts of a stay

    def visit_is_due(self, stay: Referral) -> None:
        """A visit is due: it joins its list, or is missed if the last has still not been made."""
        every, state = self.states[stay.state].visits  # type: ignore[misc]
        visit = stay.link
        assert visit is not None
        self.book(self.now + every, JOINS, stay.tie, "visit", stay, stay.moves)
        if visit.idle:
            visit.idle = False
            self.visit_begins(visit, state.name)
            self.waiting[state.name].append(visit)
            return
        self.note(visit, "missed")
        stay.n_missed += 1
        to = self.route(stay, "missed", stay.n_missed)
        if to is not None:
            self.end_visits(stay)
            self.departs(stay, to)

    def visit_is_over(self, visit: Referral) -> None:
        """A visit ends and waits to be due again."""
        self.note(visit, "ended")
        visit.idle = True
        visit.moves += 1

    def end_visits(self, stay: Referral) -> None:
        """The stay is over: a visit still waited for is cancelled, one under way is finished."""
        if stay.link is not None and stay.link in self.waiting.get(stay.link.state, []):
            self.waiting[stay.link.state].remove(stay.link)
        stay.link = None

    # routes

    def route(self, person: Referral, event: str, number: int) -> str | None:
        """Return where a person goes: the first group of the event whose guard holds, plain ones last."""
        groups = [g for g in self.states[person.state].groups if g.event == event and g.number <= number]
        groups.sort(key=lambda g: (-g.number, g.guard is None))
        values = self.values(person)
        for group in groups:
            if group.guard is not None and not group.guard.holds(values):
                continue
            weights = []
            for route in group.routes:
                weight = float(route["share"])
                for name, factor in route.get("odds", {}).items():
                    weight *= factor ** values[name]
                weights.append(weight)
            reach, so_far = (person.words[3] + 0.5) * 2.0**-32 * sum(weights), 0.0
            plain = not any("odds" in route for route in group.routes)
            for route, weight in zip(group.routes[:-1], weights, strict=False):
                so_far += weight
                if person.words[3] < round(so_far * 2**32) if plain else reach < so_far:
                    return route["to"]
            return group.routes[-1]["to"]
        return None

    def values(self, person: Referral) -> dict[str, float]:
        """What guards and odds may ask."""
        waited = (self.now if person.began is None else person.began) - person.joined
        own = {"visits": person.visits[person.state], "waited": waited, "dna": person.n_dna, "in_bed": 0}
        return dict.fromkeys(self.service.columns, 0.0) | person.attributes | own

    # being seen

    def match(self) -> None:
        """Serve who waits: by urgency, then order; all of a request's staff at once, or none."""
        self.staff.kept.clear()
        heads = {name: min(people, key=lambda p: p.order) for name, people in self.waiting.items() if people}
        while heads:
            name = min(heads, key=lambda name: (self.states[name].urgency, *heads[name].order))
            person, state = heads.pop(name), self.states[name]
            if self.serve(person, state) and self.waiting[name]:
                heads[name] = min(self.waiting[name], key=lambda p: p.order)

    def serve(self, person: Referral, state: State) -> bool:
        """Begin for the head of a list if all it needs are free; keep them if it was held back too long."""
        waiting = self.waiting[state.name]
        waited = self.now - person.joined
        too_few = len(waiting) < state.group_least or waited < state.group_within
        if len(waiting) < state.group_size and too_few:
            return False
        for needs in state.needs:
            if self.staff.can_have(needs):
                self.begin_all(person, state, needs)
                return True
        if waited >= state.hold_after:
            self.staff.keep(state.needs[0])
        return False

    def begin_all(self, first: Referral, state: State, needs: list[Need]) -> None:
        """Begin for one person, or for a group that shares the first one's clinicians and time."""
        waiting = sorted(self.waiting[state.name], key=lambda p: p.order)
        first.held = self.staff.take(needs)
        for person in waiting[: max(1, state.group_size)]:
            self.waiting[state.name].remove(person)
            self.give_kept(person)
            person.words = (first.words[0], *person.words[1:])
            self.begin(person, state)

    def begin(self, person: Referral, state: State) -> None:
        """Begin a contact or stay whose staff or place are taken."""
        person.moves += 1
        person.began = self.now
        law = state.minutes
        person.did_not_attend = state.kind == "contact" and person.words[1] < state.dna
        if person.did_not_attend:
            law = state.dna_minutes or law
        else:
            self.note(person, "began")
        ends = self.now + luck.seconds(law, person.words[0])
        self.book(ends, ENDS, person.tie, "ends", person, person.moves)
        if state.visits is not None:
            person.link = Referral(person.id0, person.ordinal, person.attributes)
            self.book(self.now + state.visits[0], JOINS, person.tie, "visit", person, person.moves)
