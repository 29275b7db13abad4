"""A telling person: of everybody in a run the one who waited longest, was seen most often, or came most often."""

from __future__ import annotations

import numpy as np

from abm.network import DAY
from experiments.lives.rerun import Kept
from experiments.lives.visits import ids_of_others, people_of, visits_of
from kernels import columns as c

LONGEST_WAIT, MOST_CONTACTS, MOST_REFERRALS = "longest-wait", "most-contacts", "most-referrals"
WAYS = (LONGEST_WAIT, MOST_CONTACTS, MOST_REFERRALS)


def telling(kept: Kept, by: str) -> int:
    """Return the row of the resident who stands out in the measured window; of equals the one with the lowest id."""
    others = ids_of_others(kept.model)
    codes = kept.model.setting.population.areas["code"]  # guests from other cells are residents there
    if by == LONGEST_WAIT:
        visits = visits_of(kept.log, others)
        measured = (visits.joined >= kept.model.warm_up * DAY) & (visits.began >= 0)
        measured &= np.isin(visits.person >> 16, codes)
        person, size = visits.person[measured], visits.wait[measured]
    else:
        log = kept.log[kept.log["time"] >= kept.model.warm_up * DAY]
        person = people_of(log["id0"], log["id1"], others)
        mine = np.isin(person >> 16, codes)
        if by == MOST_CONTACTS:
            mine &= (log["kind"] == c.L_BEGAN) | (log["kind"] == c.L_SESSION)
            person, size = np.unique(person[mine], return_counts=True)
        else:
            referral = (log["id0"].astype(np.int64) << 16) | log["entry"]
            pairs = np.unique(np.stack([person[mine], referral[mine]]), axis=1)
            person, size = np.unique(pairs[0], return_counts=True)
    if not len(person):
        raise LookupError("nobody came to any service in the measured window")
    best = int(person[size == size.max()].min())
    return row_of_id(kept, best)


def row_of_id(kept: Kept, person: int) -> int:
    """Return the row of a resident by id (`Patient.id`)."""
    areas = kept.model.setting.population.areas
    area = int(np.flatnonzero(areas["code"] == person >> 16)[0])
    return int(areas["first"][area]) + (person & 0xFFFF)
