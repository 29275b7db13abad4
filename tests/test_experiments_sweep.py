"""A share moved step by step: where the difference turns, and what is refused."""

import pytest

from experiments.sweep import sweep, turning_point
from pathways.errors import InputError

SHARE = "talking_therapies/route.opt_in.screening.share"
REST = "talking_therapies/route.opt_in.did_not_opt_in.share"


def rows(*pairs):
    return [{"value": value, "difference": difference, "count": "a/b"} for value, difference in pairs]


def test_the_sign_turns_on_the_line_between_its_neighbours():
    assert turning_point(rows((0.3, -20.0), (0.0, 40.0), (0.1, 20.0)), "a/b") == pytest.approx(0.2)


def test_what_never_turns_has_no_turning_point():
    assert turning_point(rows((0.0, 40.0), (0.3, 20.0)), "a/b") is None
    assert turning_point(rows((0.0, -40.0), (0.3, 20.0)), "c/d") is None


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"share": "talking_therapies/route.opt_in.screning.share"}, "plain route"),
        ({"share": "state.opt_in"}, "pathway/route.FROM.TO.share"),
        ({"rest": "crisis/route.triage.gp.share"}, "a route of talking_therapies"),
        ({"counts": ["talking_therapies/screning"]}, "screening"),
        ({"values": [1.2]}, "0 to 1"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_before_anything_runs(changed, word, tmp_path):
    asked = {"share": SHARE, "rest": REST, "values": [0.5], "counts": ["talking_therapies/screening"]} | changed
    with pytest.raises(InputError, match=word):
        sweep(None, out=tmp_path, **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_larger_share_sends_more_people(tmp_path):
    file = tmp_path / "week.toml"
    file.write_text(
        'name = "week"\narea = "dorset"\ndays = 7\nwarm_up = 0\npathways = ["talking_therapies"]\n', "utf-8"
    )
    asked = {"share": SHARE, "rest": REST, "values": [0.2, 0.95], "counts": ["talking_therapies/screening"]}
    found = sweep(file, base=file, replications=1, out=tmp_path / "results", **asked)
    differences = [row["difference"] for row in found["rows"]]
    assert differences[0] < 0 < differences[1]
    assert 0.2 < found["turns"]["talking_therapies/screening"] < 0.95
