"""A gap that can be worked out by hand: posts needed and staff in post as products of factors, with a little luck."""

import numpy as np

from experiments.risk.analysis import Parts, Wanted
from experiments.risk.value import Decision

PRESENT = {
    "demand": {"access": 1.0, "prevalence": 1.0, "alternatives": 1.0},
    "staff": {"leaving": 1.0, "training": 1.0, "retention": 0.3},
    "arithmetic": {
        "establishment": 1.0,
        "contact_minutes": 1.0,
        "asking": 1.0,
        "pay": 1.0,
        "agency_premium": 0.5,
        "agency_share": 0.4,
    },
}
POUNDS_A_POST = 50_000.0
START = 1000.0  # posts of the baseline year
LUCK = 2.0  # posts
INPUTS = """
[input.access]
title = "access"
question = "How many will come?"
part = "demand"
drives = ["access"]
lognormal = { low = 0.8, high = 1.25 }
source = "assumption: a test"
confidence = "assumption"

[input.prevalence]
title = "prevalence"
question = "How many are ill?"
part = "demand"
drives = ["prevalence"]
lognormal = { low = 0.95, high = 1.05 }
source = "assumption: a test"
confidence = "assumption"

[input.leaving]
title = "leavers"
question = "How many leave?"
part = "staff"
drives = ["leaving"]
lognormal = { low = 0.7, high = 1.4 }
source = "assumption: a test"
confidence = "assumption"

[input.retention]
title = "retention"
question = "How many are kept?"
part = "staff"
drives = ["retention"]
beta = { low = 0.1, high = 0.5 }
source = "assumption: a test"
confidence = "assumption"

[input.premium]
title = "agency premium"
question = "What will agencies ask?"
part = "arithmetic"
drives = ["agency_premium"]
lognormal = { low = 0.7, high = 1.4 }
source = "assumption: a test"
confidence = "assumption"

[[correlation]]
between = ["leaving", "premium"]
rank = 0.5
source = "assumption: a test"
confidence = "assumption"
"""


def needed(told):
    return 1000 * told.get("access", 1.0) * told.get("prevalence", 1.0) ** 0.5 / told.get("alternatives", 1.0)


def in_post(told):
    leaving = 0.1 * told.get("leaving", 1.0) * (1 - told.get("retention", 0.3))
    return 900 * (1 - leaving) + 50 * told.get("training", 1.0)


def simulate(point):
    told, rng = dict(point.told), np.random.default_rng(point.seed)
    if point.part == "demand":
        posts = needed(told) + rng.normal(0, LUCK)
        return {("modelled_posts", "here"): posts, ("modelled_pounds", "here"): posts * POUNDS_A_POST}
    staff = in_post(told) + rng.normal(0, LUCK)
    pounds = 400_000 * told.get("retention", 0.3) + 1_000_000 * told.get("training", 1.0)
    return {("in_post", "here"): staff, ("effective", "here"): staff,
            ("effective_pounds", "here"): staff * POUNDS_A_POST,
            ("supply_pounds", "here"): pounds, ("start_posts", "here"): START,
            ("start_pounds", "here"): START * POUNDS_A_POST}  # fmt: skip


def parts():
    return Parts(PRESENT, simulate, {"here": 100_000.0}, Decision(20_000.0, 10_000.0))


def wanted(points=64, seed=1, budget_seconds=60.0):
    return Wanted("here", "here", "2020/21", seed, points, budget_seconds)
