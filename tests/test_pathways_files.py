"""Files: read, written, read again."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import checks, files, specs
from pathways.errors import InputError
from pathways.pathway import Pathway

EXAMPLES = ("three-stations", "crisis-line", "crisis-house")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_pass_every_check_as_they_stand(examples, name):
    assert checks.check(files.read(examples / f"{name}.toml")) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_written_file_reads_back_the_same(examples, tmp_path, name):
    pathway = files.read(examples / f"{name}.toml")
    files.write(pathway, tmp_path / "again.toml")
    again = files.read(tmp_path / "again.toml")
    assert again == pathway
    assert again.digest() == pathway.digest()
    assert [p.name for p in tmp_path.iterdir()] == ["again.toml"]


@pytest.mark.parametrize("name", files.library_names())
def test_the_library_passes_every_check_and_reads_back(name):
    pathway = files.library(name)
    checks.check(pathway)
    assert files.parse(files.as_toml(pathway)) == pathway


def test_the_library_hangs_together():
    checks.check_together(files.library(name) for name in files.library_names())


def test_an_unknown_library_pathway_gets_the_nearest_right_word():
    with pytest.raises(InputError) as refusal:
        files.library("liason")
    assert refusal.value.suggestion == "liaison"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"missing\.toml"):
        files.read(tmp_path / "missing.toml")


values = st.recursive(
    st.one_of(
        st.text(max_size=20), st.integers(-(2**40), 2**40), st.booleans(), st.dates(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=9), values, max_size=5))
def test_whatever_a_file_can_hold_is_written_so_that_it_reads_back(keys):
    pathway = Pathway(name="x")
    pathway.add_state("a", **keys)
    pathway.nodes["a"]["kind"] = "end"
    assert tomllib.loads(files.as_toml(pathway))["state"]["a"] == pathway.content()["state"]["a"]


shares = st.integers(1, 9).flatmap(lambda n: st.lists(st.integers(1, 100), min_size=n, max_size=n))


@given(shares, st.integers(1, 500), st.sampled_from(["contact", "place", "wait", "decision"]))
def test_pathways_made_at_random_read_back(weights, minutes, kind):
    pathway = Pathway(name="random")
    pathway.arrivals = {"in": {"to": "start", "per_hour": minutes / 7}}
    pathway.teams = {"t": {"staff": {"nurse": 2}, "places": 3}}
    extra = {
        "contact": {"team": "t", "roles": {"nurse": 1}, "minutes": {"constant": f"{minutes} min"}},
        "place": {"team": "t", "stay": {"exponential": {"mean": f"{minutes} h"}}},
        "wait": {"minutes": {"constant": f"{minutes} min"}},
        "decision": {},
    }[kind]
    pathway.add_state("start", kind=kind, **extra)
    for i, weight in enumerate(weights):
        pathway.add_state(f"end_{i}", kind="end")
        pathway.add_route("start", f"end_{i}", share=weight / sum(weights))
    again = files.parse(files.as_toml(pathway))
    assert again == pathway
    assert specs.validated(again) == specs.validated(pathway)
