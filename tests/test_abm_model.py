"""The model: a day at a time, policies on their date, pathways edited and teams resized between days."""

import datetime

import mesa
import numpy as np
import pytest
from mesa.datacollection import DataCollector

from abm.balance import prove
from abm.model import CareSystem
from abm.network import DAY
from abm.patient_sets import TooManyPatients
from abm.setting import setting_of
from abm.teams import Team, shared_out
from abm.units import UNLIMITED
from kernels import columns as c
from pathways.errors import InputError

START = datetime.date(2016, 4, 4)
ASSESSMENT = "talking_therapies/assessment"


def area_model(**arguments):
    return CareSystem(setting_of(), **{"start": START, "days": 21, "warm_up": 0, **arguments})


def taken(model, origin):
    """How often each route of a state was taken: {to: times}."""
    flows = model.m.flow.sum(axis=1)
    out = {}
    for i, (state, to, _) in enumerate(model.network.flat.routes):
        if state == origin:
            out[to] = out.get(to, 0) + int(flows[i])
    return out


def proved(model):
    """People, referrals, staff, beds and caseloads balance."""
    assert prove(model.simulation) == []
    return model


# --- the day ------------------------------------------------------------------------------------------------


def test_a_step_is_a_day_however_it_is_taken():
    by_run, by_step, by_mesa = area_model(days=5).run(), area_model(days=5), area_model(days=5)
    for day in range(5):
        assert by_step.today == START + datetime.timedelta(days=day)
        by_step.step()
        proved(by_step)
    by_mesa.run_for(5)
    assert by_step.time == by_mesa.time == by_step.steps == 5
    assert by_step.today == START + datetime.timedelta(days=5)
    assert len({model.reading().digest for model in (by_run, by_step, by_mesa)}) == 1


def test_the_books_open_when_the_warm_up_ends():
    model = area_model(days=3, warm_up=4)
    assert model.first_day == START - datetime.timedelta(days=4)
    model.run_for(4)
    assert model.opening is not None
    assert model.reading().seconds == 0
    model.run()
    assert model.reading().seconds == 3 * DAY
    assert not model.running


def test_the_day_is_written_down():
    model = area_model(days=4).run()
    assert model.daily.n == 4
    assert (model.daily.waiting[-1] == model.m.cell["n_waiting"]).all()


# --- policies on their date ---------------------------------------------------------------------------------


def test_a_change_is_made_when_its_day_begins_and_not_before():
    model, seen = area_model(days=6), []
    model.change_on("2016-04-07", lambda m: seen.append((m.today, int(m.m.now[c.T]))))
    model.change_on(START, lambda m: seen.append((m.today, int(m.m.now[c.T]))))
    for day in range(6):
        assert len(seen) == (0 if day == 0 else 1 if day < 3 else 2)
        model.step()
    assert seen == [(START, 0), (datetime.date(2016, 4, 7), 3 * DAY)]


def test_a_change_on_mesas_own_schedule_does_the_same():
    digests = []
    for way in ("change_on", "schedule_event"):
        model = area_model(days=10)

        def close(model=model):
            model.team(ASSESSMENT, "Fylde Coast").absence = 1.0

        if way == "change_on":
            model.change_on("2016-04-08", lambda m, close=close: close())
        else:
            model.schedule_event(close, at=4)
        digests.append(model.run().reading().digest)
    assert digests[0] == digests[1] != area_model(days=10).run().reading().digest


def test_a_change_in_the_past_is_refused():
    model = area_model(days=3)
    model.step()
    with pytest.raises(InputError, match="2016-04-05 or later"):
        model.change_on(START, lambda m: None)


def test_changes_and_edits_enter_the_identity():
    plain, dated = area_model(days=2), area_model(days=2)
    dated.change_on("2016-04-05", lambda m: None)
    assert plain.identity != dated.identity
    before = plain.identity
    plain.team(ASSESSMENT, "Fylde Coast").absence = 0.5
    assert plain.identity != before


# --- the graph is alive -------------------------------------------------------------------------------------


