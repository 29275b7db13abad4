"""The tables of a skill mix as plain rows, and the mix as a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pathways import files

SHEETS = ("mixes", "roles", "shares", "minutes", "numbers", "standards", "people", "rounds", "frontier", "sources")
LOOKS = {
    "pounds": "whole", "pounds_a_post": "whole", "wte": "one", "supply": "one", "share": "share", "at_most": "share",
    "registered_share": "share", "value": "share", "bound": "share", "years_met": "share", "floor": "share",
    "wait_minutes": "one", "people": "whole", "people_mix": "whole", "source": "wrap", "says": "wrap",
    "present": "one", "as now, right numbers": "one", "cheapest mix": "one",
}  # fmt: skip
"""How the workbook writes a column"""


def sheet_rows(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of one table; `mixes` is one row a mix."""
    if name != "mixes":
        return [dict(row) for row in document[name]]
    return [
        {"mix": mix, "pounds": document["pounds"][mix], "wte": document["wte"][mix],
         "registered_share": document["registered_share"][mix], "targets": document["n_targets"][mix],
         "not_met": document["not_met"][mix]}
        for mix in document["pounds"]
    ]  # fmt: skip


def scenario_toml(document: Mapping[str, Any]) -> str:
    """Return the mix as a scenario file, for `parity run` and `parity compare`."""
    return files.table_as_toml(without_nothing(document["mix_scenario"]))


def without_nothing(value: Any) -> Any:
    """Return a value without keys that say nothing, which TOML cannot write."""
    if isinstance(value, Mapping):
        return {key: without_nothing(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nothing(one) for one in value]
    return value
