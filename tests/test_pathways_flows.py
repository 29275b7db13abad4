"""The traffic equations against Jackson's, by hand and across pathways."""

import numpy as np
import pytest

from pathways import files, flows, specs
from pathways.errors import InputError
from pathways.guards import Expr


def test_the_three_stations_have_the_flows_of_their_traffic_equations(examples):
    spec = specs.validated(files.read(examples / "three-stations.toml"))
    visits = flows.expected_visits(
        {spec.name: spec}, {f"{spec.name}/{s.to}": s.per_hour for s in spec.arrivals.values()}
    )
    routing = np.array([[0, 0.5, 0.3], [0.1, 0, 0.4], [0.1, 0, 0]])
    wanted = np.linalg.solve(np.eye(3) - routing.T, [5, 2, 1])
    assert [visits[f"three-stations/{name}"] for name in ("one", "two", "three")] == pytest.approx(wanted)
    assert visits["three-stations/home"] == pytest.approx(8.0)
    along = flows.flows_along({spec.name: spec}, visits)[spec.name]
    assert sum(flow for (_, to, _), flow in along.items() if to == "home") == pytest.approx(8.0)


def network(opens: str = "") -> dict[str, specs.PathwaySpec]:
    first = files.parse(
        'name = "first"\n[arrivals.x]\nto = "a"\nper_day = 1\n'
        '[state.a]\nkind = "decision"\n[state.done]\nkind = "end"\n'
        f"{opens}"
        '[[route]]\nfrom = "a"\nto = "done"\nif = "age < 18"\nshare = 1\n'
        '[[route]]\nfrom = "a"\nto = "second/b"\nshare = 0.4\n'
        '[[route]]\nfrom = "a"\nto = "done"\nshare = 0.6\n'
    )
    second = files.parse(
        'name = "second"\nentries = ["b"]\n[state.b]\nkind = "decision"\n[state.end]\nkind = "end"\n'
        '[[route]]\nfrom = "b"\nto = "end"\nshare = 1\n'
    )
    return {pathway.name: specs.validated(pathway) for pathway in (first, second)}


def test_people_go_on_to_other_pathways_and_guards_take_their_weight():
    visits = flows.expected_visits(network(), {"first/a": 100.0}, guarded_weight=0.2)
    assert visits["second/b"] == pytest.approx(100 * 0.8 * 0.4)
    assert visits["first/done"] == pytest.approx(100 * (0.2 + 0.8 * 0.6))

    def known(state: str, guard: Expr) -> float:
        return {("first/a", "age < 18"): 0.5}[state, str(guard)]

    assert flows.expected_visits(network(), {"first/a": 100.0}, known)["second/b"] == pytest.approx(20)


def test_further_referrals_opened_are_counted():
    visits = flows.expected_visits(network('opens = ["second/b"]\n'), {"first/a": 100.0}, guarded_weight=0.2)
    assert visits["second/b"] == pytest.approx(100 * 0.8 * 0.4 + 68)


def test_a_network_nobody_leaves_and_an_unknown_state_are_refused():
    with pytest.raises(InputError):
        flows.expected_visits(network('opens = ["first/a", "first/a"]\n'), {"first/a": 1.0})
    with pytest.raises(InputError):
        flows.expected_visits(network(), {"first/nowhere": 1.0})
