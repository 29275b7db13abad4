"""How bad it is: symptom scores, severity and past use, once everybody's conditions are drawn."""

from pathlib import Path

import numpy as np

from abm import tables
from abm.conditions import BIT, CONDITIONS, DRAWN, USES, Residents
from kernels import synthesis
from kernels.draws import purpose


def finish(residents: Residents, folder: Path = tables.FOLDER) -> dict[str, np.ndarray]:
    """Return the columns conditions uint32, phq9, gad7, severity and past_use uint8, by row."""
    groups = ("well", "cmd_anxiety", "cmd_other", "severe_anxiety", "severe_other")
    scores = np.zeros((len(groups), 2, synthesis.SCORE_STEPS), np.uint8)
    for row in tables.read("scores", folder):
        at = groups.index(row["group"]), ("phq9", "gad7").index(row["score"])
        scores[at] = normal_scores(*(float(row[key]) for key in ("least", "most", "mean", "sd")))
    ends = np.full((len(DRAWN), 2), -1.0)
    for row in tables.read("severity", folder):
        mild = float(row["mild"])
        ends[DRAWN.index(row["condition"])] = mild, mild + float(row["moderate"])
    n = residents.area.size
    columns = {"conditions": np.empty(n, np.uint32)}
    columns |= {name: np.empty(n, np.uint8) for name in ("phq9", "gad7", "severity", "past_use")}
    synthesis.finish(
        residents.order, residents.bits, np.uint32(len(CONDITIONS)), np.uint32(BIT["cmd"]),
        np.uint32(BIT["severe_cmd"]), np.uint32(BIT["anxiety"]), scores, ends, np.uint32(DRAWN.index(USES[0])),
        np.uint32(len(USES)), residents.area, residents.ordinal, residents.code, residents.key[0], residents.key[1],
        purpose("population/scores/drawn"), *columns.values(),
    )  # fmt: skip
    return columns


def normal_scores(least: float, most: float, mean: float, sd: float) -> np.ndarray:
    """Return the score at each of 1,024 equal steps of luck, uint8[step]: a normal law, cut."""
    values = np.arange(int(least), int(most) + 1)
    share = np.exp(-0.5 * ((values - mean) / sd) ** 2)
    end = np.cumsum(share) / share.sum()
    return values[np.searchsorted(end, (np.arange(synthesis.SCORE_STEPS) + 0.5) / synthesis.SCORE_STEPS)].astype(
        np.uint8
    )
