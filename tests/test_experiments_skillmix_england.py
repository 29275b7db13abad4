"""England's skill mix: sums by hand, STPs that are kept, what is refused."""

import pytest

from experiments.million.identity import digest
from experiments.national import sample
from experiments.skillmix import case, england, england_page
from experiments.skillmix.england import Wanted
from experiments.skillmix.mix import MIX, PRESENT, SAME
from experiments.skillmix.problem import Refused
from pathways.errors import InputError

WANTED = Wanted("lsc", "crisis", "", "2016/17", 1, 1, 1, None, (0.7, 0.8), (0.3, 1.0))
CHOSEN = england.drawn(4, 1)


def answer(area: str, pounds: float, **changes) -> dict:
    """One STP's document: a thousand pounds a resident-thousandth at present, a tenth less in the mix."""
    costs = {PRESENT: pounds, SAME: 0.95 * pounds, MIX: 0.9 * pounds}
    rows = [{"wait_factor": 1.0, "floor": 0.7, "pounds": costs[MIX], "registered_share": 0.85, "wte": 10.0,
             "wait_minutes": 20.0, "came": 1000.0, "not_met": 0, "targets": 40}]  # fmt: skip
    return {
        "area": area, "scenario": "baseline", "assurance": 0.8, "floor": 0.7, "refused": "", "pounds": costs,
        "wte": dict.fromkeys(costs, 10.0), "registered_share": dict.fromkeys(costs, 0.85),
        "not_met": {PRESENT: 4, SAME: 0, MIX: 0}, "n_targets": dict.fromkeys(costs, 40), "sources": [],
        "outcomes": [{"title": "people who give up", PRESENT: 5.0, SAME: 4.0, MIX: 4.0}],
        "roles": [{"role": "mh_practitioner", "registered": True, "pounds_a_post": 50_000.0,
                   **dict.fromkeys(costs, 10.0)}],
        "frontier": rows, **changes,
    }  # fmt: skip


def by_people(**changes) -> dict[str, dict]:
    """Every STP of the sample costs seven pounds a resident."""
    place = sample.stps()
    return {one.area: answer(one.area, 7.0 * place[one.area].people, **changes) for one in CHOSEN}


def of(rows: list[dict], measure: str, name: str) -> dict:
    return next(row for row in rows if (row["measure"], row["of"]) == (measure, name))


def test_where_every_resident_costs_the_same_england_costs_so_much_a_resident_without_error():
    residents = sum(place.people for place in sample.stps().values())
    rows = england.sums(CHOSEN, by_people())
    assert of(rows, "cost a year", PRESENT)["sum"] == pytest.approx(7 * residents)
    assert of(rows, "cost a year", f"{MIX} less {PRESENT}")["sum"] == pytest.approx(-0.7 * residents)
    assert of(rows, "cost a year", f"{MIX} less {PRESENT}")["half_width"] == pytest.approx(0.0, abs=1e-3)
    assert of(rows, "standards not met", PRESENT)["sum"] == pytest.approx(0.1)
    assert of(rows, "registered share of posts", MIX)["sum"] == pytest.approx(0.85)


def test_stps_that_differ_leave_a_half_width():
    each = by_people()
    other = next(one.area for one in CHOSEN if not one.certain)
    each[other] = answer(other, 14.0 * sample.stps()[other].people)
    assert of(england.sums(CHOSEN, each), "cost a year", PRESENT)["half_width"] > 1e6


def test_an_stp_without_a_mix_is_said_and_is_in_no_sum():
    each = by_people()
    other = next(one.area for one in CHOSEN if not one.certain)
    each[other] = {"area": other, "no_mix": "supply of amhp"}
    found = england.told(CHOSEN, each, WANTED)
    assert of(found["sums"], "cost a year", MIX)["stps"] == len(CHOSEN) - 1
    assert "Without a mix" in england_page.in_full(found)
    with pytest.raises(InputError, match="supply of amhp"):
        england.told(CHOSEN, {one.area: {"area": one.area, "no_mix": "supply of amhp"} for one in CHOSEN}, WANTED)


def test_a_point_of_the_frontier_is_the_sum_of_the_cheapest_that_keep_to_it():
    each = by_people()
    rows = england.points(CHOSEN, each, (0.7, 0.9), (0.3, 1.0))
    residents = sum(place.people for place in sample.stps().values())
    there = [row for row in rows if "pounds" in row]
    assert [(row["wait_factor"], row["floor"]) for row in there] == [(1.0, 0.7)]  # nowhere else has every STP one
    assert there[0]["pounds"] == pytest.approx(0.9 * 7 * residents)
    assert there[0]["wait_minutes"] == pytest.approx(20.0)
    assert all("no mix within the limits" in row["refused"] for row in rows if "pounds" not in row)


def test_the_page_says_illustrative_and_draws_the_frontier(tmp_path):
    found = england.told(CHOSEN, by_people(), WANTED)
    written = england_page.write(found, tmp_path)
    assert {path.suffix for path in written} == {".html", ".xlsx", ".json", ".parquet"}
    text = (tmp_path / "skill-mix.html").read_text()
    assert "illustrative" in text
    assert text.count("<svg") >= 2


def test_a_finished_stp_is_read_and_not_worked_out_again(tmp_path):
    WANTED.file(tmp_path).write_text('{"area": "lsc", "marked": true}')
    assert '"marked": true' in england.kept(WANTED, str(tmp_path))
    other = Wanted(**{**vars(WANTED), "replications": 2})
    assert other.file(tmp_path) != WANTED.file(tmp_path)
    assert digest("skillmix", "planning", "money") != digest("planning", "money")


def test_what_does_not_go_together_is_refused():
    for whole, system, n, key in ((True, "Fylde Coast", None, "--system"), (False, None, 5, "--sample")):
        with pytest.raises(InputError) as refusal:
            case.check_england(whole, system, n)
        assert refusal.value.key == key
    with pytest.raises(InputError) as refusal:
        england.document("crysis")
    assert (refusal.value.key, refusal.value.suggestion) == ("--service", "crisis")
    with pytest.raises(InputError) as refusal:
        case.place_of("Fylde Cost", None)
    assert refusal.value.suggestion == "Fylde Coast"
    with pytest.raises(InputError):
        case.place_of("Fylde Coast", "West Lancashire")


def test_what_is_short_is_known_by_role():
    refusal = Refused(short={"supply of amhp": 5.0, "registered share": 1.0}, key="supply of amhp", expected="x")
    assert refusal.roles == {"amhp"}
