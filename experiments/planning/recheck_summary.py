"""What the rechecked years say together, counted and put into plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS = ("holds", "within chance of it", "below")
ANSWERS = ("needed", "could go", "undecided")


def summary_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return `counts`, `stands` and `summary` of a recheck.

    A plan stands if no target lies below the assurance by more than chance, and no lever that was called
    needed could go.
    """
    targets = {word: sum(row["verdict"] == word for row in found["targets"]) for word in WORDS}
    levers: dict[str, dict[str, int]] = {}
    for row in found["one_fewer"]:
        mine = levers.setdefault(row["sizing_verdict"], dict.fromkeys((*ANSWERS, "undecided and short"), 0))
        mine[row["verdict"]] += 1
        short = row["share_of_years"] < found["assurance"]
        mine["undecided and short"] += row["verdict"] == "undecided" and short
    stands = targets["below"] == 0 and levers.get("needed", {}).get("could go", 0) == 0
    counts = {"targets": targets, "one_fewer": levers}
    return {"counts": counts, "stands": stands, "summary": [_on_targets(found, targets), *_on_levers(found, levers)]}


def _on_targets(found: Mapping[str, Any], targets: Mapping[str, int]) -> str:
    n, share = len(found["targets"]), f"{found['assurance']:.0%}"
    by_luck = n * (1 - found["confidence"]) / 2
    said = f"Of {n} targets {targets['holds']} held in at least {share} of {found['years']} fresh years"
    said += f", {targets['within chance of it']} in fewer but no fewer than chance allows, {targets['below']} below."
    if targets["below"]:
        said += (
            f" If every target held in exactly {share} of years, chance would call up to {by_luck:.1f} of them below."
        )
    return said


def _on_levers(found: Mapping[str, Any], levers: Mapping[str, Mapping[str, int]]) -> list[str]:
    share, said = f"{found['assurance']:.0%}", []
    for word, mine in levers.items():
        n = sum(mine[answer] for answer in ANSWERS)
        sentence = f"One fewer of {n} numbers that the sizing called {word}: {mine['needed']} fall below {share}"
        sentence += f", {mine['could go']} could go, {mine['undecided']} undecided"
        if mine["undecided"]:
            sentence += f" ({mine['undecided and short']} of them in less than {share} of the years seen)"
        said.append(sentence + ".")
    if not found["same_model"]:
        said.append("The model's code or tables have changed since the sizing: this checks the plan, not the sizing.")
    return said
