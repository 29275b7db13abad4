"""Services beside published figures: counts equal a slow count, England adds up, the page is in step with the table."""

import dataclasses
from collections import Counter, defaultdict

import numpy as np
import pytest

from abm import tables, tags
from abm.balance import open_referrals
from abm.internal_referrals import external, sent
from abm.model import CareSystem
from abm.setting import PATHWAYS, every_pathway, setting_of, shared_of
from experiments.services import balance, beside, calibrate, stocks
from experiments.services.counting import Counts, count, counts_admissions, is_secondary, summed
from kernels import columns as c
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

DAYS, WARM_UP = 40, 20


@pytest.fixture(scope="module")
def model():
    return CareSystem(setting_of(), days=DAYS, warm_up=WARM_UP, events=True).run()


@pytest.fixture(scope="module")
def counts(model):
    return count(model)


@pytest.fixture(scope="module")
def specs():
    return setting_of().specs


def slowly(model):
    """The slow twin: one referral after the other, one happening after the other."""
    names = list(model.setting.specs)
    openers = {}
    for p, (name, spec) in enumerate(model.setting.specs.items()):
        pairs = [(f"{name}/{state}", to) for state, one in spec.states.items() for to in one.opens if "/" in to]
        openers |= dict.fromkeys(tags.of_openings(model.setting.specs, pairs).values(), p)
    wards = [counts_admissions(spec) for spec in model.setting.specs.values()]
    stories = defaultdict(list)
    for row in model.simulation.events().tolist():
        time, id0, id1, entry, _, state, kind = row
        if id0 < c.STREAM_ID and kind in (c.L_JOINED, c.L_BEGAN, c.L_ENDED, c.L_SESSION):
            stories[id0, id1, entry].append((time, state, kind))
    received, sent_by, seen = Counter(), Counter(), Counter()
    for (id0, _, _), story in stories.items():
        met, before = {}, None
        for time, state, kind in story:
            p = int(model.m.state["pathway"][state])
            if p not in met:
                met[p] = [time, before, None, None]
            if kind == c.L_BEGAN:
                if met[p][2] is None:
                    met[p][2] = time
                if met[p][3] is None and model.m.state["kind"][state] == c.PLACE:
                    met[p][3] = time
            before = p
        for p, (first, origin, began, in_bed) in met.items():
            first, began = (in_bed, in_bed) if wards[p] else (first, began)
            if first is not None and first >= WARM_UP * 86400:
                received[p] += 1
                if origin is not None:
                    sent_by[origin, p] += 1
                elif openers.get(id0 >> 20, p) != p:
                    sent_by[openers[id0 >> 20], p] += 1
            if began is not None and began >= WARM_UP * 86400:
                seen[p] += 1
    return names, received, sent_by, seen


def test_counts_are_those_of_a_slow_count(model, counts):
    names, received, sent_by, seen = slowly(model)
    a_year = 365.25 / DAYS
    for p in range(len(names)):
        assert counts.received[p] / a_year == pytest.approx(received[p])
        assert counts.seen[p] / a_year == pytest.approx(seen[p])
        for q in range(len(names)):
            assert counts.sent[q, p] / a_year == pytest.approx(sent_by[q, p])
    assert (counts.sent > 0).sum() >= 5
    assert (np.diag(counts.sent) == 0).all()


def test_caseload_is_never_more_than_what_is_open_and_months_never_less_than_the_caseload(counts):
    slack = 1.02  # a wait that has not ended yet is counted where the referral was before
    assert (counts.caseload <= counts.open * slack + 1).all()
    assert (counts.months >= counts.caseload * 12 - 1e-6).all()
    assert (counts.months[:3] > counts.caseload[:3] * 12).all()  # short contacts count as a month
    assert counts.bed_days[list(PATHWAYS).index("inpatient")] > 300 * 180


def test_a_service_type_may_be_counted_at_states_of_its_own(model, counts):
    """Liaison: of those who come to A&E, the ones its clinicians are asked to see; crisis: triage is no acceptance."""
    columns = [beside.places(model.setting.specs, name) for name in ("received_at", "accepted_at", "contacts_at")]
    own = count(model, *columns)
    at = {name: p for p, name in enumerate(model.setting.specs)}
    liaison, crisis, therapies = at["liaison"], at["crisis"], at["talking_therapies"]
    assert own.counted[liaison] < 0.8 * counts.counted[liaison] == pytest.approx(0.8 * counts.received[liaison])
    assert own.seen[liaison] == counts.seen[liaison]
    assert own.seen[crisis] < 0.95 * counts.seen[crisis]
    assert own.contacts[crisis] == counts.contacts[crisis]
    assert (own.received == counts.received).all()
    assert own.seen[therapies] == counts.seen[therapies]


