"""Several cells in lockstep: any number of threads, any grouping, the same digest; guests are counted in both cells."""

import random
from functools import partial

import numpy as np
import pytest

from abm.areas import cells_of, check_memory
from abm.balance import prove
from abm.country import INBOUND, IS_BACK, IS_TAKEN, TAKES_IN, Cell, Country, country_of, live_alone, nearest_cells
from abm.model import CareSystem
from abm.setting import edited, setting_of_cell, shared_of
from kernels import columns as c
from kernels import entry
from pathways.errors import InputError

NAMES = ("west-north-and-east-cumbria", "shropshire-and-telford-and-wrekin", "somerset")
DAYS = 40
WARD = ("inpatient/acute_male", "Somerset")
NOTHING = np.zeros(0, INBOUND)


@pytest.fixture(scope="module")
def settings():
    shared = shared_of(edited(("crisis", "liaison", "inpatient"), ()))
    return {name: setting_of_cell(shared, name) for name in NAMES}


def cell_of(setting) -> Cell:
    """A cell; Cumbria has too few beds for her people."""
    plan = setting.baseline_plan.copy()
    if setting.area == NAMES[0]:
        for i, lever in enumerate(setting.levers):
            if lever.kind == "places" and lever.unit.startswith("inpatient/"):
                plan[i] = min(plan[i], 3)
    return Cell(setting, days=DAYS, warm_up=0, plan=plan)


def country(settings, threads=1) -> Country:
    return Country({name: partial(cell_of, setting) for name, setting in settings.items()}, threads=threads)


@pytest.fixture(scope="module")
def lived(settings):
    return country(settings).run()


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_the_number_of_threads_does_not_matter(settings, lived, threads):
    assert country(settings, threads).run().digest == lived.digest


def test_how_cells_are_dealt_out_does_not_matter(settings, lived):
    other = country(settings, threads=2)
    for _ in range(DAYS):
        other.share_out(random.sample(range(len(NAMES)), len(NAMES)))
        other.step()
    assert other.digest == lived.digest


def test_room_for_a_single_message_is_enough(settings, lived, monkeypatch):
    monkeypatch.setattr("abm.hours.NOTES", 1)
    other = country(settings, threads=2).run()
    assert other.digest == lived.digest
    for i in range(len(NAMES)):
        assert (other.exchange_log(i) == lived.exchange_log(i)).all()


def test_a_log_that_was_recalled_is_the_log(settings, lived):
    logs = [lived.exchange_log(i) for i in range(len(NAMES))]
    other = country(settings)
    other.recall(logs)
    for i, log in enumerate(logs):
        assert (other.exchange_log(i) == log).all()


def test_who_finds_no_bed_is_a_guest_elsewhere_and_comes_home(lived):
    logs = [lived.exchange_log(i) for i in range(len(NAMES))]
    kinds = np.concatenate(logs)["kind"]
    assert (logs[0]["kind"] == IS_TAKEN).sum() > 5
    assert (kinds == IS_TAKEN).sum() == (kinds == TAKES_IN).sum() >= (kinds == IS_BACK).sum() > 0
    for cell in lived.cells.values():
        assert prove(cell.simulation) == []
    guests = sum(int((cell.m.referral["home_cell"][_open(cell)] >= 0).sum()) for cell in lived.cells.values())
    assert guests == (kinds == TAKES_IN).sum() - (kinds == IS_BACK).sum()


def _open(cell):
    """Rows of referrals on wards (a guest's referral is open while they hold a bed)."""
    return np.flatnonzero(cell.m.referral["flags"] & c.IS_BUSY)


def test_one_cell_runs_again_alone_from_what_it_was_told(settings, lived):
    for i, name in enumerate(NAMES[:2]):
        alone = live_alone(cell_of(settings[name]), lived.exchange_log(i))
        assert int(alone.m.now[c.HASH]) == int(lived.cells[name].m.now[c.HASH])


def test_without_its_log_a_cell_lives_another_life(settings, lived):
    alone = live_alone(cell_of(settings[NAMES[0]]), lived.exchange_log(0)[:0])
    assert int(alone.m.now[c.HASH]) != int(lived.cells[NAMES[0]].m.now[c.HASH])


def test_a_host_keeps_beds_free_for_its_own(lived):
    cell = lived.cells[NAMES[2]]
    state = cell.network.flat.state("inpatient/acute_male")
    all_free = entry.free_beds(cell.m.address, state, 0)
    assert 0 < entry.free_beds(cell.m.address, state, 10) < all_free
    assert entry.free_beds(cell.m.address, state, 100) == 0


def test_the_nearest_cell_is_asked_first():
    assert nearest_cells([1, 2, 4, 3]) == [[1, 3, 2], [0, 3, 2], [3, 1, 0], [1, 2, 0]]


def test_a_dated_change_is_made_on_its_day(settings):
    def made(kind, change=True):
        model = kind(settings[NAMES[2]], days=DAYS, warm_up=0)
        if change:
            model.change_on("2016-04-11", lambda m: setattr(m.team(*WARD), "places", 5))
        return model

    plain = int(made(CareSystem).run().m.now[c.HASH])
    assert int(Country({NAMES[2]: lambda: made(Cell)}, threads=1).run().cells[NAMES[2]].m.now[c.HASH]) == plain
    assert int(live_alone(made(Cell), NOTHING).m.now[c.HASH]) == plain
    assert int(made(CareSystem, change=False).run().m.now[c.HASH]) != plain


def test_one_cell_alone_exchanges_nothing(settings):
    only = Country({NAMES[0]: partial(cell_of, settings[NAMES[0]])}, threads=1).run()
    assert len(only.exchange_log(0)) == 0
    assert int(cell_of(settings[NAMES[0]]).m.now[c.EXCHANGING]) == 0


def test_england_is_refused_where_it_does_not_fit_before_anything_is_made():
    assert len(cells_of("england")) == 44
    with pytest.raises(InputError, match="memory"):
        check_memory("england", available=2 * 10**9)
    with pytest.raises(InputError, match="england"):
        country_of("englnd")


@pytest.mark.parametrize("date", ["2016-04-01", "2016-04-02"])
def test_a_change_of_the_first_day_holds_on_the_first_day(settings, date):
    def made(kind):
        model = kind(settings[NAMES[2]], days=3, warm_up=0)
        model.change_on(date, lambda m: [setattr(team, "absence", 0.9) for team in m.every_team()])
        return model

    alone = int(made(CareSystem).run().m.now[c.HASH])
    assert int(Country({NAMES[2]: lambda: made(Cell)}, threads=1).run().cells[NAMES[2]].m.now[c.HASH]) == alone
    assert int(live_alone(made(Cell), NOTHING).m.now[c.HASH]) == alone


@pytest.mark.verify
def test_all_england_is_the_same_on_one_thread_and_on_three():
    days = 8
    digests = set()
    for threads in (1, 3):
        england = country_of("england", threads=threads, days=days, warm_up=0).run()
        digests.add(england.digest)
        assert sum(cell.setting.population.n for cell in england.cells.values()) == 55_619_430
        england.let_go()
        del england
    assert len(digests) == 1
