"""Who is on shift and who is free, for the slow twin: post groups and places."""

from __future__ import annotations

from collections.abc import Iterator

from reference_service import FOREVER, WEEK, Post, Service

OFF, CLOSE, ON = range(3)
Need = tuple[str, str, int]
"""Team, role, how many."""


class Staff:
    """The people and places of every team of a file."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.kept: dict[tuple[str, str], int] = {}
        for post in self.posts():
            if not post.shifts:
                post.on, post.open, post.free, post.ends = True, True, post.size, FOREVER

    def posts(self) -> Iterator[Post]:
        """Every post group."""
        for team in self.service.teams.values():
            yield from team.posts

    def changes(self, until: int) -> Iterator[tuple[int, int, Post, int]]:
        """Yield (second, OFF | CLOSE | ON, post group, end of shift); one under way begins at second 0."""
        for team in self.service.teams.values():
            for post in team.posts:
                for week in range(-1, until // WEEK + 2):
                    for begins, ends in post.shifts:
                        a, b = (week * WEEK + s - self.service.start_second for s in (begins, ends))
                        if b <= 0:
                            continue
                        yield max(a, 0), ON, post, b
                        if post.last_start:
                            yield max(b - post.last_start, 0), CLOSE, post, b
                        yield b, OFF, post, b

    def change(self, post: Post, what: int, ends: int, now: int) -> None:
        """Come on shift, stop starting contacts, or go off: those busy then finish, and do not come back."""
        if what == ON:
            post.on, post.free, post.ends = True, post.size, ends
            post.open = ends - now > post.last_start
            post.shift += 1
        else:
            post.open = False
            if what == OFF:
                post.on, post.free = False, 0

    def of(self, team: str, role: str) -> list[Post]:
        """Post groups of one role of one team."""
        return [post for post in self.service.teams[team].posts if post.role == role]

    def can_have(self, needs: list[Need]) -> bool:
        """Whether everybody needed is free together, and not kept for somebody who was held back."""
        return all(
            sum(p.free for p in self.of(team, role) if p.open) - self.kept.get((team, role), 0) >= n
            for team, role, n in needs
        )

    def keep(self, needs: list[Need]) -> None:
        """Keep what is free of some roles for a request that has been held back long enough."""
        for team, role, n in needs:
            self.kept[team, role] = self.kept.get((team, role), 0) + n

    def take(self, needs: list[Need]) -> list[tuple[Post, int]]:
        """Take everybody needed, of several groups whose shift ends last; return them with their shift."""
        held = []
        for team, role, n in needs:
            for _ in range(n):
                able = [p for p in self.of(team, role) if p.open and p.free > 0]
                post = max(able, key=lambda p: p.ends)
                post.free -= 1
                held.append((post, post.shift))
        return held

    def give(self, post: Post, shift: int) -> None:
        """Give one person or place back, unless their shift has ended meanwhile."""
        if post.on and post.shift == shift:
            post.free += 1

    def at_work(self, needs: list[Need]) -> bool:
        """Whether as many as are needed are on shift, busy or not."""
        return all(sum(p.size for p in self.of(team, role) if p.on) >= n for team, role, n in needs)
