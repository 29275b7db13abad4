"""Python rules at decision states: asked for the batch that arrived, with keyed luck, and obeyed."""

import numpy as np
import pytest

from abm.model import CareSystem
from abm.network import DAY
from abm.patients import Patient
from abm.setting import setting_of
from kernels import columns as c
from kernels.draws import purpose
from kernels.entry import block
from pathways.errors import InputError

STATE = "talking_therapies/referral"


def area_model(**arguments):
    return CareSystem(setting_of(), **{"days": 14, "warm_up": 0, **arguments})


def taken(model, state):
    """How often each ordinary route of a state was taken: {to: times}."""
    flows = model.m.flow.sum(axis=1)
    return {to: int(flows[i]) for i, (origin, to, _) in enumerate(model.network.flat.routes) if origin == state}


def as_the_file(batch, routes, draws):
    return None


@pytest.fixture(scope="module")
def without():
    """The same run without rules."""
    return area_model().run()


def test_a_rule_that_says_what_the_file_says_gives_the_same_digest(without):
    asked = []

    def usual(batch, routes, draws):
        asked.append(len(batch))
        return batch.usual()

    model = area_model(rules={STATE: usual, "crisis/assessed": as_the_file, "liaison/outcome": as_the_file}).run()
    assert sum(asked) == sum(taken(without, STATE).values()) > 100
    assert model.reading().digest == without.reading().digest


def test_a_rule_that_looks_the_files_shares_up_by_the_same_word_gives_the_same_digest(without):
    plain = [
        state for state, row in zip(without.network.flat.state_names, without.m.state, strict=True)
        if row["kind"] == c.DECISION and row["groups"][1] - row["groups"][0] == 1
        and not without.m.route_group[row["groups"][0]]["has_odds"] and len(taken(without, state)) > 1
        and sum(taken(without, state).values()) > 20
    ]  # fmt: skip
    assert plain

    def by_share(batch, routes, draws):
        return np.searchsorted(np.cumsum([route.share for route in routes])[:-1], draws.route, side="right")

    model = area_model(rules=dict.fromkeys(plain, by_share)).run()
    assert model.reading().digest == without.reading().digest


def test_a_rule_is_obeyed(without):
    times = taken(without, STATE)
    wanted = max(times, key=times.get)
    model = area_model(rules={STATE: lambda batch, routes, draws: wanted}).run()
    assert {to: n for to, n in taken(model, STATE).items() if n} == {wanted: sum(times.values())}
    assert model.reading().digest != without.reading().digest


def test_a_rule_registered_between_two_days_holds_from_then_on(without):
    model = area_model()
    model.run_for(7)
    before = taken(model, STATE)
    wanted = min(before, key=before.get)
    model.rule(STATE, lambda batch, routes, draws: wanted.partition("/")[2])
    model.run()
    later = {to: n - before[to] for to, n in taken(model, STATE).items()}
    assert later[wanted] == sum(later.values()) > 0


def test_a_rule_outlives_an_edit_of_its_pathway(without):
    times = taken(without, STATE)
    wanted = max(times, key=times.get)
    model = area_model(rules={STATE: lambda batch, routes, draws: wanted})
    model.run_for(7)
    graph = model.pathways["talking_therapies"]
    graph.nodes["opt_in"]["time"] = {"constant": "1 day"}
    model.run()
    assert {to: n for to, n in taken(model, STATE).items() if n} == {wanted: sum(times.values())}


def test_the_batch_is_who_arrived_in_tie_order():
    batches = []

    def look(batch, routes, draws):
        rows = batch.model.m.referral[batch.referrals]
        assert (rows["state"] == batch.model.network.flat.state(STATE)).all()
        assert (rows["since"] == batch.second).all()
        assert (np.diff(rows["tie"].astype(np.int64)) >= 0).all()
        assert batch.time == batch.model.when(batch.second)
        assert (batch.get("age") == batch.model.m.age[batch.people]).all()
        assert len(batch.patients) == batch.resident.sum()
        assert [route.to for route in routes] == list(taken(batch.model, STATE))
        batches.append((batch.second, len(batch)))

    area_model(rules={STATE: look}).run()
    assert len(batches) > 100
    assert [second for second, _ in batches] == sorted(second for second, _ in batches)


def test_several_who_arrive_in_one_second_come_as_one_batch():
    """Everybody who was made to come in the same second is asked for at once."""
    model = area_model(days=2)
    sizes = []
    model.rule(STATE, lambda batch, routes, draws: sizes.append(len(batch)))
    door = [one.name for one in model.setting.demand.doors].index("talking_therapies/gp")
    from kernels import entry

    for row in np.arange(0, 2000, 100):
        entry.book_first_onsets(model.m.address, np.array([(row << 8) | door]), np.array([12 * 3600]), 1)
    model.run()
    assert max(sizes) >= 20