def split(model):
    """The state of crisis that most people leave by plain shares alone, and its routes."""
    found = {}
    for origin, to, keys in model.pathways["crisis"].routes():
        found.setdefault(origin, []).append((origin, to, keys))
    plain = {s: r for s, r in found.items() if len(r) > 1 and not any({"when", "if"} & set(k) for _, _, k in r)}
    best = max(plain, key=lambda state: sum(taken(model, f"crisis/{state}").values()))
    return best, plain[best]


def test_changing_a_share_between_two_days_changes_the_next_days_routing():
    model, untouched = area_model(), area_model()
    model.run_for(10)
    untouched.run_for(10)
    state, routes = split(model)
    graph = model.pathways["crisis"]
    least = min(routes, key=lambda route: route[2]["share"])[1]
    for _, to, _ in routes:
        graph.edges[state, to]["share"] = 0.99 if to == least else 0.01 / (len(routes) - 1)
    before = taken(model, f"crisis/{state}")
    assert before == taken(untouched, f"crisis/{state}")
    assert model.m.now[c.HASH] == untouched.m.now[c.HASH]
    model.step()
    untouched.step()
    later = {to: n - before[to] for to, n in taken(model, f"crisis/{state}").items()}
    usual = {to: n - before[to] for to, n in taken(untouched, f"crisis/{state}").items()}
    full = least if "/" in least else f"crisis/{least}"
    plain = {b if "/" in b else f"crisis/{b}" for _, b, _ in routes}
    assert later[full] > usual[full]
    assert sum(later[to] for to in plain if to != full) < sum(usual[to] for to in plain if to != full)
    assert model.m.now[c.HASH] != untouched.m.now[c.HASH]
    proved(model.run())


def test_an_edit_that_changes_nothing_changes_nothing():
    """Taking over the same content anew leaves the run as it was, to the bit."""
    model, untouched = area_model(), area_model().run()
    for _ in range(3):
        model.run_for(6)
        for name in model.pathways:
            graph = model.pathways[name]
            _, _, keys = next(graph.routes())
            keys["source"] = keys.get("source", "") + " (checked)"
        assert model.pathways.edited() == list(model.pathways)
    model.run()
    assert model.pathways.edited() == []
    assert model.reading().digest == untouched.reading().digest
    assert (model.reading().flow == untouched.reading().flow).all()


def test_other_models_and_the_setting_keep_their_pathways():
    model, other = area_model(days=2), area_model(days=2)
    content = setting_of().pathways["crisis"].digest()
    _, _, keys = next(model.pathways["crisis"].routes())
    keys["share"] = 0.123
    assert setting_of().pathways["crisis"].digest() == content == other.pathways["crisis"].digest()
    assert model.pathways["crisis"].digest() != content


def test_shares_that_do_not_sum_to_one_are_refused_at_the_next_step_and_the_run_can_go_on():
    model, untouched = area_model(days=4), area_model(days=4).run()
    model.step()
    state, routes = split(model)
    keys = routes[0][2]
    share = keys["share"]
    keys["share"] = share / 2
    with pytest.raises(InputError, match=state):
        model.step()
    assert model.m.now[c.T] == DAY
    keys["share"] = share
    model.change_on(model.today, lambda m: None)
    model.run()
    assert model.time == model.steps == untouched.time == 4
    assert model.reading().digest == untouched.reading().digest


@pytest.mark.parametrize(
    "edit",
    [
        lambda g: g.add_state("cafe", kind="end"),
        lambda g: g.teams[next(iter(g.teams))].update(scope="area"),
        lambda g: g.demand.update(external=5),
        lambda g: g.doors["gp"].update(share=0.5),
    ],
    ids=["state", "team", "demand", "door"],
)
def test_what_people_stand_in_cannot_be_edited_during_a_run(edit):
    model = area_model(days=2)
    model.step()
    edit(model.pathways["crisis"])
    with pytest.raises(InputError):
        model.step()


def test_an_unknown_pathway_is_refused_with_the_nearest_word():
    with pytest.raises(InputError, match=r"did you mean .crisis"):
        area_model(days=1).pathways["crysis"]


