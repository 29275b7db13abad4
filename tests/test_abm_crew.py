"""A crew works together, and what goes wrong in any thread is heard of."""

import threading

import pytest

from abm.crew import Crew


def test_everybody_works_each_time_at_once():
    together, who = threading.Barrier(3, timeout=30), []

    def work():
        together.wait()  # passes only when all three are at work
        who.append(threading.get_ident())

    crew = Crew(work, 3)
    crew.do()
    crew.do()
    crew.dismiss()
    assert len(who) == 6
    assert len(set(who)) == 3
    assert threading.get_ident() in who


@pytest.mark.parametrize("mine", [True, False])
def test_a_fault_in_any_thread_is_raised_and_the_crew_works_on(mine):
    asker, faulty, done = threading.get_ident(), [True], []

    def work():
        if faulty and (threading.get_ident() == asker) == mine:
            raise ValueError("no")
        done.append(1)

    crew = Crew(work, 3)
    with pytest.raises(ValueError, match="no"):
        crew.do()
    assert len(done) == (2 if mine else 1)
    faulty.clear()
    crew.do()
    crew.dismiss()
    assert len(done) == (5 if mine else 4)


def test_one_alone_needs_no_threads():
    before = threading.active_count()
    done = []
    crew = Crew(lambda: done.append(threading.get_ident()), 1)
    crew.do()
    assert done == [threading.get_ident()]
    assert threading.active_count() == before
