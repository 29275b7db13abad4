"""The parsed view: rosters, teams, streams, routes and courses in seconds and numbers."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import entrances, files, rosters, specs, teams
from pathways.courses import CountLaw
from pathways.durations import DAY, HOUR, WEEK
from pathways.errors import InputError


@pytest.mark.parametrize(
    ("hours", "spans"),
    [
        ("24/7", ((0, WEEK),)),
        ("Mon-Sun 00:00-24:00", ((0, WEEK),)),
        ("Mon-Sun 08:00-08:00", ((0, WEEK),)),
        ("Mon,Wed 09:00-17:00", ((9 * HOUR, 17 * HOUR), (2 * DAY + 9 * HOUR, 2 * DAY + 17 * HOUR))),
        ("Sun 20:00-08:00", ((6 * DAY + 20 * HOUR, 7 * DAY + 8 * HOUR),)),
        ("Sat-Sun 00:00-24:00", ((5 * DAY, 7 * DAY),)),
        ("Fri-Mon 12:00-12:00", ((4 * DAY + 12 * HOUR, 8 * DAY + 12 * HOUR),)),
        ("Mon-Sun 16:00-00:00", tuple((d * DAY + 16 * HOUR, (d + 1) * DAY) for d in range(7))),
    ],
)
def test_hours_become_shifts(hours, spans):
    assert rosters.spans(hours) == spans


@pytest.mark.parametrize("hours", ["", "always", "Mon 25:00-26:00", "Mon-Tue-Wed 09:00-17:00", "Mon 09:60-10:00", 7])
def test_hours_that_are_none_are_refused(hours):
    with pytest.raises(InputError):
        rosters.spans(hours)


days = st.lists(st.sampled_from(rosters.DAYS), min_size=1, max_size=7, unique=True)


@given(days, st.integers(0, 23), st.integers(0, 24))
def test_shifts_cover_the_hours_they_name_and_no_others(chosen, begin, end):
    text = f"{','.join(chosen)} {begin:02}:00-{end:02}:00"
    covered = np.zeros(168, dtype=bool)
    for a, b in rosters.spans(text):
        covered[np.arange(a // HOUR, b // HOUR) % 168] = True
    wanted = np.zeros(168, dtype=bool)
    for day in chosen:
        last = end if end > begin else end + 24
        wanted[(rosters.DAYS.index(day) * 24 + np.arange(begin, last)) % 168] = True
    assert np.array_equal(covered, wanted)


@given(st.lists(st.tuples(days, st.integers(0, 23), st.integers(0, 24), st.integers(1, 5)), min_size=1, max_size=4))
def test_rows_of_a_roster_add_up_at_every_hour(rows):
    shifts = [(rosters.spans(f"{','.join(d)} {a:02}:00-{b:02}:00"), n) for d, a, b, n in rows]
    steps = rosters.on_shift(shifts)
    for hour in range(168):
        second = hour * HOUR
        present = [people for begin, people in steps if begin <= second][-1]
        assert present == sum(
            n for spans, n in shifts if any(a <= second < b or a <= second + WEEK < b for a, b in spans)
        )


def test_a_team_knows_its_most_and_its_mean_on_shift():
    staff = [{"hours": "Mon-Fri 09:00-17:00", "nurse": 4, "least": 2}, {"hours": "24/7", "nurse": 1}]
    team = teams.team({"staff": staff}, "team.x")
    assert team.most_on_shift("nurse") == 5
    assert team.mean_on_shift("nurse") == pytest.approx(1 + 4 * 40 / 168)
    assert team.staff[0].least == 2


def test_clinicians_are_the_most_on_shift_when_only_a_caseload_is_given():
    team = teams.team(
        {
            "staff": {"therapist": 3},
            "caseload": {"therapist": 30},
            "clinic_minutes_per_week": {"therapist": "22 h"},
        },
        "team.x",
    )
    assert team.clinicians == {"therapist": 3}
    assert team.clinic_seconds_per_week == {"therapist": 22 * HOUR}


@pytest.mark.parametrize(("people", "number"), [(400_000, 2), (400_001, 3), (100_000, 1), (1, 1), (0, 0), (600_000, 3)])
def test_numbers_per_population_are_scaled_and_rounded_up(people, number):
    assert teams.scaled(2, people, 400_000) == number


def test_a_scaled_number_is_never_below_its_least():
    assert teams.scaled(2, 10, 400_000, least=2) == 2
    assert teams.scaled(7, 10, None) == 7


def test_profiles_multiply_a_mean_rate():
    stream = entrances.arrival(
        {"to": "a", "per_day": 24, "hour_of_day": [0] * 12 + [3] * 12, "weekday": [2, 1, 1, 1, 1, 1, 0]},
        "arrivals.x",
    )
    assert len(stream.profile) == 168
    assert stream.per_hour == pytest.approx(1.0)
    assert stream.profile[0] == 0
    assert stream.profile[12] == pytest.approx(4.0)
    assert stream.profile[24 + 12] == pytest.approx(2.0)


def test_a_renewal_stream_has_the_rate_of_its_mean_interval():
    stream = entrances.arrival({"to": "a", "interval": {"gamma": {"mean": "12 min", "sd": "6 min"}}}, "arrivals.x")
    assert stream.per_hour == pytest.approx(5.0)
    assert stream.profile == ()


def test_external_demand_is_what_services_do_not_send_one_another():
    assert entrances.demand({"published": 1000, "carried_back": 0.9, "internal": 100}).external == pytest.approx(800)
    with pytest.raises(InputError):
        entrances.demand({"published": 1000, "internal": 1001})


def test_thresholds_of_a_count_split_the_random_numbers_by_chance():
    law = CountLaw((4, 5, 8), (0.25, 0.5, 0.25))
    assert law.mean == pytest.approx(5.5)
    assert list(law.thresholds()) == [2**30 - 1, 3 * 2**30 - 1, 2**32 - 1]


def test_a_spec_cannot_be_changed(examples):
    spec = specs.validated(files.read(examples / "crisis-line.toml"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "other"
    assert spec.states["call"].standard.within == 60
    assert spec.states["call"].alternatives() == ({"line": {"call_handler": 1}},)
    assert [str(route.when) for route in spec.routes] == ["None", "left_waiting"]


def test_waited_longer_than_is_a_guard_and_waiting_so_long_an_event(examples):
    text = (examples / "crisis-line.toml").read_text()
    text += '[[route]]\nfrom = "call"\nto = "advised"\nwhen = "waited > 4 h"\nif = "age > 3"\nshare = 1\n'
    text += '[[route]]\nfrom = "call"\nto = "hung_up"\nwhen = "waiting 4 h"\nshare = 1\n'
    text += '[[route]]\nfrom = "call"\nto = "hung_up"\nwhen = "dna 2"\nshare = 1\n'
    guarded, waiting, dna = specs.validated(files.parse(text)).routes[2:]
    assert guarded.when is None
    assert str(guarded.guard) == "(waited > 14400) and (age > 3)"
    assert waiting.when.kind == "waiting"
    assert waiting.when.seconds == 4 * HOUR
    assert dna.when.kind == "dna"
    assert dna.when.number == 2
