"""A corpus of bad files: each is refused before anything runs, naming file, key, value and nearest word."""

import pickle
import re

import pytest
from bad_pathways import CORPUS, GOOD

from pathways import checks, files
from pathways.errors import InputError


def refused(text: str, file: str = "corpus.toml") -> InputError:
    with pytest.raises(InputError) as refusal:
        checks.check(files.parse(text, file))
    return refusal.value


def test_the_good_file_passes_so_that_only_the_change_can_be_what_is_refused():
    assert checks.check(files.parse(GOOD, "corpus.toml")) == []


@pytest.mark.parametrize(("old", "new", "named", "suggestion"), CORPUS.values(), ids=CORPUS.keys())
def test_bad_input_is_refused_by_name(old, new, named, suggestion):
    assert GOOD.count(old) >= 1, "the corpus no longer fits the good file"
    changed = GOOD.replace(old, new, 1)
    error = refused(changed)
    assert str(error).startswith("corpus.toml")
    assert named in str(error)
    assert error.expected
    assert error.suggestion == suggestion


def test_refusals_that_send_one_another_round_are_a_zero_time_cycle():
    text = (
        GOOD.replace('to = "rest"\nwhen = "full"', 'to = "spare"\nwhen = "full"')
        + """
[state.spare]
kind = "place"
team = "beds"
stay = { constant = "1 day" }
queue_limit = 0
[[route]]
from = "spare"
to = "home"
share = 1
[[route]]
from = "spare"
to = "ward"
when = "full"
share = 1
"""
    )
    assert "zero-time cycle: ward → spare → ward" in str(refused(text))


def test_warnings_do_not_refuse():
    text = GOOD.replace('"20 min", sd', '"12 h", sd').replace("[team.beds]", "[team.idle]\nplaces = 1\n[team.beds]")
    text = text.replace(', { hours = "24/7", nurse = 1 }', "")
    found = " ".join(checks.check(files.parse(text)))
    assert "longer than the longest shift" in found
    assert "team idle" in found


def test_pathways_together_must_find_what_they_name_of_one_another():
    first = files.parse(GOOD.replace('from = "ward"\nto = "home"', 'from = "ward"\nto = "other/receve"'), "first.toml")
    other = files.parse(
        'name = "other"\nentries = ["receive"]\n'
        '[state.receive]\nkind = "decision"\n[state.end]\nkind = "end"\n'
        '[[route]]\nfrom = "receive"\nto = "end"\nshare = 1\n'
    )
    with pytest.raises(InputError) as refusal:
        checks.check_together([first, other])
    assert refusal.value.suggestion == "other/receive"
    first.remove_edge("ward", "other/receve")
    first.add_route("ward", "other/receive", share=1.0)
    assert checks.check_together([first, other]) == []


def test_a_zero_time_cycle_through_two_pathways_is_refused():
    def decision(name: str, to: str):
        return files.parse(
            f'name = "{name}"\nentries = ["d"]\n[state.d]\nkind = "decision"\n[state.e]\nkind = "end"\n'
            f'[[route]]\nfrom = "d"\nto = "{to}"\nshare = 0.5\n[[route]]\nfrom = "d"\nto = "e"\nshare = 0.5\n'
        )

    with pytest.raises(InputError, match="zero-time cycle"):
        checks.check_together([decision("a", "b/d"), decision("b", "a/d")])


def test_an_error_survives_the_way_to_another_process():
    error = refused(GOOD.replace("per_hour = 4", "per_huor = 4"))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.key == error.key
    assert re.search(r"did you mean 'per_hour'\?", str(again))