def test_a_route_may_be_added_and_taken_away_and_flows_keep_their_places():
    model = area_model()
    model.run_for(8)
    graph = model.pathways["crisis"]
    state, routes = split(model)
    end = next(
        name for name, keys in graph.states().items() if keys["kind"] == "end" and not graph.has_edge(state, name)
    )
    before = taken(model, f"crisis/{state}")
    largest = max(routes, key=lambda route: route[2]["share"])
    share = largest[2]["share"]
    largest[2]["share"] = share / 2
    graph.add_route(state, end, share=share / 2, source="assumption: a test")
    model.run_for(8)
    between = taken(model, f"crisis/{state}")
    assert between[f"crisis/{end}"] > 0
    assert all(between[to] >= n for to, n in before.items())
    graph.remove_route(state, end, graph.edges[state, end])
    graph.edges[state, largest[1]]["share"] = share
    model.run()
    after = taken(model, f"crisis/{state}")
    assert after[f"crisis/{end}"] == between[f"crisis/{end}"]
    assert sum(after.values()) > sum(between.values())
    proved(model)


def test_lengths_may_be_edited_too():
    model, untouched = area_model(), area_model()
    model.run_for(5)
    untouched.run_for(5)
    graph = model.pathways["talking_therapies"]
    graph.nodes["opt_in"]["time"] = {"constant": "1 hour"}
    model.run()
    untouched.run()
    cells = [
        i
        for i, (s, _) in enumerate(model.network.flat.cells)
        if s == model.network.flat.state("talking_therapies/opt_in")
    ]
    assert model.m.cell["n_present"][cells].sum() < 0.5 * untouched.m.cell["n_present"][cells].sum()


# --- teams --------------------------------------------------------------------------------------------------


def test_there_is_one_team_agent_for_every_unit():
    model = area_model(days=1)
    assert len(model.teams) == len(model.network.units.units)
    assert sorted(team.name for team in model.agents_by_type[Team]) == sorted(u.name for u in model.network.units.units)
    assert len(model.agents) == len(model.teams) + len(model.patients)
    team = model.team(ASSESSMENT, "Fylde Coast")
    assert team in model.agents
    assert model.agents.select(agent_type=Team).to_list() == model.teams.to_list()
    assert team.roster == team.unit.spec.staff
    hours = sum(
        lever.hours_a_week * team.on_shift[lever.role, lever.row] for lever in team.levers if lever.kind == "staff"
    )
    assert sum(team.establishment.values()) == pytest.approx(hours / 37.5)


def test_an_unknown_team_place_or_role_is_refused_with_the_nearest_word():
    model = area_model(days=1)
    with pytest.raises(InputError, match=ASSESSMENT):
        model.team("talking_therapies/asessment", "Fylde Coast")
    with pytest.raises(InputError, match="Fylde Coast"):
        model.team(ASSESSMENT, "Fylde Cost")
    team = model.team(ASSESSMENT, "Fylde Coast")
    for number in (-1, 2.5, 40_000, True):
        with pytest.raises(InputError, match="whole number"):
            team.on_shift[next(iter(team.on_shift))] = number
    with pytest.raises(InputError, match="on_shift"):
        team.on_shift["wizard", 0] = 1
    with pytest.raises(InputError, match="share from 0 to 1"):
        team.absence = 1.5
    with pytest.raises(InputError, match="the team has none"):
        team.places = 4


def contacts_of(model, team):
    return int(model.m.pool["contacts"][list(team.pools)].sum())


def test_a_team_that_is_sent_home_begins_nothing_and_one_that_grows_begins_more():
    usual, gone, grown = area_model(), area_model(), area_model()
    for model in (usual, gone, grown):
        model.run_for(7)
    teams = [model.team(ASSESSMENT, "Fylde Coast") for model in (usual, gone, grown)]
    for key in teams[1].on_shift:
        teams[1].on_shift[key] = 0
        teams[2].on_shift[key] = 5 * teams[2].on_shift[key] + 5
    gone.run_for(1)
    then = contacts_of(gone, teams[1])
    for model in (usual, gone, grown):
        proved(model.run())
    assert contacts_of(gone, teams[1]) == then
    assert teams[1].n_waiting > teams[0].n_waiting >= teams[2].n_waiting
    elsewhere = [model.team(ASSESSMENT, "West Lancashire") for model in (usual, gone)]
    assert len({contacts_of(team.model, team) for team in elsewhere}) == 1


