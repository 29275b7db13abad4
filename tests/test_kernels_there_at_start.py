"""People who are there at the start are told from residents, whatever tag a resident's referral bears."""

import numpy as np
import pytest

from abm import tags
from abm.model import CareSystem
from abm.setting import prepare
from kernels import columns as c
from pathways import files

DAY = 86_400
TEXT = """
name = "crisis"
[demand]
published = 200_000
year = "2016/17"
source = "assumption: for a test"
[door.{door}]
to = "stay"
share = 1.0
factors = "crisis"
source = "assumption: for a test"
[team.house]
places = 5000
[state.stay]
kind = "place"
team = "house"
stay = {{ constant = "10 days" }}
at_start = 200
at_start_stay = "stationary"
[state.home]
kind = "end"
[[route]]
from = "stay"
to = "home"
share = 1
"""


@pytest.mark.parametrize(("door", "looks_alike"), [("nhs111", True), ("gp", False)])
def test_a_resident_with_a_tag_like_theirs_stays_as_long_as_any_other(door, looks_alike):
    graph = files.parse(TEXT.format(door=door))
    model = CareSystem(prepare("lsc", {"crisis": graph}), days=30, warm_up=0, events=True)
    tag = tags.of_doors(model.setting.specs)[f"crisis/{door}"]
    assert (c.AT_START >> 20 <= tag < c.STREAM_ID >> 20) == looks_alike
    log = model.run().simulation.events()
    began = {(e["id0"], e["id1"], e["entry"]): int(e["time"]) for e in log if e["kind"] == c.L_BEGAN}
    lengths = {key: int(e["time"]) - began[key] for e in log if e["kind"] == c.L_ENDED
               and (key := (e["id0"], e["id1"], e["entry"])) in began}  # fmt: skip
    residents = np.array([n for key, n in lengths.items() if key[0] >> 20 == tag])
    assert residents.size > 300
    assert (residents == 10 * DAY).all()
    others = np.array([n for key, n in lengths.items() if key[0] >> 20 != tag])
    assert others.size == 200
    assert 4 * DAY < others.mean() < 6 * DAY  # what is left of a stay met under way
