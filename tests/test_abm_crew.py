"""A crew does every share's work, and what goes wrong in any thread is heard of."""

import pytest

from abm.crew import Crew


def test_every_share_is_worked_on_each_time():
    done = []
    crew = Crew(lambda share, number: done.append((share, number)), ["a", "b", "c"])
    crew.do(1)
    crew.do(2)
    crew.dismiss()
    assert sorted(done) == [(share, number) for share in "abc" for number in (1, 2)]


def test_a_fault_in_any_thread_is_raised_and_the_crew_works_on():
    def work(share, number):
        if share == number:
            raise ValueError(f"share {share}")

    crew = Crew(work, [0, 1, 2])
    for share in range(3):
        with pytest.raises(ValueError, match=f"share {share}"):
            crew.do(share)
    crew.do(5)
    crew.dismiss()
