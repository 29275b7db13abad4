"""Nobody has two hospital beds: who has one and comes to another stands aside until they have left it."""

import random
from itertools import pairwise

import numpy as np
import pytest

from abm.balance import hospital_beds, open_referrals, prove
from abm.model import CareSystem
from abm.setting import prepare
from kernels import columns as c
from pathways import files

DAY = 86_400
NURSING = 'nursing = [{ hours = "24/7", registered = 1, per_places = 10 }]'

WARD = """
name = "{name}"
entries = ["bed"]
{demand}
[team.ward]
places = {places}
{nursing}
[state.bed]
kind = "place"
team = "ward"
stay = {stay}
{more}
[state.home]
kind = "end"
[[route]]
from = "bed"
to = "home"
share = 1
{routes}
"""

COMES = """
[demand]
published = {published}
year = "2016/17"
source = "assumption: for a test"
[door.gp]
to = "asked"
share = 1.0
factors = "crisis"
source = "assumption: for a test"
[state.asked]
kind = "decision"
opens = {opens}
[[route]]
from = "asked"
to = "bed"
share = 1
"""

AWAY = """
name = "other"
entries = ["away"]
[state.away]
kind = "wait"
time = {{ constant = "5 days" }}
{bed}
[state.home]
kind = "end"
[[route]]
from = "away"
to = "home"
share = 1
"""


def ward(name, stay='{ constant = "10 days" }', places=5000, nursing=NURSING, more="", routes="", demand=""):
    return WARD.format(name=name, stay=stay, places=places, nursing=nursing, more=more, routes=routes, demand=demand)


def comes(opens, published=400_000):
    return COMES.format(published=published, opens=opens)


def model_of(*texts, days=40, **more):
    graphs = {graph.name: graph for graph in map(files.parse, texts)}
    return CareSystem(prepare("lsc", graphs), days=days, warm_up=0, events=True, **more)


def stays(model, *states):
    """{person: [(began, ended or None, state)]} of the stays in some states, by the event log alone."""
    names, found, begun = model.network.flat.state_names, {}, {}
    for e in model.simulation.events():
        name = names[e["state"]]
        if name not in states:
            continue
        person = (int(e["id0"]) & 0xFFFFF, int(e["id1"]))
        key = (int(e["id0"]), int(e["id1"]), int(e["entry"]), name)
        if e["kind"] == c.L_BEGAN:
            begun[key] = int(e["time"])
        elif e["kind"] == c.L_ENDED and key in begun:
            found.setdefault(person, []).append((begun.pop(key), int(e["time"]), name))
    for (id0, id1, _, name), began in begun.items():
        found.setdefault((id0 & 0xFFFFF, id1), []).append((began, None, name))
    return {person: sorted(one) for person, one in found.items()}


def overlaps(found):
    """How many stays of one person begin before another of theirs is over."""
    return sum(a[1] is None or b[0] < a[1] for one in found.values() for a, b in pairwise(one))


def whole(found, n):
    """The stays of people who have had `n` that are over."""
    return [one for one in found.values() if len(one) == n and all(ended is not None for _, ended, _ in one)]


def test_a_second_admission_waits_until_the_first_stay_is_over_and_begins_in_that_second():
    model = model_of(ward("one", demand=comes(["other/bed"])), ward("other", stay='{ constant = "5 days" }')).run()
    found = whole(stays(model, "one/bed", "other/bed"), 2)
    assert len(found) > 500
    assert {b[0] - a[1] for a, b in found} == {0}
    assert {b[1] - a[0] for a, b in found} == {15 * DAY}
    assert {a[2] for a, _ in found} == {"one/bed"}  # who came first
    assert prove(model.simulation) == []


def test_a_place_that_is_no_hospital_bed_may_be_held_beside_one():
    model = model_of(ward("one", demand=comes(["other/bed"])), ward("other", nursing="")).run()
    found = stays(model, "one/bed", "other/bed")
    assert overlaps(found) > 500
    assert {b[0] - a[0] for a, b in whole(found, 2)} == {0}


@pytest.mark.parametrize(("bed", "after"), [("hospital_bed = true", {5 * DAY, -10 * DAY}), ("", {-5 * DAY})])
def test_a_bed_elsewhere_counts_as_one(bed, after):
    """Ten days on the ward and five elsewhere follow each other, whichever is first; another wait goes on beside."""
    model = model_of(ward("one", demand=comes(["other/away"])), AWAY.format(bed=bed)).run()
    left = {person: one[0][1] for person, one in stays(model, "one/bed").items() if one[0][1] is not None}
    back, asked = times(model, "other/away", c.L_ENDED), times(model, "one/bed", c.L_JOINED)
    found = [back[person][0] - left[person] for person in left.keys() & back.keys() if len(asked[person]) == 1]
    assert len(found) > 500
    assert set(found) == after


def times(model, state, kind):
    """{person: [seconds]} at which people joined or left a state."""
    at, found = model.network.flat.state(state), {}
    for e in model.simulation.events():
        if e["state"] == at and e["kind"] == kind:
            found.setdefault((int(e["id0"]) & 0xFFFFF, int(e["id1"])), []).append(int(e["time"]))
    return found


GIVES_UP = '[[route]]\nfrom = "bed"\nto = "home"\nwhen = "left_waiting"\nshare = 1'


