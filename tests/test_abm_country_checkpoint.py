"""Checkpoints of several cells: what goes on from one is the uninterrupted run, on any number of threads."""

import datetime
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from abm import chain, checkpoint_file, country_checkpoint
from abm.areas import cells_of
from abm.checkpoint_file import NoRoomError
from abm.country import Cell, Country
from abm.country_checkpoint import TOGETHER, CountryCheckpoint, file_of, go_on, write
from abm.model import CareSystem
from abm.setting import edited, setting_of_cell, shared_of
from kernels import columns as c
from pathways.errors import InputError

NAMES = cells_of("west-north-and-east-cumbria+shropshire-and-telford-and-wrekin+somerset")
CROWDED = NAMES[0]
DAYS, DAY = 24, 16
START = datetime.date(2016, 4, 1)
DATE = START + datetime.timedelta(days=DAY)


@pytest.fixture(scope="module")
def shared():
    return shared_of(edited(("crisis", "liaison", "inpatient"), ()))


def cell_of(shared, name, prove=False):
    """A cell; one has too few beds for its people, so that guests are elsewhere when the checkpoint is written."""
    setting = setting_of_cell(shared, name)
    plan = setting.baseline_plan.copy()
    if name == CROWDED:
        for i, lever in enumerate(setting.levers):
            if lever.kind == "places" and lever.unit.startswith("inpatient/"):
                plan[i] = min(plan[i], 3)
    return Cell(setting, days=DAYS, warm_up=0, plan=plan, prove=prove)


def country(shared, threads=1, prove=False):
    return Country({name: lambda name=name: cell_of(shared, name, prove) for name in NAMES}, threads=threads)


@pytest.fixture(scope="module")
def whole(shared, tmp_path_factory):
    """A run that leaves a checkpoint and goes on to its end."""
    model = country(shared, prove=True)
    for _ in range(DAY):
        model.step()
    model.folder = write(model, tmp_path_factory.mktemp("checkpoints") / "sixteen", {"why": "a test"})
    model.then = [model.exchange_log(i).copy() for i in range(len(NAMES))]
    return model.run()


@pytest.fixture(scope="module")
def plain(shared, tmp_path_factory):
    """A checkpoint of the same midnight of a run that proves nothing."""
    model = country(shared, threads=2)
    for _ in range(DAY):
        model.step()
    return write(model, tmp_path_factory.mktemp("plain") / "sixteen")


def log_of(model):
    return [model.exchange_log(i).tobytes() for i in range(len(NAMES))]


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_what_goes_on_is_the_uninterrupted_run_on_any_number_of_threads(shared, whole, threads):
    again = go_on(whole.folder, shared, threads=threads)
    assert again.today == DATE
    again.run()
    assert again.chain() == whole.chain()
    assert len(again.chain()) == DAYS
    assert (again.digest, again.identity, log_of(again)) == (whole.digest, whole.identity, log_of(whole))


def test_people_were_guests_elsewhere_and_went_home_after_it(shared, whole):
    kinds = np.concatenate(whole.then)["kind"]
    away = int((kinds == 0).sum() - (kinds == 2).sum())
    assert away > 3
    later = np.concatenate([whole.exchange_log(i)[len(then) :] for i, then in enumerate(whole.then)])
    assert (later["kind"] == 2).sum() > 0
    assert sum(len(log) for log in CountryCheckpoint.read(whole.folder).logs) == sum(map(len, whole.then))


def test_without_the_exchange_log_the_rest_is_the_same_but_the_log_is_not(shared, whole):
    found = CountryCheckpoint.read(whole.folder)
    forgetful = CountryCheckpoint(found.folder, found.document, [log[:0] for log in found.logs])
    again = go_on(forgetful, shared).run()
    assert again.chain() == whole.chain()
    assert log_of(again) != log_of(whole)


def fewer_beds(cell):
    if cell.setting.area == "somerset":
        cell.team("inpatient/acute_male", "Somerset").places = 4


@pytest.mark.parametrize("later", [0, 3])
def test_a_branch_has_day_by_day_the_chain_of_the_uninterrupted_run_with_its_edits(shared, whole, plain, later):
    date = DATE + datetime.timedelta(days=later)
    uninterrupted = country(shared)
    for cell in uninterrupted.cells.values():
        cell.change_on(date, fewer_beds)
    uninterrupted.run()
    branch = go_on(plain, shared, [(date, fewer_beds)]).run()
    assert branch.chain() == uninterrupted.chain()
    assert (branch.identity, branch.digest) == (uninterrupted.identity, uninterrupted.digest)
    parted = chain.first_difference(branch.chain(), whole.chain())
    assert parted is not None
    assert parted >= DAY + later  # not before the edit