def test_taking_people_away_takes_the_free_first_and_the_busy_finish_as_overtime():
    model = area_model()
    ward = model.team("inpatient/acute_male", "Lancashire & South Cumbria")
    model.run_for(14)
    pool = model.m.pool[next(lever.pool for lever in ward.levers if lever.kind == "places")]
    taken_places, places = int(pool["busy"]), ward.places
    assert taken_places > 2
    ward.places = taken_places
    assert (pool["on"], pool["busy"], pool["over"], pool["free"]) == (taken_places, taken_places, 0, 0)
    ward.places = taken_places - 2
    assert (pool["on"], pool["busy"], pool["over"], pool["free"]) == (taken_places - 2, taken_places - 2, 2, 0)
    proved(model)
    ward.places = taken_places + 1
    assert (pool["busy"], pool["over"], pool["free"]) == (taken_places, 0, 1)
    ward.places = 1
    for _ in range(7):
        proved(model).step()
        assert pool["busy"] <= 1
    assert pool["busy"] + pool["over"] < taken_places
    ward.places = places
    proved(model.run())


def test_resizing_there_and_back_between_two_days_gives_the_same_run():
    model, untouched = area_model(), area_model().run()
    model.run_for(9)
    for team in model.teams:
        for key, number in team.on_shift.items():
            team.on_shift[key] = max(0, number - 1)
            team.on_shift[key] = number
        if team.places is not None:
            places = team.places
            team.places = places - 1
            team.places = places
        for role, number in team.clinicians.items():
            team.clinicians[role] = number - 1
            team.clinicians[role] = number
    assert model.run().reading().digest == untouched.reading().digest


def test_a_change_of_size_holds_from_midnight_whatever_the_step():
    digests = set()
    for step in (5, 15):
        model = area_model(minutes_per_step=step)
        model.change_on("2016-04-12", lambda m: setattr(m.team("crisis/home_treatment", "Fylde Coast"), "absence", 0.9))
        model.change_on("2016-04-16", lambda m: setattr(m.team("crisis/home_treatment", "Fylde Coast"), "absence", 0.0))
        digests.add(model.run().reading().digest)
    assert len(digests) == 1
    assert area_model().run().reading().digest not in digests


def test_clinicians_who_come_begin_courses_and_those_who_leave_finish_theirs():
    model = area_model(days=60)
    model.run_for(40)
    cbt = model.team("talking_therapies/cbt", "Central Lancashire")
    role, p = next((lever.role, lever.pool) for lever in cbt.levers if lever.kind == "clinicians")
    n, held = cbt.clinicians[role], int(model.m.pool[p]["busy"])
    assert held > 0
    before = model.m.referral["clinician"].copy()
    holders = np.flatnonzero((before >= 0) & (model.m.referral["course_pool"] == p))
    cbt.clinicians[role] = n + 3
    first, stop = model.m.pool[p]["clinicians"]
    assert stop - first == n + 3 == model.m.pool[p]["on"]
    assert ((model.m.referral["clinician"][holders] >= first) & (model.m.referral["clinician"][holders] < stop)).all()
    for _ in range(7):
        proved(model).step()
    assert model.m.pool[p]["busy"] > held
    cbt.clinicians[role] = 0
    busy = int(model.m.pool[p]["busy"])
    cbt.clinicians[role] = 2
    assert proved(model).m.pool[p]["on"] == 2
    cbt.clinicians[role] = 0
    proved(model.run())
    assert model.m.pool[p]["on"] == 0
    assert 0 <= model.m.pool[p]["busy"] <= busy
    rows = model.m.clinician[slice(*model.m.pool[p]["clinicians"])]
    assert (rows["places"] < 0).all()


