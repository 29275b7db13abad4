"""States taken away from a running model: whoever is there moves to a named state at that midnight."""

import datetime

import numpy as np
import pytest

from abm.balance import open_referrals, prove
from abm.checkpoint import Checkpoint
from abm.model import CareSystem
from abm.proof import Proof
from abm.setting import setting_of
from kernels import columns as c
from pathways.errors import InputError

THERAPIES = "talking_therapies"
START = datetime.date(2016, 4, 4)
DAYS = 34
BEFORE = 30


@pytest.fixture(scope="module")
def setting():
    return setting_of("lsc", (THERAPIES,))


@pytest.fixture(scope="module")
def base(setting, tmp_path_factory):
    """A run of thirty days, to go on from."""
    model = CareSystem(setting, start=START, days=DAYS, warm_up=0)
    model.run_for(BEFORE)
    return Checkpoint.read(model.checkpoint(tmp_path_factory.mktemp("base") / "thirty.arrow"))


@pytest.fixture
def model(setting, base):
    return CareSystem.from_checkpoint(base, setting)


def there(model, state):
    rows = open_referrals(model.simulation)
    return rows[model.m.referral["state"][rows] == model.network.flat.state(f"{THERAPIES}/{state}")]


ALONE = {"opt_in": ["did_not_opt_in"], "telephone_assessment": ["rebook"]}
"""States to which nothing leads without another"""


def without(model, state, moves_to=None, instead="screening"):
    """Take a state away: routes that led there lead to another, clocks that named it name one that comes late."""
    graph = model.pathways[THERAPIES]
    leading = [(a, dict(keys)) for a, b, keys in graph.routes() if b == state]
    for gone in [state, *ALONE.get(state, [])]:
        graph.remove_state(gone, moves_to=moves_to)
        for clock in graph.clocks.values():
            for end in ("starts", "stops", "pauses"):
                if gone in clock.get(end, []):
                    clock[end] = [name for name in clock[end] if name != gone] or ["improved"]
    for origin, keys in leading:
        if origin in graph:
            keys = {key: value for key, value in keys.items() if key not in ("order", "also")}
            graph.add_route(origin, moves_to or instead, **keys)


def declared_clocks(model, referrals):
    """Return the declared clocks that run for each referral, and since when: {referral: {(clock, since), …}}."""
    names = model.network.flat.clocks
    slots = {r: model.m.running[r][["clock", "since"]].tolist() for r in referrals}
    return {r: {one for one in found if one[0] and not names[one[0] - 1].of_state} for r, found in slots.items()}


# a wait, a contact with a queue, a course held by one clinician, a course of a group
HELD = {
    "opt_in": "screening", "telephone_assessment": "assessed", "guided_self_help": "counselling",
    "group": "counselling",
}  # fmt: skip


@pytest.mark.parametrize("state", HELD)
def test_whoever_is_there_moves_at_that_midnight_and_their_clocks_go_on(model, state):
    people = there(model, state)
    assert len(people) >= 10
    ids = model.m.referral[["id0", "id1"]][people].copy()
    clocks = declared_clocks(model, people)
    without(model, state, HELD[state])
    model.take_over_edits()
    model.simulation.advance(BEFORE * 86_400 + 900)  # the second of midnight is over
    with_a_clinician = there(model, state)
    assert ((model.m.referral["flags"][with_a_clinician] & c.IS_BUSY) != 0).all()
    assert len(with_a_clinician) < len(people)
    still_open = np.isin(people, open_referrals(model.simulation)) & ~np.isin(people, with_a_clinician)
    same = still_open & (model.m.referral[["id0", "id1"]][people] == ids)
    assert any(clocks[r] for r in people[same])
    now = declared_clocks(model, people[same])
    assert all(clocks[r] <= now[r] for r in people[same])
    model.simulation.advance((BEFORE + 1) * 86_400)
    assert not len(there(model, state))


def test_everything_balances_when_states_are_taken_away(model):
    without(model, "guided_self_help", "counselling")
    without(model, "group", "counselling")
    model.proof = Proof(model)
    model.run()  # proves every midnight
    assert not len(there(model, "guided_self_help"))
    assert model.proof.days == DAYS - BEFORE


def test_a_state_that_holds_people_is_not_removed_without_a_word(model):
    n = len(there(model, "opt_in"))
    without(model, "opt_in")
    with pytest.raises(InputError, match=rf"state.opt_in; got '{n:,} people are there'.*moves_to"):
        model.step()
    assert model.steps == BEFORE


def test_people_move_to_a_state_that_is_there(model):
    graph = model.pathways[THERAPIES]
    without(model, "opt_in", "screening")
    graph.taken_away["opt_in"] = graph.taken_away["opt_in"]._replace(moves_to="screning")
    with pytest.raises(InputError, match="did you mean 'screening'"):
        model.step()


def test_a_branch_takes_a_state_away_as_the_uninterrupted_run_does(setting, base, tmp_path):
    def policy(model):
        without(model, "opt_in", "screening")

    date = START + datetime.timedelta(days=BEFORE + 1)
    whole = CareSystem(setting, start=START, days=DAYS, warm_up=0)
    whole.change_on(date, policy)
    whole.run_for(BEFORE)
    branch = CareSystem.from_checkpoint(base, setting, changes=[(date, policy)])
    for day in range(BEFORE, DAYS - 1):
        whole.step()
        branch.step()
        assert whole.m.now[c.HASH] == branch.m.now[c.HASH], day
    again = CareSystem.from_checkpoint(branch.checkpoint(tmp_path / "again.arrow"), setting)
    assert again.network.flat.routes == whole.network.flat.routes
    whole.run()
    again.run()
    assert whole.m.now[c.HASH] == again.m.now[c.HASH]
    assert whole.identity == again.identity
    assert prove(again.simulation) == []
