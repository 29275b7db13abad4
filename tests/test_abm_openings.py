"""Further referrals: shares of those who enter, and pathways that are not open."""

import numpy as np
import pytest

from abm.model import CareSystem
from abm.setting import setting_of
from pathways import files
from pathways.errors import InputError
from pathways.flows import expected_visits
from pathways.specs import validated

FIRST_FOUR = ("crisis", "liaison", "talking_therapies", "inpatient")


def one(opens):
    text = f"name = 'one'\nentries = ['a', 'b']\n[state.a]\nkind = 'decision'\n{opens}\n[state.b]\nkind = 'end'\n"
    return files.parse(text + "[[route]]\nfrom = 'a'\nto = 'b'\nshare = 1\n")


@pytest.mark.parametrize(
    ("opens", "said"),
    [
        ("opens = ['b']\nopens_share = [0.5, 0.2]", "one for each"),
        ("opens = ['b', 'b']\nopens_share = [0.6, 0.6]", "at most 1 together"),
        ("opens = ['b']\nopens_share = [0.0]", "shares in"),
        ("opens = ['b']\nopens_share = 0.5", "a list of shares"),
    ],
)
def test_shares_that_do_not_fit_are_refused(opens, said):
    with pytest.raises(InputError, match=said):
        validated(one(opens))


def test_a_contact_cannot_open_shares():
    text = (
        "name = 'one'\nentries = ['a']\n[team.t]\nstaff = { nurse = 1 }\n[state.b]\nkind = 'end'\n[state.a]\n"
        "kind = 'contact'\nteam = 't'\nroles = { nurse = 1 }\nminutes = { constant = '5 min' }\nopens = ['b']\n"
        "opens_share = [0.5]\n[[route]]\nfrom = 'a'\nto = 'b'\nshare = 1\n"
    )
    with pytest.raises(InputError, match="a key of a contact"):
        validated(files.parse(text))


def test_traffic_equations_take_the_shares():
    spec = validated(one("opens = ['b']\nopens_share = [0.25]"))
    assert expected_visits({"one": spec}, {"one/a": 100.0})["one/b"] == pytest.approx(125)


def test_what_a_pathway_that_is_not_open_would_get_is_not_opened():
    flat = CareSystem(setting_of("lsc", FIRST_FOUR), days=1, warm_up=0).network.flat
    opened = {flat.state_names[row["state"]].partition("/")[0] for row in flat.arrays["opening"]}
    assert opened <= set(FIRST_FOUR)
    assert not [name for name in flat.state_names if name.startswith("community_functional/")]


def test_as_many_are_opened_as_the_shares_say():
    model = CareSystem(setting_of("lsc", ("crisis", "community_functional")), days=42, warm_up=0).run()
    flat = model.network.flat
    state = np.array([state for state, _ in flat.cells])
    arrivals = np.bincount(state, weights=model.m.cell["arrivals"][: len(state)])
    sent = arrivals[flat.state("crisis/community_team")]
    opened = arrivals[flat.state("community_functional/handed_over")]
    assert sent > 200
    assert abs(opened - 0.35 * sent) < 4 * (0.35 * 0.65 * sent) ** 0.5


def in_beds(model):
    """How many beds each resident has who has any, by following their open referrals."""
    m, n, found = model.m, model.setting.population.n, []
    for p in np.flatnonzero(m.person["n_open"][:n] > 0):
        at, beds = m.person["first_referral"][p], 0
        while at >= 0:
            ref = m.referral[at]
            beds += bool(m.state["ward"][ref["state"]]) and (
                ref["began"] >= 0 or m.state["exchange"][ref["state"]] >= 0
            )
            at = ref["sibling"]
        found.append(beds)
    return np.array(found)


def test_nobody_has_two_hospital_beds():
    model = CareSystem(setting_of("lsc", FIRST_FOUR), days=60, warm_up=0).run()
    beds = in_beds(model)
    assert beds.sum() > 100
    assert beds.max() == 1
    flat = model.network.flat
    state = np.array([state for state, _ in flat.cells])
    arrivals = np.bincount(state, weights=model.m.cell["arrivals"][: len(state)])
    assert arrivals[flat.state("inpatient/already_in")] > 0
    wards = {name for name, ward in zip(flat.state_names, model.m.state["ward"], strict=False) if ward}
    assert wards >= {"inpatient/acute_male", "inpatient/step_down_female", "inpatient/out_of_area"}
    assert not wards & {"inpatient/care_package", "crisis/home_treatment", "crisis/section_136_suite"}