def test_a_team_without_limit_keeps_what_it_has_when_a_change_is_refused():
    setting = setting_of()
    model = area_model(plan=np.full(len(setting.levers), UNLIMITED, np.int32), days=3)
    cbt = model.team("talking_therapies/cbt", "Fylde Coast")
    role = next(iter(cbt.clinicians))
    assert cbt.clinicians[role] == UNLIMITED
    cbt.come_to_work()
    with pytest.raises(InputError, match="no limit is set before the run"):
        cbt.clinicians[role] = 5
    assert cbt.clinicians[role] == UNLIMITED
    proved(model.run())


def test_numbers_may_be_set_before_the_first_day():
    model = area_model(days=10)
    team = model.team("crisis/home_treatment", "Fylde Coast")
    plan = model.network.units.plan.copy()
    for i, lever in enumerate(model.network.units.levers):
        if lever.unit == team.name and lever.kind == "staff":
            plan[i] = team.on_shift[lever.role, lever.row] = 1
    by_plan = area_model(days=10, plan=plan)
    assert proved(model.run()).reading().digest == by_plan.run().reading().digest
    assert model.reading().digest != area_model(days=10).run().reading().digest


def test_absence_and_vacancies_take_their_share_to_the_nearest_whole_person():
    assert shared_out([10, 10, 10], 0.9) == [9, 9, 9]
    assert shared_out([1, 1, 1], 0.9) == [1, 1, 1]
    assert shared_out([1, 1, 1], 2 / 3) == [1, 1, 0]
    assert shared_out([5, 2], 0.5) == [3, 1]
    assert shared_out([7], 0.0) == [0]
    assert shared_out([7, 3], 1.0) == [7, 3]
    for numbers in ([3, 8, 1, 0], [2, 2, 2], [19]):
        for share in np.linspace(0, 1, 41):
            assert sum(shared_out(numbers, share)) == int(sum(numbers) * share + 0.5 + 1e-9)
    model = area_model(days=3)
    team = model.team("crisis/home_treatment", "Central Lancashire")
    rostered = dict(team.on_shift)
    team.vacancies, team.absence = 0.2, 0.25
    for role in {role for role, _ in rostered}:
        total = sum(n for key, n in rostered.items() if key[0] == role)
        assert sum(n for key, n in team.at_work.items() if key[0] == role) == int(total * 0.6 + 0.5 + 1e-9)
    sizes = [int(model.m.post[team._posts[key]]["size"]) for key in rostered]
    assert sizes == list(team.at_work.values())
    assert dict(team.on_shift) == rostered
    proved(model.run())


# --- Mesa's own tools ---------------------------------------------------------------------------------------


def test_mesas_data_collector_works():
    collector = DataCollector(
        model_reporters={
            "today": "today", "open": lambda m: int(m.patients.agg("n_open", np.sum)), "steps": "steps",
        },
        agenttype_reporters={Team: {"waiting": "n_waiting", "busy": lambda team: team.n_busy, "on": "n_on"}},
    )  # fmt: skip
    model = area_model(days=4)
    for _ in range(4):
        model.step()
        collector.collect(model)
    by_day = collector.get_model_vars_dataframe()
    assert by_day["open"].is_monotonic_increasing
    assert by_day["steps"].tolist() == [1, 2, 3, 4]
    teams = collector.get_agenttype_vars_dataframe(Team)
    assert len(teams) == 4 * len(model.teams)
    assert teams["busy"].sum() > 0


def test_agent_reporters_over_everybody_are_refused_unless_told():
    model = area_model(days=1)
    everybody = DataCollector(agent_reporters={"age": lambda agent: 1})
    with pytest.raises(TooManyPatients, match="agenttype_reporters"):
        everybody.collect(model)
    model.however_many = True
    assert next(iter(model.agents)) in model.teams


class Commissioner(mesa.Agent):
    """An ordinary agent of somebody's own."""


def test_ordinary_agents_can_join_and_leave():
    model = area_model(days=1)
    n = len(model.agents)
    agent = Commissioner(model)
    assert agent in model.agents
    assert model.agents_by_type[Commissioner].to_list() == [agent]
    assert len(model.agents) == n + 1
    agent.remove()
    assert agent not in model.agents
    assert len(model.agents) == n


def test_a_run_does_not_go_beyond_the_days_it_was_made_for():
    model = area_model().run()
    with pytest.raises(ValueError, match="days"):
        model.step()
