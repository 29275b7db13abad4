"""Headroom of teams as they stand: more demand, fewer people at work, and who fails first."""

import numpy as np
import pytest

from experiments import cli, run
from experiments.planning import absence, resilience
from experiments.planning.headroom import first_failures
from experiments.planning.years import AreaSubject, Task, evaluate, prepared
from experiments.scenario import Scenario, TeamChange
from pathways.errors import InputError

SHORT = Scenario(pathways=("crisis", "inpatient"), days=28, warm_up=7)


def test_a_team_fails_at_the_smallest_rise_at_which_any_of_its_targets_does():
    layout = prepared(AreaSubject(SHORT.canonical()))
    held_to = layout.targets_of_unit
    unit = next(u for u, mine in enumerate(held_to) if len(mine) > 1)
    other = next(u for u, mine in enumerate(held_to) if mine and u != unit)
    first, second = held_to[unit][:2]

    def scores(**of):
        found = np.ones(len(layout.targets))
        found[[first, second]] = of["first"], of["second"]
        return found

    tried = {
        0.0: scores(first=1.0, second=2.0), 0.1: scores(first=0.5, second=-1.0), 0.2: scores(first=-2.0, second=1.0),
    }  # fmt: skip
    every = resilience.Tried(np.ones(len(layout.targets), bool))
    found = first_failures(layout, tried, every)[unit]
    assert (found.holds_at, found.fails_at, found.target) == (0.0, 0.1, layout.targets[second].name)
    unmoved = first_failures(layout, tried, every)[other]
    assert (unmoved.holds_at, unmoved.fails_at) == (0.2, None)
    without = resilience.Tried(np.arange(len(layout.targets)) != second)
    assert first_failures(layout, tried, without)[unit].fails_at == 0.2


def at_work(share, days=60):
    """Mean share at work over some days, and the numbers of every day."""
    model = run.begin(run.runs_of(SHORT.model_copy(update={"days": days, "warm_up": 0}))[0])
    rostered = {(t.name, key): n for t in model.teams for key, n in t.on_shift.items()}
    away = absence.AwayToday(share, 1, 0)
    found = []
    for _ in range(5):
        away(model)
        found.append({(t.name, key): n for t in model.teams for key, n in t.on_shift.items()})
        model.step()
    model.let_go()
    return rostered, found


def test_a_share_of_the_staff_is_away_and_whoever_is_away_at_a_small_share_is_at_a_larger_one():
    rostered, few = at_work(0.1)
    _, many = at_work(0.3)
    total = 5 * sum(rostered.values())
    for days, share in ((few, 0.1), (many, 0.3)):
        here = sum(sum(day.values()) for day in days)
        spread = np.sqrt(total * share * (1 - share))
        assert abs(here - (1 - share) * total) < 4 * spread
    assert all(a[name] >= b[name] for a, b in zip(few, many, strict=True) for name in rostered)
    assert few[0] != few[1]


def test_nobody_away_changes_nothing_and_many_away_change_much():
    subject = AreaSubject(SHORT.canonical())
    plan = prepared(subject).baseline
    as_it_is, nobody, many = (evaluate(Task(subject, plan, 0, absence=share)) for share in (0.0, 1e-12, 0.4))
    assert np.array_equal(as_it_is.values, nobody.values, equal_nan=True)
    assert not np.array_equal(as_it_is.values, many.values, equal_nan=True)


@pytest.mark.verify
def test_who_has_hardly_anybody_to_spare_fails_first(capsys):
    document = resilience.headroom(SHORT, of="absence", years=2, budget_seconds=15)
    first = document["first"]["absence"]
    assert 0 <= first["holds_at"] < first["fails_at"] <= 0.5
    rows = {row["unit"]: row for row in document["teams"]}
    assert rows[first["unit"]]["absence_target"] == first["target"]
    held = [row["absence_fails_at"] for row in document["teams"] if row["absence_fails_at"]]
    assert min(held) == first["fails_at"]
    assert document["tried"]["absence"][0] == 0.0
    doctors = TeamChange(team="crisis/section_12_doctors", staff=(
        {"hours": "Mon-Sun 00:00-24:00", "s12_doctor": 12, "doctor": 12},))  # fmt: skip
    more = resilience.headroom(SHORT.model_copy(update={"team": (doctors,)}), of="absence", years=2, budget_seconds=8)
    name = "crisis/section_12_doctors @ Lancashire & South Cumbria"
    room = {row["unit"]: row for row in more["teams"]}[name]["absence_fails_at"]
    assert room is None or room > (rows[name]["absence_fails_at"] or 1) or room >= 0.3


@pytest.mark.parametrize(
    ("words", "key"), [(["--of", "demands"], "demand"), (["--years", "1"], "--years"), (["--area", "england"], "area")]
)
def test_what_makes_no_sense_is_refused(words, key, capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(["headroom", "--scheduler", "inline", *words])
    assert leaving.value.code == 2
    assert key in capsys.readouterr().err


def test_a_rise_of_nothing_is_refused_as_no_kind_of_rise():
    with pytest.raises(InputError, match="--of"):
        resilience.headroom(SHORT, of="supply")
