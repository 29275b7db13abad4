"""A life as plain values: who the person is, referrals, visits, contacts, clocks and changes, with dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from abm.model import CareSystem
from abm.network import DAY
from abm.small_areas import ETHNICITIES
from experiments.lives.clocks import ClockRun, clocks_of
from experiments.lives.guests import with_hosts
from experiments.lives.luck import Luck
from experiments.lives.passages import Referral, Visit, referrals_of
from experiments.lives.rerun import Kept
from experiments.lives.ways import Ways
from experiments.reports.words import spoken
from kernels import columns as c
from kernels.attributes import CONDITIONS, PAST_USE

KINDS = {c.CONTACT: "contact", c.PLACE: "stay", c.WAIT: "time passing"}
SEVERITY = ("none", "mild", "moderate", "severe")
SEX = ("female", "male")


def life_of(kept: Kept) -> dict[str, Any]:
    """Return one person's life (`docs/replay.md`): person, referrals, visits, contacts, clocks, changes."""
    model, flat = kept.model, kept.model.network.flat
    assert kept.row is not None
    luck = Luck(model.simulation)
    ways = Ways(flat, luck)
    end = (model.warm_up + model.days) * DAY
    referrals = referrals_of(kept)
    life: dict[str, Any] = {
        "person": person_of(model, kept.row, kept.columns[0][1]), "ends": model.when(end),
        "referrals": [], "visits": [], "contacts": [], "clocks": [], "changes": changes_of(kept),
    }  # fmt: skip
    for number, referral in enumerate(referrals, start=1):
        life["referrals"].append(_referral(number, referral, model))
        for visit in referral.visits:
            life["visits"].append({"referral": number, "occasion": _occasion(referral, visit), **_visit(visit, model)})
            life["contacts"] += [{"referral": number, **one} for one in _contacts(visit, model)]
        life["clocks"] += [
            {"referral": number, **_clock(run, model)} for run in clocks_of(referral, flat, ways, luck, end)
        ]
    with_hosts(life["visits"], kept.stays_elsewhere, model)
    return life


def person_of(model: CareSystem, row: int, at_start: Mapping[str, int]) -> dict[str, Any]:
    """Return who a resident is: what is known of them when the run starts."""
    m = model.m
    area = int(m.area[row])
    return {
        "row": row, "small_area": f"E{int(m.area_code[area]):08d}", "ordinal": int(m.ordinal[row]),
        "age": int(m.age[row]), "sex": SEX[int(m.sex[row])], "ethnicity": ETHNICITIES[int(m.ethnicity[row])],
        "system": model.setting.places.systems[int(m.area_system[area])], "deprivation": int(m.area_decile[area]),
        "conditions": bits(at_start["conditions"], CONDITIONS), "phq9": at_start["phq9"], "gad7": at_start["gad7"],
        "severity": SEVERITY[at_start["severity"]], "past_use": bits(at_start["past_use"], PAST_USE),
    }  # fmt: skip


def bits(word: int, names: list[str] | tuple[str, ...]) -> list[str]:
    """Return the names whose bits are set."""
    return [name for i, name in enumerate(names) if word >> i & 1]


def changes_of(kept: Kept) -> list[dict[str, Any]]:
    """Return how the person's scores changed, by the day on which they did."""
    rows = []
    for (_, before), (second, after) in pairwise(kept.columns):
        for name in ("phq9", "gad7", "severity"):
            if before[name] != after[name]:
                day = kept.model.when(second - DAY).date()
                rows.append({"day": day, "what": name, "before": before[name], "after": after[name]})
    return rows


def title_of(model: CareSystem, state: int) -> str:
    """Return what a state is called, in words."""
    pathway, _, name = model.network.flat.state_names[state].partition("/")
    spec = model.network.specs[pathway].states.get(name)
    return (spec.title if spec is not None else "") or spoken(name)


