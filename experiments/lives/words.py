"""A life in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from experiments.reports.words import duration, in_plain_words, spoken, titled

SYNTHETIC = "This person is synthetic: made from published tables, and nobody who ever lived."
SCORES = {"phq9": "depression score (PHQ-9)", "gad7": "anxiety score (GAD-7)", "severity": "severity"}


def told(life: Mapping[str, Any]) -> list[str]:
    """Return a life (`experiments.lives.life.life_of`) as paragraphs: the person, each referral, what changed."""
    they = "he" if life["person"]["sex"] == "male" else "she"
    paragraphs = [SYNTHETIC, " ".join(_person(life["person"], they))]
    if not life["referrals"]:
        paragraphs.append(f"In the whole run {they} asked for no help and was sent to nobody.")
    for referral in life["referrals"]:
        paragraphs.append(" ".join(_referral(life, referral, they)))
    if life["changes"]:
        paragraphs.append(" ".join(_changes(life["changes"])))
    return paragraphs


def at(when: datetime) -> str:
    """Return a moment in words: Tuesday 12 April 2016, 10:32."""
    return f"{on(when)}, {when:%H:%M}"


def on(day: date) -> str:
    """Return a day in words."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def lasting(minutes: float) -> str:
    """Return a length of time in the unit a reader would use."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"{minutes:.0f} minute" + ("" if round(minutes) == 1 else "s")
    return f"{minutes / 60:.1f} hours" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def listed(words: Sequence[str]) -> str:
    """Return words joined by commas and `and`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _person(person: Mapping[str, Any], they: str) -> Iterator[str]:
    who = "A man" if they == "he" else "A woman"
    if person["age"] < 18:
        who = "A boy" if they == "he" else "A girl"
    years = "110 or older" if person["age"] >= 110 else f"{person['age']}"
    tenth = person["deprivation"]
    poor = " (1 is the most deprived)" if tenth > 1 else ", the most deprived"
    yield (
        f"{who} of {years}, {person['ethnicity']}, of small area {person['small_area']} in {person['system']}, "
        f"deprivation tenth {tenth}{poor}; resident {person['ordinal']} of that area, row {person['row']}."
    )
    conditions = [spoken(name) for name in person["conditions"]]
    yield f"At the start of the run {they} has {listed(conditions) if conditions else 'none of the conditions modelled'}."
    scores = f"PHQ-9 {person['phq9']}, GAD-7 {person['gad7']}"
    yield f"{scores}; severity of the worst mental health condition: {person['severity']}."
    if person["past_use"]:
        yield f"In the year before {they} had used: {listed([spoken(name) for name in person['past_use']])}."


def _referral(life: Mapping[str, Any], referral: Mapping[str, Any], they: str) -> Iterator[str]:
    number = referral["referral"]
    how = f"by the door “{referral['came_by']}”" if referral["door"] else referral["came_by"]
    yield f"Referral {number}: on {at(referral['opened'])} {they} comes to {spoken(referral['pathway'])}, {how}."
    for visit in life["visits"]:
        if visit["referral"] == number:
            yield from _visit(visit, they)
    if referral["outcome"] is not None:
        yield f"It ends on {at(referral['closed'])}: {referral['outcome']}."
    else:
        yield f"It is still open when the run ends on {at(life['ends'])}."
    for clock in life["clocks"]:
        if clock["referral"] == number and clock["standard_seconds"] is not None and clock["in_force"]:
            yield from _clock(clock)


def _visit(visit: Mapping[str, Any], they: str) -> Iterator[str]:
    title, how = visit["title"], visit["how"]
    joined, began, ended = visit["joined"], visit["began"], visit["ended"]
    if visit["kind"] == "time passing":
        until = f"{lasting(visit['minutes'])}, until {at(ended)}" if ended else "still under way at the end"
        yield f"{titled(title)}: {until}."
        return
    since = f"From {at(joined)} {they} waits for {title}"
    if how == "still waiting":
        yield f"{since}, and still waits when the run ends."
    elif how == "left waiting":
        yield f"{since}; after {lasting((ended - joined).total_seconds() / 60)}, on {at(ended)}, {they} waits no longer."
    elif how == "turned away":
        yield f"On {at(joined)} there is no room at {title}: {they} is turned away."
    elif visit["missed_at"] is not None:
        yield f"{since}; {they} does not attend the appointment of {at(visit['missed_at'])}."
    elif began is None:
        yield f"{since}; {they} does not attend and is discharged on {at(ended)}."
    else:
        waited = "is seen at once" if visit["kind"] == "contact" else "begins at once"
        if visit["wait_minutes"] > 0:
            waited = f"waits {lasting(visit['wait_minutes'])}, until {at(began)}"
        yield f"{titled(title)}: {they} asks on {at(joined)} and {waited}."
        yield from _after(visit, they)


def _after(visit: Mapping[str, Any], they: str) -> Iterator[str]:
    """Say what came after a visit had begun."""
    ended = visit["ended"]
    until = f"{lasting(visit['minutes'])}, until {at(ended)}" if ended else "and it goes on when the run ends"
    if visit["kind"] == "contact":
        yield f"The contact takes {lasting(visit['minutes'])}." if ended else "It goes on when the run ends."
    elif visit["kind"] == "course":
        sessions = f"{visit['contacts']} session" + ("" if visit["contacts"] == 1 else "s")
        missed = f", {visit['not_attended']} not attended" if visit["not_attended"] else ""
        last = f"until {at(ended)}" if ended else until
        over = f"; then the course is stopped, because {they} does not attend" if visit["how"] == "did not attend" else ""
        yield f"{sessions}{missed}, {last}{over}."
    else:
        yield f"The stay lasts {until}." if ended else f"It begins, {until}."
        if visit["contacts"] or visit["not_made"]:
            failed = f"; {visit['not_made']} that were due were not made" if visit["not_made"] else ""
            yield f"In it there are {visit['contacts']} visits{failed}."


def _clock(clock: Mapping[str, Any]) -> Iterator[str]:
    what = f"the wait for {clock['title']}" if clock["of_state"] else f"the clock “{clock['title']}”"
    standard = f"{clock['status']} standard {duration(clock['standard_seconds'])}"
    verdict = {True: "met", False: "not met", None: "open"}[clock["met"]]
    ran = lasting(clock["minutes"])
    if clock["how"] == "void":
        text = f"{what} does not count, as the appointment was not attended"
    elif clock["how"] == "lost":
        text = f"{what} ran {ran} and stopped without what it was waiting for ({standard}" + (
            ": not met)" if clock["met"] is False else ": not judged)"
        )
    elif clock["how"] == "running":
        text = f"{what} still runs after {ran} ({standard}: {verdict})"
    else:
        text = f"{what} took {ran} ({standard}: {verdict})"
    text = in_plain_words(text)
    yield text[:1].upper() + text[1:] + "."


def _changes(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say how each score moved, from its first value to its last."""
    for name, words in SCORES.items():
        mine = [row for row in changes if row["what"] == name]
        if mine:
            first, last = mine[0], mine[-1]
            when = f"between {on(first['day'])} and {on(last['day'])}, in {len(mine)} steps"
            if len(mine) == 1:
                when = f"on {on(first['day'])}"
            yield f"The {words} goes from {first['before']} to {last['after']} {when}."
