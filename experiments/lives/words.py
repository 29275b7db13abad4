"""A life in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from experiments.reports.words import duration, spoken, titled

SYNTHETIC = "This person is synthetic: made from published tables, and nobody who ever lived."
SCORES = {"phq9": "depression score (PHQ-9)", "gad7": "anxiety score (GAD-7)", "severity": "severity"}


def told(life: Mapping[str, Any]) -> list[str]:
    """Return a life (`experiments.lives.life.life_of`) as paragraphs: the person, each referral, what changed."""
    they = "he" if life["person"]["sex"] == "male" else "she"
    paragraphs = [SYNTHETIC, " ".join(_person(life["person"], they))]
    if not life["referrals"]:
        paragraphs.append(f"In the whole run {they} asked for no help and was sent to nobody.")
    for referral in life["referrals"]:
        paragraphs.append(" ".join(Telling(life, referral, they).sentences()))
    if life["changes"]:
        paragraphs.append(" ".join(_changes(life["changes"])))
    return paragraphs


def on(day: date) -> str:
    """Return a day in words: Tuesday 12 April 2016."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def lasting(minutes: float) -> str:
    """Return a length of time in the unit a reader would use."""
    if minutes < 1:
        return "no time" if minutes == 0 else "less than a minute"
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
    has = listed(conditions) if conditions else "none of the conditions modelled"
    yield f"At the start of the run {they} has {has}."
    scores = f"PHQ-9 {person['phq9']}, GAD-7 {person['gad7']}"
    yield f"{scores}; severity of the worst mental health condition: {person['severity']}."
    if person["past_use"]:
        yield f"In the year before {they} had used: {listed([spoken(name) for name in person['past_use']])}."