def test_an_edit_may_matter_on_its_very_day(shared, whole, plain):
    def everybody_away(cell):
        for team in cell.every_team():
            team.absence = 0.9

    branch = go_on(plain, shared, [(DATE, everybody_away)]).run()
    assert chain.first_difference(branch.chain(), whole.chain()) == DAY


def test_one_cell_parts_alone_until_the_others_feel_it(shared, whole, plain):
    branch = go_on(plain, shared, [(DATE, fewer_beds)]).run()
    parted = {
        name: chain.first_difference(cell.daily.chain(), whole.cells[name].daily.chain())
        for name, cell in branch.cells.items()
    }
    assert parted["somerset"] == chain.first_difference(branch.chain(), whole.chain())


# --- the chain itself ---------------------------------------------------------------------------------------


def test_a_chain_parts_for_good_on_the_first_day_that_differs():
    same, other = np.array([5, 7, 9]), np.array([5, 8, 9])
    ours, theirs = chain.links(START, same), chain.links(START, other)
    assert ours[0] == theirs[0]
    assert ours[1] != theirs[1]
    assert ours[2] != theirs[2]  # although the last words agree
    assert chain.first_difference(ours, theirs) == 1
    assert chain.first_difference(ours, ours[:2]) is None
    assert chain.links(START, same[:2]) == ours[:2]
    assert chain.together(START, [ours, ours])[0] == chain.together(START, [theirs, ours])[0]
    assert chain.together(START, [ours, ours])[1] != chain.together(START, [theirs, ours])[1]
    assert chain.together(START, [ours, theirs]) != chain.together(START, [theirs, ours])


def test_a_quiet_day_has_a_link_of_its_own():
    assert len(set(chain.links(START, np.array([3, 3, 3])))) == 3


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.fixture
def copied(whole, tmp_path):
    return shutil.copytree(whole.folder, tmp_path / "copied")


def test_a_folder_in_which_a_file_is_missing_is_refused(copied):
    (copied / file_of(NAMES[1])).unlink()
    with pytest.raises(InputError, match="a file that exists"):
        CountryCheckpoint.read(copied)


@pytest.mark.parametrize("name", [TOGETHER, file_of(NAMES[2])])
def test_a_file_cut_short_is_refused(copied, name):
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="cut short or damaged"):
        CountryCheckpoint.read(copied)


def test_a_cell_of_another_checkpoint_is_refused(shared, whole, copied):
    other = go_on(whole.folder, shared)
    other.step()
    other.cells[NAMES[0]].checkpoint(copied / file_of(NAMES[0]))
    with pytest.raises(InputError, match="it is of another one"):
        CountryCheckpoint.read(copied)


def test_other_kernels_and_other_cells_are_refused(shared, whole, monkeypatch):
    found = CountryCheckpoint.read(whole.folder)
    with pytest.raises(InputError, match="cells"):
        found.country({NAMES[0]: lambda: cell_of(shared, NAMES[0])})
    with pytest.raises(InputError, match="one of"):
        found.cell("lsc")
    monkeypatch.setattr("abm.checkpoint.sources_digest", lambda: "another")
    with pytest.raises(InputError, match="of these kernels"):
        CountryCheckpoint.read(whole.folder)


def test_another_past_is_refused(whole):
    with pytest.raises(InputError, match="demand of crisis"):
        go_on(whole.folder, shared_of(edited(("crisis", "liaison", "inpatient"), ()), 1, (("crisis", 1.2),)))


def test_what_the_disk_has_no_room_for_is_not_begun(shared, whole, tmp_path, monkeypatch):
    again = go_on(whole.folder, shared)
    monkeypatch.setattr(checkpoint_file.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(NoRoomError, match="1 MB free"):
        write(again, tmp_path / "full")
    assert list(tmp_path.iterdir()) == []


def test_the_room_asked_for_is_about_what_is_written(whole):
    written = sum(file.stat().st_size for file in whole.folder.glob("cell=*"))
    again = sum(map(country_checkpoint.snapshot.about_bytes, whole.cells.values()))
    assert 0.5 * written < again < 3 * written


def test_a_checkpoint_is_written_over_whole(shared, whole, copied):
    again = go_on(whole.folder, shared)
    again.step()
    write(again, copied)
    assert CountryCheckpoint.read(copied).date == DATE + datetime.timedelta(days=1)
    assert [one.name for one in copied.parent.iterdir()] == ["copied"]


def test_a_cells_file_is_a_checkpoint_of_its_own(whole):
    found = CountryCheckpoint.read(whole.folder)
    assert found.about == {"why": "a test"}
    assert found.document["chain"] == whole.chain()[:DAY]
    assert found.document["days_proved"] == DAY
    assert found.cell(CROWDED).tables["now"][c.EXCHANGING] == 1
    assert isinstance(whole.cells[CROWDED], CareSystem)