def _referral(number: int, referral: Referral, model: CareSystem) -> dict[str, Any]:
    kind, _, name = referral.came_by.partition(" ")
    pathway, _, last = name.partition("/")
    first = model.network.flat.state_names[referral.first].partition("/")[0]
    title = model.network.specs[first].title or spoken(first)
    return {
        "referral": number, "opened": model.when(referral.opened),
        "closed": None if referral.closed is None else model.when(referral.closed), "pathway": first, "title": title,
        "came_by": spoken(last) if kind == "door" else f"sent on by {spoken(pathway)}", "door": kind == "door",
        "outcome": None if referral.outcome is None else title_of(model, referral.outcome),
        "outcome_state": None if referral.outcome is None else model.network.flat.state_names[referral.outcome],
    }  # fmt: skip


def _occasion(referral: Referral, visit: Visit) -> str:
    """Return what is the same for this visit in every run with the same luck: referral and number of the visit."""
    return f"{referral.id0:08x}.{referral.id1}.{referral.entry}.{visit.visit}"


def _visit(visit: Visit, model: CareSystem) -> dict[str, Any]:
    pathway, _, state = model.network.flat.state_names[visit.state].partition("/")
    row = model.network.flat.arrays["state"][visit.state]
    course = row["keep"] != 0 and row["n_sessions"] >= 0
    kind = "course" if course else KINDS[int(row["kind"])]
    attended = [one for one in visit.contacts if one.attended]
    wait = None if kind == "time passing" else visit.wait
    return {
        "pathway": pathway, "state": state, "title": title_of(model, visit.state), "kind": kind,
        "joined": model.when(visit.joined), "began": _when(model, visit.began), "ended": _when(model, visit.ended),
        "missed_at": _when(model, visit.missed_at), "wait_minutes": _minutes(wait),
        "minutes": _minutes(None if visit.ended is None or visit.began is None else visit.ended - visit.began),
        "how": _how(visit, kind), "contacts": len(attended),
        "not_attended": len(visit.contacts) - len(attended) + (visit.missed_at is not None),
        "not_made": len(visit.not_made),
    }  # fmt: skip


def _how(visit: Visit, kind: str) -> str:
    """Return in a word how a visit went."""
    if visit.ended is None:
        under_way = "still waiting" if visit.began is None else "still there"
        return "still under way" if kind == "time passing" else under_way
    if visit.ended_by_not_attending:
        return "did not attend"
    if visit.began is None:
        return "turned away" if visit.ended == visit.joined else "left waiting"
    return {"contact": "seen", "course": "treated", "stay": "stayed", "time passing": "passed"}[kind]


def _contacts(visit: Visit, model: CareSystem) -> list[dict[str, Any]]:
    state = model.network.flat.state_names[visit.state]
    rows = [
        {"when": model.when(one.began), "state": state, "attended": one.attended,
         "minutes": _minutes(None if one.ended is None else one.ended - one.began), "made": True}
        for one in visit.contacts
    ]  # fmt: skip
    not_made = [
        {"when": model.when(t), "state": state, "attended": False, "minutes": None, "made": False}
        for t in visit.not_made
    ]
    return sorted(rows + not_made, key=lambda row: row["when"])


def _clock(run: ClockRun, model: CareSystem) -> dict[str, Any]:
    name = run.name
    started = model.when(run.started)
    in_force = (name.from_date is None or started.date() >= name.from_date) and (
        name.to_date is None or started.date() <= name.to_date
    )
    return {
        "pathway": name.pathway, "clock": name.name, "title": name.title, "of_state": name.of_state, "started": started,
        "until": model.when(run.until), "minutes": run.elapsed / 60, "how": run.how, "standard_seconds": name.within,
        "standard_share": name.share, "status": name.status, "in_force": in_force, "met": run.met,
    }  # fmt: skip


def _when(model: CareSystem, second: int | None) -> datetime | None:
    return None if second is None else model.when(second)


def _minutes(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 60