class Telling:
    """One referral as it is told: a day that was just named is not named again."""

    def __init__(self, life: Mapping[str, Any], referral: Mapping[str, Any], they: str) -> None:
        self.life, self.referral, self.they = life, referral, they
        number = referral["referral"]
        self.visits = [visit for visit in life["visits"] if visit["referral"] == number]
        self.clocks = [
            clock for clock in life["clocks"]
            if clock["referral"] == number and clock["standard_seconds"] is not None and clock["in_force"]
        ]  # fmt: skip
        self._today: date | None = None

    def at(self, when: datetime) -> str:
        """Return a moment in words: Tuesday 12 April 2016 at 10:32, or 10:32 of the day last named."""
        if when.date() == self._today:
            return f"{when:%H:%M}"
        self._today = when.date()
        return f"{on(when)} at {when:%H:%M}"

    def sentences(self) -> Iterator[str]:
        """Yield the referral's sentences."""
        referral = self.referral
        how = f"by the door “{referral['came_by']}”" if referral["door"] else referral["came_by"]
        opened = self.at(referral["opened"])
        yield f"Referral {referral['referral']}: {opened}, {self.they} comes to {referral['title']}, {how}."
        for visit in self.visits:
            yield from self._visit(visit)
        if referral["outcome"] is not None:
            yield f"It ends, {self.at(referral['closed'])}: {referral['outcome']}."
        elif referral["closed"] is not None:
            yield f"It ends, {self.at(referral['closed'])}: {self.they} died or moved away."
        else:
            yield f"It is still open when the run ends, {self.at(self.life['ends'])}."
        for clock in self.clocks:
            if not clock["of_state"]:
                yield _clock(clock)

    def _visit(self, visit: Mapping[str, Any]) -> Iterator[str]:
        they, title, how = self.they, visit["title"], visit["how"]
        ended = visit["ended"]
        if visit["kind"] == "time passing":
            until = f"{lasting(visit['minutes'])}, until {self.at(ended)}" if ended else "still under way at the end"
            yield f"{titled(title)}: {until}."
            if visit["host"]:
                yield self._host(visit)
            return
        joined = self.at(visit["joined"])
        if how == "still waiting":
            yield f"{titled(title)}: {they} asks, {joined}, and still waits when the run ends{self._verdict(visit)}."
        elif how == "left waiting":
            waited = lasting((ended - visit["joined"]).total_seconds() / 60)
            left = f"{self.at(ended)}{self._verdict(visit)}"
            yield f"{titled(title)}: {they} asks, {joined}, and waits no longer after {waited}, {left}."
        elif how == "turned away":
            yield f"{titled(title)}: {they} asks, {joined}, and is turned away."
        elif visit["missed_at"] is not None:
            appointment = self.at(visit["missed_at"])
            yield f"{titled(title)}: {they} asks, {joined}, and does not attend the appointment, {appointment}."
        elif visit["began"] is None:
            yield f"{titled(title)}: {they} asks, {joined}, and does not attend; discharged, {self.at(ended)}."
        else:
            waited = "is seen at once" if visit["kind"] == "contact" else "begins at once"
            if visit["wait_minutes"] > 0:
                waited = f"waits {lasting(visit['wait_minutes'])}, until {self.at(visit['began'])}"
            yield f"{titled(title)}: {they} asks, {joined}, and {waited}{self._verdict(visit)}."
            yield from self._after(visit)

    def _host(self, visit: Mapping[str, Any]) -> str:
        """Say on which STP's ward a stay outside the area was."""
        left = visit["host_until"]
        until = f", until {self.at(left)}" if left else ""
        return (
            f"From {self.at(visit['host_from'])} {self.they} is a guest of {visit['host']}, "
            f"on a ward there ({visit['host_ward']}){until}."
        )

    def _verdict(self, visit: Mapping[str, Any]) -> str:
        """Return what the standard of the visit's own state says of its wait, in brackets."""
        for clock in self.clocks:
            of = clock["pathway"], clock["clock"], clock["started"]
            if clock["of_state"] and of == (visit["pathway"], visit["state"], visit["joined"]):
                return f" ({_standard(clock)}: {VERDICTS[clock['met']]})"
        return ""

    def _after(self, visit: Mapping[str, Any]) -> Iterator[str]:
        """Say what came after a visit had begun."""
        ended = visit["ended"]
        length = f"{lasting(visit['minutes'])}, until {self.at(ended)}" if ended else ""
        if visit["kind"] == "contact":
            yield f"The contact takes {lasting(visit['minutes'])}." if ended else "It goes on when the run ends."
        elif visit["kind"] == "course":
            sessions = f"{visit['contacts']} session" + ("" if visit["contacts"] == 1 else "s")
            missed = f", {visit['not_attended']} not attended" if visit["not_attended"] else ""
            stopped = visit["how"] == "did not attend"
            over = f"; then the course is stopped, because {self.they} does not attend" if stopped else ""
            yield f"{sessions}{missed}, in {length}{over}." if ended else f"{sessions}{missed} by the end of the run."
        else:
            yield f"The stay lasts {length}." if ended else "The stay goes on when the run ends."
            if visit["contacts"] or visit["not_made"]:
                failed = f"; {visit['not_made']} that were due were not made" if visit["not_made"] else ""
                visits = "There is 1 visit" if visit["contacts"] == 1 else f"There are {visit['contacts']} visits"
                yield f"{visits} in it{failed}."


VERDICTS = {True: "met", False: "not met", None: "open"}


def _standard(clock: Mapping[str, Any]) -> str:
    return f"{clock['status']} standard {duration(clock['standard_seconds'])}"


def _clock(clock: Mapping[str, Any]) -> str:
    what, ran = f"Clock “{clock['title']}”:", lasting(clock["minutes"])
    if clock["how"] == "void":
        return f"{what} it does not count, as the appointment was not attended."
    if clock["how"] == "lost":
        verdict = "not met" if clock["met"] is False else "not judged"
        return f"{what} {ran}, then given up ({_standard(clock)}: {verdict})."
    if clock["how"] == "running":
        return f"{what} still running after {ran} ({_standard(clock)}: {VERDICTS[clock['met']]})."
    return f"{what} {ran} ({_standard(clock)}: {VERDICTS[clock['met']]})."


def _changes(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say how each score moved, from its first value to its last."""
    for name, words in SCORES.items():
        mine = [row for row in changes if row["what"] == name]
        if mine:
            first, last = mine[0], mine[-1]
            when = f"between {on(first['day'])} and {on(last['day'])}, in {len(mine)} steps"
            if len(mine) == 1:
                when = f"on {on(first['day'])}"
            goes = f"goes from {first['before']} to {last['after']}"
            if first["before"] == last["after"]:
                low, high = min(row["after"] for row in mine), max(row["after"] for row in mine)
                goes = f"moves between {low} and {high} and is {last['after']} again"
            yield f"The {words} {goes} {when}."
