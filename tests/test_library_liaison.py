"""Liaison in A&E: what lies within the clock from the decision to admit, and what more practitioners do to it."""

import pytest

from experiments import run, scenario, store
from experiments.intervals import mean_and_half_width
from experiments.scenario import TeamChange
from pathways import files, specs

WARDS = ("acute_male", "acute_female", "picu_male", "picu_female", "older_male", "older_female")
REPLICATIONS = 12


def test_who_is_to_be_admitted_waits_for_the_admission_to_be_arranged_within_the_clock():
    liaison = specs.parsed(files.library("liaison"))
    assert liaison.clocks["decision_to_admit"].starts == ("bed_decision",)
    assert [route.to for route in liaison.routes_from("bed_decision")] == ["arranging_admission"]
    assert [route.to for route in liaison.routes_from("arranging_admission")] == ["inpatient/bed_request"]
    assert liaison.states["arranging_admission"].roles == {"mh_practitioner": 1}
    assert "arranging_admission" not in liaison.clocks["decision_to_admit"].stops


def decision_to_bed(name, beds, out):
    """Return the mean minutes from decision to admit to bed, float64[replication], with so many beds on every ward."""
    wanted = scenario.read(name)
    wards = tuple(TeamChange(team=f"inpatient/{ward}", places=beds) for ward in WARDS) if beds else ()
    wanted = wanted.model_copy(update={"replications": REPLICATIONS, "team": (*wanted.team, *wards)})
    clocks = store.read(run.run(wanted, out=out)["path"], ["clocks"])["clocks"]
    clocks = clocks[(clocks["pathway"] == "liaison") & (clocks["clock"] == "decision_to_admit")]
    total = (clocks["mean_minutes"] * clocks["stopped"]).groupby(clocks["replication"]).sum()
    return (total / clocks.groupby("replication")["stopped"].sum()).to_numpy()


@pytest.mark.verify
def test_half_as_many_practitioners_again_move_the_wait_for_a_bed_little_while_beds_bind_and_more_when_they_do_not(
    tmp_path,
):
    """The published direction: under 10 % while beds bind, more with unlimited beds."""
    moved = {}
    for beds in (0, 400):
        before, after = (decision_to_bed(name, beds, tmp_path) for name in ("baseline", "liaison-half-more"))
        moved[beds] = after / before - 1
    binding, unlimited = (mean_and_half_width(moved[beds]) for beds in (0, 400))
    assert -0.10 < binding["mean"] < 0
    assert unlimited["mean"] + unlimited["half_width"] < -0.05
    more = mean_and_half_width(moved[400] - moved[0])
    assert more["mean"] + more["half_width"] < 0
    assert binding["half_width"] > unlimited["half_width"]  # what beds do is chance
