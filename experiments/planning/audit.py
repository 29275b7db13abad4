"""The audit trail: every decision of the search, with the years it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Decision:
    """One decision about one unit."""

    phase: str
    """offered load, curve, trim, verdict, confirmation"""
    unit: str
    what: str
    """What was tried, in words."""
    outcome: str
    """accepted, given back, needed, kept, passes, fails, undecided …"""
    target: str = ""
    """The target that decided it, if one did."""
    years: int = 0
    met: int = 0
    low: float | None = None
    high: float | None = None
    """The shares of years that the evidence leaves."""
    together_with: tuple[str, ...] = ()
    """Other units tested with fewer in the same years."""
    note: str = ""


@dataclass
class Trail:
    """Decisions in the order in which they were made."""

    decisions: list[Decision] = field(default_factory=list)

    def add(self, decision: Decision) -> None:
        """Write one down."""
        self.decisions.append(decision)

    def rows(self) -> list[dict[str, Any]]:
        """Return the trail as rows of a table."""
        rows = []
        for i, decision in enumerate(self.decisions):
            row = {"number": i + 1} | asdict(decision)
            row["together_with"] = "; ".join(decision.together_with)
            rows.append(row)
        return rows
