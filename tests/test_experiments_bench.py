"""The benchmark's programs all run the same network and the same chain, and its page is written between its marks."""

import json
import platform
from importlib.util import find_spec

import numpy as np
import pytest

from experiments.bench import chain, chain_rivals, daily_chain, floor, machine, page, scaling, services, three_stations
from experiments.bench.__main__ import TABLES, main
from kernels import columns as c

HERE = [name for name in three_stations.RIVALS if find_spec(name)]


def test_the_engine_runs_the_network_of_the_theory():
    record = three_stations.run_parity(24 * 2000)
    assert record.wait_minutes == pytest.approx(services.THEORY_WAITS, rel=0.05)
    assert record.services == pytest.approx(services.SERVICES_PER_HOUR * 24 * 2000, rel=0.01)


@pytest.mark.parametrize("name", HERE)
def test_every_rival_runs_the_same_network(name):
    run, speed = three_stations.RIVALS[name]
    record = run(1000 if speed < 1e4 else 3000, seed=3)
    rates = np.array(record.utilisation) * services.CLINICIANS
    assert rates.sum() == pytest.approx(services.SERVICES_PER_HOUR, rel=0.08)
    assert record.clock_minutes == pytest.approx(162, rel=0.25)
    assert 0.3 < record.waited < 0.65


def test_a_record_that_never_waits_would_be_noticed():
    tally = services.Tally()
    for station in range(3):
        tally.begins(station, 0.0)
        tally.ends(station, 1.0)
    tally.goes_home(3.0)
    assert tally.record("nobody", 10, 1.0).waited == 0


@pytest.mark.parametrize("woken", [False, True])
def test_the_engine_runs_the_daily_chain(woken):
    run = daily_chain.run_parity(20_000, 60, woken=woken)
    assert run.off_by < 0.01
    assert run.counts.sum() == run.people
    assert run.computed == run.people * (run.days - 1) if woken else run.computed < run.people


@pytest.mark.parametrize("name", [name for name in daily_chain.RIVALS if find_spec(name)])
def test_every_rival_runs_the_same_chain(name):
    run = daily_chain.RIVALS[name][0](5000, 60)
    assert run.days == 60
    assert run.off_by < 0.02
    assert run.counts.sum() == run.people


def test_another_chain_would_be_noticed():
    run = chain_rivals.run_numpy(5000, 60)
    other = chain.ChainRun("other", 5000, 300, 1.0, 1.0, run.counts, 1, "")
    assert other.off_by > 0.02


def test_a_row_is_read_from_as_many_lines_as_it_lies_on():
    assert floor.lines_of(0) == 0
    assert floor.lines_of(4) == 1
    assert floor.lines_of(64) == pytest.approx(1.94, abs=0.01)
    simulation = three_stations.simulation_of(10)
    simulation.advance(86_400)
    use = floor.use_of(simulation.m)
    assert 500 < use.n_bytes < 50_000
    assert use.lines > 1 + 2 * c.REFERRAL.itemsize / 64


def test_the_chain_of_reads_visits_every_line():
    lines = 1000
    order = np.random.default_rng(1).permutation(lines)
    after = np.zeros((lines, 8), np.int64)
    after[order, 0] = np.roll(order, -1)
    assert floor.chase(after, lines) == 0
    assert all(floor.chase(after, n) != 0 for n in (1, 10, 500, lines - 1))


def test_a_clinic_with_a_long_list_sees_as_many_as_one_without():
    few, many = (scaling.of_queue(n)[0] for n in (100, 20_000))
    assert many == pytest.approx(few, rel=0.02)


def test_figures_are_put_between_their_marks(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    table = page.Table("Title", ("a", "b"), (("x", "1"),), "Note.")
    page.write([table, table], "a machine", path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n" + page.BEGIN)
    assert text.endswith(page.END + "\nafter\n")
    assert "old" not in text
    assert text.count("| x | 1 |") == 2
    assert "Measured on: a machine." in text


def test_the_machine_is_named_by_kind_only():
    assert platform.node() not in machine.kind()
    assert "cores" in machine.kind()


def test_a_part_of_the_tables_cannot_replace_the_whole(capsys):
    with pytest.raises(SystemExit):
        main(["--only", "services", "--write"])
    assert "--only" in capsys.readouterr().err


def test_the_page_holds_every_table(root):
    text = (root / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1
    assert text.split(page.BEGIN)[1].count("### ") == len(TABLES)
    assert json.dumps(page.as_document([page.Table("T", ("a",), (("1",),))]))