def test_luck_is_a_function_of_who_what_for_and_which_visit():
    seen = {}

    def draw(batch, routes, draws):
        for u, v, referral in zip(draws.uniform("coin"), draws.uniform("other"), batch.referrals, strict=True):
            ref = batch.model.m.referral[referral]
            words = block(
                3,
                1,
                ref["id0"],
                ref["id1"],
                purpose(f"{STATE}/rule/coin"),
                int(ref["entry"]) << 16 | int(ref["visit"]),
            )
            assert u == ((int(words[0]) >> 5) * 2**26 + (int(words[1]) >> 6)) / 2**53
            seen[int(ref["id0"]), int(ref["id1"]), int(ref["entry"])] = u
            assert u != v

    area_model(rules={STATE: draw}, seed=3, replication=1).run()
    values = np.array(list(seen.values()))
    assert len(np.unique(values)) == len(values)
    assert abs(values.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(values))


def test_a_rule_by_keyed_luck_gives_the_same_run_at_any_step_length():
    def toss(batch, routes, draws):
        return (draws.uniform("toss") * len(routes)).astype(int)

    digests = {area_model(rules={STATE: toss}, minutes_per_step=step).run().reading().digest for step in (5, 15)}
    assert len(digests) == 1


def test_paired_runs_differ_only_where_the_rule_decided_otherwise(without):
    """Until the first person is sent elsewhere, the two runs are the same to the bit."""
    first = []

    def one_person_otherwise(batch, routes, draws):
        if first or batch.second < 3 * DAY:
            return None
        first.append(batch.second)
        answer = [None] * len(batch)
        answer[0] = int((batch.usual()[0] + 1) % len(routes))
        return answer

    model, other = area_model(rules={STATE: one_person_otherwise}), area_model()
    for day in range(14):
        model.step()
        other.step()
        if not first:
            assert model.m.now[c.HASH] == other.m.now[c.HASH], day
    assert first
    changed = sum(abs(n - taken(other, STATE)[to]) for to, n in taken(model, STATE).items())
    assert changed == 2


def test_python_that_draws_in_turn_is_refused_inside_rules():
    for draw in (lambda model: model.random.random(), lambda model: model.rng.random()):
        model = area_model(days=2, rules={STATE: lambda batch, routes, draws, draw=draw: draw(batch.model)})
        assert 0 <= draw(model) < 1
        with pytest.raises(RuntimeError, match=r"draws\.uniform"):
            model.run()
        assert 0 <= draw(model) < 1


@pytest.mark.parametrize("answer", ["talking_therapies/screening_", 99, -1, [0] * 999, 0.5])
def test_an_answer_that_is_no_route_is_refused(answer):
    model = area_model(days=4, rules={STATE: lambda batch, routes, draws: answer})
    with pytest.raises(InputError, match=STATE):
        model.run()


def test_a_rule_for_what_is_no_decision_is_refused_with_the_nearest_word():
    with pytest.raises(InputError, match=r"did you mean .talking_therapies/referral"):
        area_model(days=1, rules={"talking_therapies/referal": as_the_file})
    with pytest.raises(InputError, match="decision"):
        area_model(days=1, rules={"crisis/urgent_assessment": as_the_file})


class Cautious(Patient):
    """A patient who, past 40, goes the first way and otherwise as the file says."""

    decides = (STATE,)

    def decide(self, state, routes, draws):
        assert 0 <= draws.uniform("mood") < 1
        assert 0 <= draws.route < 1
        return routes[0].to if self.age >= 40 else None

    @property
    def is_old(self):
        return self.age >= 40


def test_a_subclass_of_patient_decides_for_itself(without):
    times = taken(without, STATE)
    model = area_model(patient_class=Cautious).run()
    assert isinstance(model.patients[0], Cautious)
    assert model.agents_by_type[Cautious] is model.patients
    assert model.patients[0].is_old in (True, False)
    first = next(iter(times))

    def the_same(batch, routes, draws):
        return np.where(batch.get("age") >= 40, first, None)

    assert taken(model, STATE)[first] > times[first]
    assert model.reading().digest == area_model(rules={STATE: the_same}).run().reading().digest


def test_the_source_of_a_rule_enters_the_runs_identity():
    def one(batch, routes, draws):
        return 0

    def with_limit(limit):
        def rule(batch, routes, draws):
            return np.where(batch.get("age") > limit, 0, None)

        return rule

    plain = area_model().identity
    assert plain == area_model().identity != area_model(seed=2).identity
    by_rule = [area_model(rules={STATE: rule}).identity for rule in (one, as_the_file, with_limit(3), with_limit(4))]
    assert len({plain, *by_rule, area_model(patient_class=Cautious).identity}) == 6
    assert by_rule[2] == area_model(rules={STATE: with_limit(3)}).identity
