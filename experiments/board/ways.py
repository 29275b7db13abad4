"""Fourth quadrant: what could be done, best value first, and the five questions to ask first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.board import pictures
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement

MITIGATIONS = (
    ("title", "wrap"), ("kind", "text"), ("changes", "wrap"), ("posts_closed", "one"), ("half_width", "one"),
    ("may_be_chance", "text"), ("posts_low", "one"), ("posts_high", "one"), ("pounds_saved", "whole"),
    ("cost_pounds", "whole"), ("posts_for_100k", "two"), ("p80_after", "one"), ("source", "wrap"),
    ("confidence", "text"),
)  # fmt: skip
QUESTIONS = (
    ("rank", "whole"), ("title", "wrap"), ("question", "wrap"), ("share_of_variance", "share"),
    ("posts_narrower", "one"), ("pounds_narrower", "whole"), ("evppi_pounds", "whole"), ("total_index", "two"),
    ("total_half_width", "two"),
)  # fmt: skip
SHOWN, MILLION = 8, 1e6


def quadrant(mitigations: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]], behind: str) -> Quadrant:
    """Return the quadrant from the tables of a risk analysis.

    Parameters
    ----------
    mitigations : best value first; questions : by rank
    """
    tables = [
        Evidence(
            "mitigations", "What could be done, best value first", MITIGATIONS, mitigations, behind,
            "Each simulated with and without, paired. Posts for £100,000 a year; empty: it costs nothing or saves. May "
            "be chance: what it closes is within its error. Low and high: 95 % of the joint sets.",
        ),
        Evidence(
            "questions", "The top five questions", QUESTIONS, questions, behind,
            "Share of the variance of the gap in posts that goes when the answer is known. Worth (evppi): what "
            "knowing it saves a year when posts are planned.",
        ),
    ]  # fmt: skip
    return Quadrant(
        "ways",
        "What to do, and what to ask first",
        [_drawn(mitigations)],
        [_best(mitigations), *(_asked(row) for row in questions)],
        tables,
    )


def _drawn(mitigations: Sequence[Mapping[str, Any]]) -> Drawing:
    rows = [
        {"name": str(row["title"]), "posts": row["posts_closed"], "low": row["posts_low"], "high": row["posts_high"]}
        for row in mitigations[:SHOWN]
    ]
    bars = [("posts", "posts of the gap closed, with 95 % interval", pictures.GREEN)]
    return Drawing(
        "Mitigations, best value for money first",
        pictures.paired(rows, bars, "Mitigations", low="low", high="high", wide=720, left=300.0, row_tall=15),
        "mitigations", wide=True,
    )  # fmt: skip


def _best(mitigations: Sequence[Mapping[str, Any]]) -> Statement:
    first = [row for row in mitigations if row["posts_closed"] > 0 and not row["may_be_chance"]][:3]
    if not first:
        return Statement("No mitigation closes more of the gap than chance may explain.", "mitigations")
    words = "; ".join(
        f"{row['title']}: {row['posts_closed']:,.0f} posts for {_cost(row['cost_pounds'])}" for row in first
    )
    return Statement(f"Best value: {words}.", "mitigations", {"posts_closed": first[0]["posts_closed"]})


def _cost(pounds: float) -> str:
    if pounds <= 0:
        return "no money"
    return f"£{pounds / MILLION:,.1f} million a year" if pounds >= MILLION else f"£{round(pounds, -3):,.0f} a year"


def _asked(row: Mapping[str, Any]) -> Statement:
    return Statement(
        f"{row['rank']}. {row['question']} ({row['total_index']:.0%} of the variance; knowing it, and what goes with "
        f"it, narrows the gap by {row['posts_narrower']:,.0f} posts)",
        "questions",
        {"share_of_variance": row["share_of_variance"]},
    )
