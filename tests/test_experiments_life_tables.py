"""Lives in results: tables that add up and are explained, treatment that keeps away, waits that lead elsewhere."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from abm.model import CareSystem
from abm.network import DAY
from abm.setting import setting_of
from experiments import life_tables, outcome_schema, scenario, store
from experiments import run as runs
from experiments.pairs import figures
from experiments.run_tables import tables as shown
from kernels import lifetime as lt
from pathways.errors import InputError

DAYS = 20


@pytest.fixture(scope="module")
def setting():
    return setting_of("lsc", ("talking_therapies", "liaison"))


def lived(setting, changed=(), **arguments):
    """A run with lives, some numbers of which are replaced beforehand."""
    model = CareSystem(setting, **{"warm_up": 0, "days": DAYS, "lives": True, **arguments})
    for number, value in changed:
        model.m.life_number[number] = value
    return model.run()


@pytest.fixture(scope="module")
def model(setting):
    return lived(setting, warm_up=2, days=DAYS - 2)


def count(model, what):
    return int(model.m.life_sum[what])


def test_every_column_of_lives_is_written_and_explained(model, root):
    text = (root / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, schema in outcome_schema.TABLES_OF_LIVES.items():
        table = getattr(life_tables, name)(model)
        assert table.schema.equals(schema)
        assert table.num_rows > 0
        part = text[text.index(f"### `{name}`") :]
        assert all(f"`{column}`" in part for column in schema.names)


def test_lives_count_the_measured_window_alone_and_time_adds_up_to_everybody(model, setting):
    happened = life_tables.lives(model).to_pandas()
    deaths = happened[happened["what"] == "deaths"]["number"].sum()
    assert 0 < deaths < count(model, lt.N_DEATHS)
    by_mental = happened[happened["what"].isin(["deaths_smi", "deaths_cmd", "deaths_other_disorder"])]["number"].sum()
    assert 0 < by_mental < deaths
    time = life_tables.life_years(model).to_pandas()
    years = (DAYS - 2) / 365.25
    assert time["person_years"].sum() == pytest.approx(setting.population.n * years, rel=1e-3)
    assert (time[time["mental"] == "none"]["cost_gbp_added"] == 0).all()
    assert (time[time["mental"] == "untreated"]["cost_gbp_averted"] == 0).all()
    assert (time[time["mental"] == "treated"]["cost_gbp_averted"] >= 0).all()


def test_treatment_keeps_some_away_from_the_emergency_department(setting):
    usual = lived(setting)
    none_kept = lived(setting, [(lt.TREATED_KEEPS, 1 << 32)])
    assert count(usual, lt.N_KEPT_AWAY) > 50
    assert count(none_kept, lt.N_KEPT_AWAY) == 0  # negative control

    def attended(model):
        return int(model.m.cell["arrivals"][[model.network.flat.state_names[state] == "liaison/ae_arrival"
                                             for state, _ in model.network.flat.cells]].sum())  # fmt: skip

    assert attended(usual) < attended(none_kept)


def seconds_on_lists(model, *, in_courses):
    """Person-seconds on the lists of residents who may turn up elsewhere; with or without those of courses."""
    model.simulation.flush()
    m, names = model.m, model.network.flat.state_names
    return sum(
        int(row["waiting_seconds"]) for (state, _), row in zip(model.network.flat.cells, m.cell, strict=True)
        if names[state].startswith("talking_therapies/") and m.state[state]["parent"] < 0
        and m.state[state]["urgency"] >= m.life_number[lt.URGENCIES]
        and (in_courses or m.state[state]["n_sessions"] < 0)
    )  # fmt: skip


def test_who_waits_turns_up_elsewhere_as_often_as_the_hazard_says(setting):
    typical = 20 * DAY  # long beside the waits: each leads elsewhere once at most
    eight = [lived(setting, [(lt.TURN_RATE, typical)], replication=replication) for replication in range(8)]
    found = sum(count(one, lt.N_TURNED_UP) for one in eight)
    least, most = (sum(seconds_on_lists(one, in_courses=which) for one in eight) / typical for which in (False, True))
    # who waits for a course may turn up, who waits for its next session may not: lists of courses hold both
    assert least - 3 * least**0.5 < found < most + 3 * most**0.5
    assert least > 0.5 * most
    assert found > 50
    nobody = lived(setting, [(lt.URGENCIES, 4)])
    assert count(nobody, lt.N_TURNED_UP) == 0


def test_a_changed_hazard_redraws_nobodys_luck(setting):
    base = lived(setting)
    other = CareSystem(setting, warm_up=0, days=DAYS, lives=True)
    other.m.life_times[:, lt.PHYSICAL_ONSET] *= 3
    ahead = np.flatnonzero(other.m.life_account[: setting.population.n] < 0)
    other.run()
    n = setting.population.n
    where = [one.m.life[:n] & lt.WHERE for one in (base, other)]
    moved = [set(np.flatnonzero(w == lt.MOVED).tolist()) for w in where]
    died = [set(np.flatnonzero(w == lt.DIED).tolist()) for w in where]
    assert len(ahead) > 0.9 * n
    assert moved[0] - moved[1] <= died[1]
    assert moved[1] - moved[0] <= died[0]
    assert len(died[0] & died[1]) > 0.97 * len(died[0])
    assert count(other, lt.N_PHYSICAL) > count(base, lt.N_PHYSICAL)


def test_a_scenario_with_lives_prints_and_keeps_them(tmp_path):
    asked = scenario.Scenario(
        name="alive", pathways=("talking_therapies",), lives=True, start=datetime.date(2016, 4, 1), days=3, warm_up=0
    )
    document = runs.run(asked, out=tmp_path, prove=True)
    titles = [getattr(table, "title", "") for table in shown(document)]
    assert "Lives, a year" in titles
    rows = {row["what"]: row for row in document["lives"]}
    assert rows["deaths"]["published"] == pytest.approx(17_977, abs=1)
    assert rows["deaths"]["a_year"] == pytest.approx(rows["deaths"]["published"], rel=0.5)
    assert rows["months of untreated mental disorder"]["a_year"] > 1e6
    tables = store.read(document["path"])
    happened = tables["lives"].groupby("what")["number"].sum()
    compared = figures.figures_of(tables, figures.kinds_of({}), days=3)  # what `parity compare` sets side by side
    assert compared[figures.Figure("deaths")] == happened["deaths"] > 0
    assert compared[figures.Figure("self-harm episodes")] == happened["self_harm_episodes"] > 0


def test_the_switch_is_a_switch_and_part_of_the_identity_only_when_it_is_on():
    off, on = scenario.Scenario(), scenario.Scenario(lives=True)
    assert off.digest() != on.digest()
    assert "lives" not in off.canonical()
    for wrong in ("yes", 1):
        with pytest.raises(InputError, match="lives"):
            off.replaced(lives=wrong)
    with pytest.raises(InputError, match="days"):
        off.replaced(days=True)


@pytest.mark.verify
def test_a_year_has_the_deaths_births_and_moves_of_the_published_year_within_three_per_cent():
    setting = setting_of("lsc")
    year = CareSystem(setting, warm_up=0, days=365, lives=True).run()
    found = {name: count(year, lt.COUNTS.index(name)) for name in setting.lives.expected}
    for name, expected in setting.lives.expected.items():
        assert abs(found[name] / expected - 1) < 0.03, name
    higher = replace(setting.lives, level=setting.lives.level * 108 // 100)  # negative control: a wrong level shows
    wrong = CareSystem(replace(setting, _lives={"lives": higher}), warm_up=0, days=365, lives=True).run()
    assert count(wrong, lt.N_DEATHS) / setting.lives.expected["deaths"] - 1 > 0.05