def test_only_contacts_of_the_states_named_are_counted(model, counts):
    at = list(PATHWAYS).index("crisis")
    some = count(model, None, None, {"crisis": frozenset({"urgent_assessment"})})
    rest = count(model, None, None, {"crisis": frozenset(model.setting.specs["crisis"].states) - {"urgent_assessment"}})
    assert 0 < some.contacts[at] < counts.contacts[at]
    assert some.contacts[at] + rest.contacts[at] <= counts.contacts[at]


def test_long_stays_hold_in_the_long_run_what_begins_times_how_long_it_lasts(model, counts, specs):
    names = model.network.flat.state_names
    rows = {row["state"]: row for row in stocks.at_start(specs, counts, names, counts.received)}
    wards = [name for name in rows if name.startswith("inpatient/older_")]
    assert len(wards) == 2
    for name in wards:
        mean = specs["inpatient"].states[name.partition("/")[2]].stay.mean / 86400
        begun = counts.starts[names.index(name)]
        assert rows[name]["in_the_long_run"] == pytest.approx(begun * mean / 365.25)
    assert not any("talking" in name for name in rows)  # no stay of months there


def test_people_in_contact_are_fewer_than_their_open_referrals_and_not_in_therapies(model, counts):
    people, referrals = counts.people
    assert 0 < people <= referrals
    m, at = model.m, list(PATHWAYS).index("talking_therapies")
    rows = m.referral[open_referrals(model.simulation)]
    rows = rows[(m.state["parent"][rows["state"]] < 0) & (rows["person"] < model.setting.population.n)]
    assert referrals == (m.state["pathway"][rows["state"]] != at).sum()
    opened = counts.open[[p for p in range(len(PATHWAYS)) if p != at]].sum()
    assert 0.7 * opened < referrals < 1.4 * opened  # as the run ends, beside the mean of its window
    assert is_secondary("eating_disorders", model.setting.specs["crisis"])


def test_two_cells_are_counted_together(counts):
    assert summed([counts, counts]).received == pytest.approx(2 * counts.received)
    assert summed([counts, counts]).sent == pytest.approx(2 * counts.sent)


# --- England ---------------------------------------------------------------------------------------------------


def test_the_first_four_pathways_keep_their_doors_when_only_they_are_open(specs):
    totals = external(specs, sent())
    for name, spec in specs.items():
        assert totals[name] == spec.demand.external  # what their own files say


def test_kept_figures_give_way_to_counted_ones_when_the_whole_system_is_open():
    part, whole = sent(PATHWAYS), sent(every_pathway())
    assert all(part[pair] == n for pair, n in balance.kept().items())
    assert set(part) - set(balance.kept()) <= set(whole)
    assert whole["inpatient", "crisis"] != part["inpatient", "crisis"]
    assert sent(set(every_pathway()) - {"camhs"}) == part


def test_a_pathway_that_is_closed_sends_nobody(specs):
    alone = external({"liaison": specs["liaison"]}, sent())
    assert alone == {"liaison": specs["liaison"].demand.received}


def test_more_than_the_whole_demand_is_refused_with_the_flows(specs):
    with pytest.raises(InputError, match=r"liaison 900,000, .*whole of its demand"):
        external(specs, {("liaison", "crisis"): 900_000.0, ("talking_therapies", "crisis"): 5.0})


def made_up():
    """Two pathways that send each other, by rates 0.1 and 0.2, and one nobody has counted."""
    text = "name = '{0}'\n{1}[state.seen]\nkind = 'end'\n"
    demand = "[demand]\npublished = {}\n[door.d]\nto = 'seen'\nshare = 1.0\n"
    graphs = {"a": demand.format(1000), "b": demand.format(500), "c": "entries = ['seen']\n"}
    specs = {name: validated(files.parse(text.format(name, more))) for name, more in graphs.items()}
    received = np.array([200.0, 100.0, 30.0])
    rate = np.array([[0.0, 0.1, 0.1], [0.2, 0.0, 0.0], [0.0, 0.0, 0.0]])
    nothing = {one.name: np.zeros(3) for one in dataclasses.fields(Counts)}
    return specs, Counts(**(nothing | {"received": received, "sent": received[:, None] * rate}))