@pytest.mark.parametrize("nursing", [NURSING, ""])
def test_nobody_in_a_bed_is_sent_away_for_want_of_another(nursing):
    more = 'patience = { constant = "1 day" }\n'
    other = ward("other", stay='{ constant = "5 days" }', nursing=nursing, more=more, routes=GIVES_UP)
    model = model_of(ward("one", demand=comes(["other/bed"])), other).run()
    left = int(model.m.cell["left"].sum())
    assert left == 0  # beds are there for all: those who wait, wait in another bed
    few = ward("other", stay='{ constant = "5 days" }', places=1, nursing=nursing, more=more, routes=GIVES_UP)
    model = model_of(ward("one", demand=comes(["other/bed"])), few).run()
    assert model.m.cell["left"].sum() > 500  # after their stay, or in it where it is no hospital bed


def test_a_bed_kept_by_who_is_ready_to_leave_is_a_bed():
    care = '[team.care]\nplaces = 2000\n[state.care]\nkind = "place"\nteam = "care"\nstay = { constant = "3 days" }'
    blocked = ward("one", more='blocked_by = "care"', demand=comes(["other/bed"])).replace('to = "home"', 'to = "care"')
    blocked += care.replace("2000", "1") + '\n[[route]]\nfrom = "care"\nto = "home"\nshare = 1\n'
    model = model_of(blocked, ward("other", stay='{ constant = "1 day" }'), days=30)
    for _ in range(30):
        model.step()
        assert prove(model.simulation) == []
    ref = model.m.referral[open_referrals(model.simulation)]
    keeps = ref[ref["kept_post"] >= 0]["person"]
    asides = ref[(ref["flags"] & c.IS_ASIDE) != 0]["person"]
    assert keeps.size > 100
    assert np.isin(keeps, asides).mean() > 0.3  # who went to the other ward first had it behind them


def random_wards(seed):
    """Three services of wards, elsewhere and care at random, that send each other the same people."""
    pick = random.Random(seed)
    names = ("one", "two", "three")
    texts = []
    for i, name in enumerate(names):
        others = [f"{other}/bed" for other in names[i + 1 :]]
        stay = pick.choice(('{ constant = "2 days" }', '{ exponential = { mean = "4 days" } }',
                            '{ lognormal = { mean = "5 days", sd = "4 days" } }'))  # fmt: skip
        more, routes = "", ""
        patience = pick.choice(('{ constant = "6 h" }', '{ exponential = { mean = "1 day" } }'))
        more += f"urgency = '{pick.choice(('emergency', 'urgent', 'routine'))}'\npatience = {patience}\n"
        routes += '[[route]]\nfrom = "bed"\nto = "away"\nwhen = "left_waiting"\nshare = 1\n'
        routes += '[[route]]\nfrom = "bed"\nto = "away"\nwhen = "waiting 30 h"\nshare = 1\n'
        routes += f'[state.away]\nkind = "wait"\ntime = {stay}\nhospital_bed = true\n'
        back = pick.choice(("bed", "home", "second"))
        routes += f'[[route]]\nfrom = "away"\nto = "{back}"\nshare = 0.3\n[[route]]\nfrom = "away"\nto = "last"\n'
        routes += 'share = 0.7\n[state.last]\nkind = "end"\n'
        routes += f'[state.second]\nkind = "place"\nteam = "second"\nstay = {stay}\n[team.second]\nplaces = 30\n'
        routes += (NURSING if pick.random() < 0.6 else "") + "\n"
        routes += '[[route]]\nfrom = "second"\nto = "last"\nshare = 1\n'
        if pick.random() < 0.6:
            more += 'blocked_by = "second"\n'
        text = ward(name, stay, pick.choice((20, 60, 200)), NURSING, more, routes, comes(others, 40_000))
        if not others:
            text = text.replace("opens = []\n", "")
        texts.append(text.replace('from = "bed"\nto = "home"\nshare = 1', 'from = "bed"\nto = "home"\nshare = 0.5\n'
                                  '[[route]]\nfrom = "bed"\nto = "second"\nshare = 0.5'))  # fmt: skip
    return texts


def random_run(seed, days=12):
    """Run random wards, look at every midnight, and return (model, nights asleep in a bed, nights stood aside)."""
    model = model_of(*random_wards(seed), days=days)
    nights = aside = 0
    for _ in range(days):
        model.step()
        assert prove(model.simulation) == []
        rows = open_referrals(model.simulation)
        beds = hospital_beds(model.simulation, rows)
        assert beds.max() <= 1, f"seed {seed}"
        nights += int(beds.sum())
        aside += int(((model.m.referral["flags"][rows] & c.IS_ASIDE) != 0).sum())
    return model, nights, aside


def check_random_run(seed):
    model, nights, aside = random_run(seed)
    assert nights > 500
    assert aside > 50
    wards = [name for name, row in zip(model.network.flat.state_names, model.m.state, strict=False)
             if row["ward"] and row["kind"] == c.PLACE]  # fmt: skip
    assert overlaps(stays(model, *wards)) == 0, f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_in_two_beds_at_any_midnight_or_second_of_random_wards(seed):
    check_random_run(seed)


@pytest.mark.verify
@pytest.mark.parametrize("seed", range(3, 25))
def test_nobody_is_in_two_beds_of_many_random_wards(seed):
    check_random_run(seed)


def test_the_proof_finds_somebody_in_two_beds():
    model = model_of(ward("one", demand=comes(["other/bed"])), ward("other"), days=5).run()
    assert prove(model.simulation) == []
    ref = model.m.referral
    rows = open_referrals(model.simulation)
    aside = rows[(ref["flags"][rows] & c.IS_ASIDE) != 0][0]
    ref["flags"][aside] = c.IS_BUSY
    assert any("1 residents have more than one hospital bed" in fault for fault in prove(model.simulation))
