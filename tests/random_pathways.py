"""Makes small valid pathways at random, crowded with coincidences, to compare the engine with its slow twin.

Half of all durations are whole multiples of five minutes and many arrivals come on the dot, so that ends,
shifts, joins and patience fall into the same second far more often than in any real service.
"""

from __future__ import annotations

import random

HOURS = ("24/7", "Mon-Fri 09:00-17:00", "Mon-Sun 20:00-08:00", "Mon-Sun 06:00-14:00", "Sat,Sun 10:00-16:00")


class Maker:
    """One pathway under construction; everything follows from its seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.lines = [f'name = "random-{seed}"', f"minutes_per_step = {self.pick.choice((1, 5, 15, 60))}"]
        if self.chance(0.3):
            self.lines.append(f'start = "2016-04-0{self.pick.randint(4, 9)}"')
        self.roles: dict[str, dict[str, int]] = {}  # team, role, most who are ever on shift together
        self.places: list[str] = []
        self.refusing: set[str] = set()
        self.kinds: dict[str, str] = {}
        self.next_must_admit = ""

    def chance(self, p: float) -> bool:
        """Say yes with probability p."""
        return self.pick.random() < p

    def duration(self, low: int, high: int) -> str:
        """A law of minutes, half of the time an exact multiple of five."""
        mean = 5 * self.pick.randint(max(1, low // 5), high // 5)
        if self.chance(0.5):
            return f'{{ constant = "{mean} min" }}'
        if self.chance(0.5):
            return f'{{ exponential = {{ mean = "{mean} min" }} }}'
        return f'{{ lognormal = {{ mean = "{mean} min", sd = "{self.pick.randint(1, 2 * mean)} min" }} }}'

    def team(self, name: str) -> None:
        """A team with one or two roles, always there or by shifts, perhaps with places."""
        roles = self.pick.sample(("nurse", "doctor", "social_worker"), self.pick.randint(1, 2))
        most = dict.fromkeys(roles, 0)
        rows = []
        for role in roles:
            for hours in self.pick.sample(HOURS, self.pick.randint(1, 2)):
                n = self.pick.randint(1, 3)
                most[role] = max(most[role], n)
                rows.append(f'{{ hours = "{hours}", {role} = {n} }}')
        self.roles[name] = most
        self.lines += ["", f"[team.{name}]", f"staff = [{', '.join(rows)}]"]
        if self.chance(0.3):
            self.lines.append(f'last_start = "{5 * self.pick.randint(1, 6)} min"')
        if self.chance(0.2):
            self.lines.append('closed = "refuse"')
            self.refusing.add(name)
        elif self.chance(0.6):
            self.lines.append(f"places = {self.pick.randint(1, 4)}")
            self.places.append(name)

    def staff_of(self) -> tuple[str, bool]:
        """The `team`/`roles` or `needs` of a contact, and whether it may be refused."""
        team = self.pick.choice(list(self.roles))
        role = self.pick.choice(list(self.roles[team]))
        n = self.pick.randint(1, min(2, self.roles[team][role]))
        if len(self.roles) > 1 and self.chance(0.3):
            other = self.pick.choice([t for t in self.roles if t != team])
            second = self.pick.choice(list(self.roles[other]))
            needs = f"needs = {{ {team} = {{ {role} = {n} }}, {other} = {{ {second} = 1 }} }}"
            return needs, bool(self.refusing & {team, other})
        text = f'team = "{team}"\nroles = {{ {role} = {n} }}'
        rest = [r for r in self.roles[team] if r != role]
        if rest and self.chance(0.4):
            text += f"\nor_roles = [{{ {rest[0]} = 1 }}]"
        elif rest and self.chance(0.4):
            text = f'team = "{team}"\nroles = {{ {role} = {n}, {rest[0]} = 1 }}'
        return text, team in self.refusing

    def routes(self, name: str, onward: list[str], back: list[str]) -> None:
        """Ordinary routes: one or two groups, perhaps guarded, perhaps with odds, sometimes back."""
        groups = [""]
        if self.chance(0.3):
            guard = self.pick.choice(("age >= 40", "keen and visits < 3", "not (age < 30 or keen)", "dna > 0"))
            groups.insert(0, f'if = "{guard}"')
        for keys in groups:
            targets = self.pick.sample(onward, min(len(onward), self.pick.randint(1, 3)))
            wanted = ["home", "elsewhere"] if name == "state0" else []
            wanted += [self.next_must_admit] if self.next_must_admit else []
            targets += [to for to in wanted if to not in targets]
            if back and self.chance(0.3):
                targets.append(self.pick.choice(back))
            shares = [0.1] * (len(targets) - 1)
            shares.append(round(1 - sum(shares), 10))
            for to, share in zip(targets, shares, strict=True):
                self.route(name, to, share, keys)
                if self.chance(0.2):
                    self.lines.append(f"odds = {{ keen = {self.pick.choice((0.5, 3.0))} }}")

    def route(self, origin: str, to: str, share: float, *keys: str) -> None:
        """One route."""
        self.lines += ["", "[[route]]", f'from = "{origin}"', f'to = "{to}"', f"share = {share}"]
        self.lines += [key for key in keys if key]

    def waited_for(self, name: str, onward: list[str], refused: bool) -> list[str]:
        """Urgency, patience, limits and the event routes they need; routes are written later."""
        later = []
        if self.chance(0.6):
            urgency = self.pick.choice(("emergency", "urgent", "soon", "routine"))
            self.lines.append(f'urgency = "{urgency}"')
        if self.chance(0.4):
            self.lines.append(f"patience = {self.duration(5, 120)}")
            later.append("left_waiting")
        if self.chance(0.3):
            self.lines.append(f"queue_limit = {self.pick.randint(0, 3)}")
            later.append("full")
        if refused:
            later.append("closed")
        if self.chance(0.3):
            # off the five-minute grid: two events of one person never fall into one second
            later.append(f"waiting {5 * self.pick.randint(1, 30) * 60 + 7} s")
        return later

    def place_extras(self, onward: list[str]) -> None:
        """Recurring visits, and a next state that must admit before the place is given up."""
        if self.chance(0.5):
            team = self.pick.choice(list(self.roles))
            role = self.pick.choice(list(self.roles[team]))
            every = f'every = "{5 * self.pick.randint(7, 30)} min"'
            whom = f'team = "{team}", roles = {{ {role} = 1 }}'
            self.lines.append(f"contacts = {{ {every}, {whom}, minutes = {self.duration(5, 30)} }}")
        able = [to for to in onward if self.kinds.get(to) in ("contact", "place")]
        if able and self.chance(0.6):
            self.next_must_admit = self.pick.choice(able)
            self.lines.append(f'blocked_by = "{self.next_must_admit}"')

    def state(self, name: str, onward: list[str], back: list[str]) -> None:
        """A state of some kind with its routes."""
        kind = self.kinds[name]
        self.lines += ["", f"[state.{name}]", f'kind = "{kind}"']
        self.next_must_admit = ""
        events: list[str] = []
        if kind == "contact":
            staff, refused = self.staff_of()
            self.lines += [staff, f"minutes = {self.duration(5, 60)}"]
            for use in ("travel", "records"):
                if self.chance(0.25):
                    self.lines.append(f"{use} = {self.duration(5, 20)}")
            events = self.waited_for(name, onward, refused)
            if self.chance(0.25):
                self.lines.append("dna = 0.2")
                events.append("dna")
                if self.chance(0.5):
                    self.lines.append(f"dna_minutes = {self.duration(5, 20)}")
                    events.append("dna 2")
            if self.chance(0.4):
                self.lines.append(f'hold_after = "{5 * self.pick.randint(1, 20)} min"')
            if self.chance(0.15) and "or_roles" not in staff:
                size = self.pick.randint(2, 4)
                self.lines.append(f'group = {{ size = {size}, least = 2, start_within = "90 min" }}')
        elif kind == "place":
            self.lines += [f'team = "{self.pick.choice(self.places)}"', f"stay = {self.duration(60, 600)}"]
            events = self.waited_for(name, onward, False)
            self.place_extras(onward)
        elif kind == "wait":
            self.lines.append(f"minutes = {self.duration(5, 240)}")
        self.routes(name, onward, [] if kind == "decision" else back)
        for event in events:
            self.route(name, self.pick.choice(onward), 1.0, f'when = "{event}"')

    def text(self) -> str:
        """The whole file."""
        for i in range(self.pick.randint(1, 3)):
            self.team(f"team{i}")
        names = [f"state{i}" for i in range(self.pick.randint(1, 6))]
        kinds = ["contact"] * 5 + ["wait", "decision"] + ["place"] * (3 if self.places else 0)
        self.kinds = {name: self.pick.choice(kinds) for name in names}
        for i, name in enumerate(names):
            self.state(name, [*names[i + 1 :], "home", "elsewhere"], names[:i])
        for end in ("home", "elsewhere"):
            self.lines += ["", f"[state.{end}]", 'kind = "end"']
        for i, name in enumerate(names):
            # everything can be reached: the first state by most, every other by a stream of its own
            self.lines += ["", f"[arrivals.stream{i}]", f'to = "{name}"']
            self.lines.append(f"attributes = {{ age = {self.pick.randint(18, 90)}, keen = {i % 2} }}")
            if self.chance(0.5):
                self.lines.append(f"per_hour = {self.pick.choice((0.5, 1, 2))}")
                if self.chance(0.3):
                    profile = [self.pick.randint(0, 4) + 0.5 for _ in range(24)]
                    self.lines.append(f"hour_of_day = {profile}")
            else:
                self.lines.append(f"interval = {self.duration(20, 90)}")
        return "\n".join(self.lines) + "\n"


def random_pathway(seed: int) -> str:
    """Return the text of a small pathway file; the same seed gives the same file."""
    return Maker(seed).text()