def test_doors_and_flows_add_up_to_what_is_published():
    specs, counts = made_up()
    flows = {pair: n for pair, n in balance.flows_of(specs, counts).items() if set(pair) <= set(specs)}
    assert flows == pytest.approx({("a", "b"): 100.0, ("b", "a"): 100.0})
    assert external(specs, flows) == pytest.approx({"a": 900.0, "b": 400.0})
    assert balance.modelled_received(specs, counts, flows) == pytest.approx([1000.0, 500.0, 100.0])


def test_rounds_end_when_flows_stand_still():
    specs, counts = made_up()
    asked = []

    def run(flows):
        asked.append(flows)
        return counts

    _, used, after = balance.fixed_point(specs, run, 5)
    assert len(asked) == 2  # the first round found them, the second confirmed them
    assert used == pytest.approx(after)


def test_the_table_keeps_what_is_kept_and_can_be_read_again(tmp_path, specs):
    new = {("crisis", "elsewhere"): 12.4, **sent()}
    folder = tmp_path
    (folder / "internal_referrals.csv").write_text(balance.table(new, "somewhere"), encoding="utf-8")
    assert sent(folder=folder) == {**sent(), ("crisis", "elsewhere"): 12.0}
    assert balance.kept(folder) == balance.kept()


def test_flows_given_replace_those_of_the_table(specs):
    shared = shared_of(dict(setting_of().pathways), flows={})
    totals = Counter()
    for door in shared.calibration.doors:
        totals[door.name.partition("/")[0]] += door.total
    assert totals["liaison"] == pytest.approx(specs["liaison"].demand.external)
    assert totals["crisis"] == pytest.approx(specs["crisis"].demand.external)


# --- the page --------------------------------------------------------------------------------------------------


def test_every_service_type_has_figures_with_a_source():
    rows = tables.read("services")
    assert len(rows) == 31  # 30 with a count, and young people's, which is recorded as 0 there
    assert all(float(row["referrals"]) > 0 and row["source"] and row["confidence"] for row in rows)
    assert {row["unit"] for row in rows} == {"contacts", "bed days"}


def test_pathways_of_shared_types_are_compared_together(specs):
    found = dict(beside.groups(specs))
    assert found["IAPT",] == ("talking_therapies",)
    assert sum(len(types) for types in found) == len({name for types in found for name in types})


def test_the_page_has_every_service_type_of_the_table_once(specs, counts):
    document = beside.compared(specs, counts, sent())
    page = calibrate.PAGE.read_text(encoding="utf-8")
    again = beside.put_into(page, document)
    assert beside.put_into(again, document) == again
    for shown in (page, again):
        cells = [line.split("|")[1] for line in shown.splitlines() if line.startswith("| ")]
        types = [name.strip() for cell in cells[1:] for name in cell.split(";")]
        assert sorted(types) == sorted(beside.published())


def test_what_is_off_is_marked(specs, counts):
    row = beside.compared(specs, counts, sent())["rows"][0]
    assert beside.is_off({**row, "referrals": 1.06 * row["referrals_published"]}, "referrals")
    assert not beside.is_off({**row, "referrals": 1.04 * row["referrals_published"]}, "referrals")
    assert "**" in beside.markdown(
        {"rows": [{**row, "contacts": 0.0}], "not_modelled": [], "open": 0, "people": 0, "in_contact": 1}
    )


def test_what_cannot_be_compared_says_why_and_is_never_marked(specs, counts):
    for row in beside.compared(specs, counts, sent())["rows"]:
        assert bool(row["not_compared"]) == bool(row["why"])
        assert not any(beside.is_off({**row, what: 1e12}, what) for what in row["not_compared"])
    shown = beside.markdown(beside.compared(specs, counts, sent()))
    assert "Inpatient services - Older Adult: 30.4 bed days" in shown


@pytest.mark.verify
def test_every_service_type_is_near_what_is_published_in_four_years_of_the_whole_system():
    document = calibrate.calibrate(rounds=1, days=1461)  # in one year small services are off by chance
    off = [(row["pathways"], what) for row in document["rows"] for what in beside.TOLERANCE if beside.is_off(row, what)]
    assert off == []
    assert document["not_modelled"] == []


def test_a_page_without_markers_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="markers"):
        calibrate.calibrate(pathways=every_pathway()[:1], page=page)
