"""The tables a scenario file may repeat: edits of pathways, changes of teams, surges of demand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

SWITCHES = ("value", "add", "lives", "staff")
"""Keys that may be true or false: values of a pathway's file, and switches of a scenario."""


class Part(BaseModel):
    """A table of a scenario file: frozen, and nothing in it that is not understood."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, about: ValidationInfo) -> Any:
        """Refuse true and false where no switch is meant: Python takes them for 1 and 0."""
        if about.field_name in SWITCHES:
            return value
        inner = list(value.values()) if isinstance(value, Mapping) else [value]
        if any(isinstance(one, bool) for one in inner):
            raise ValueError("a value that is not true or false")
        return value


class Edit(Part):
    """A change of a pathway, by the words of its file: a value, what comes, or goes; with `from`, as of that day."""

    pathway: str = Field(description="Name of a pathway, e.g. liaison")
    key: str | None = Field(
        None, description="Dotted key, e.g. state.ed_assessment.minutes or route.referral.opt_in.share"
    )
    value: Any = Field(None, description="The value as the pathway file would write it")
    add: dict[str, Any] | None = Field(
        None, description='{ "state.cafe" = { kind = "contact", … }, route = [ { from = …, to = …, share = … } ] }'
    )
    remove: str | None = Field(None, description="state.X, route.FROM.TO, clock.X or a dotted key")
    moves_to: str | None = Field(
        None, description="With `remove` of a state: the state in which those who are there go on"
    )
    from_: date | None = Field(None, alias="from", description="First day on which it holds")

    @model_validator(mode="after")
    def _does_one_thing(self) -> Edit:
        if sum(one is not None for one in (self.key, self.add, self.remove)) != 1:
            raise ValueError("one of key (with value), add, remove")
        if (self.key is None) != (self.value is None):
            raise ValueError("`key` and `value` together")
        if self.moves_to is not None and not (self.remove or "").startswith("state."):
            raise ValueError('`moves_to` together with remove = "state.X"')
        return self


class TeamChange(Part):
    """Another roster, or other numbers, for one team at one place (or at all its places)."""

    team: str = Field(description="pathway/team, e.g. talking_therapies/cbt")
    place: str | None = Field(None, description="Delivery system, A&E site or area; default: every place of the team")
    staff: tuple[dict[str, Any], ...] | None = Field(
        None, description="Rows { hours, role = number on shift, least } that replace the team's roster there"
    )
    hours: str | None = Field(None, description="With `number`: the roster row that is meant")
    role: str | None = Field(None, description="With `number`: the role that is meant")
    number: int | None = Field(None, ge=0, le=20_000, description="On shift together on that row")
    places: int | None = Field(None, ge=1, le=20_000, description="Beds or caseload places")
    clinicians: dict[str, int] | None = Field(None, description="{ role = number } of people who hold courses")
    from_: date | None = Field(None, alias="from", description="First day on which it holds")

    @model_validator(mode="after")
    def _says_something(self) -> TeamChange:
        if (self.number is None) != (self.role is None) or (self.hours is not None and self.number is None):
            raise ValueError("`number` and `role` together, with `hours` where the role has several rows")
        if self.staff is None and self.number is None and self.places is None and self.clinicians is None:
            raise ValueError("one of staff, number (with role), places, clinicians")
        return self


class Surge(Part):
    """For some days more people, or fewer, ask from outside, at a door or all doors of a pathway."""

    door: str = Field(description='"pathway" or "pathway/door", e.g. liaison/ae')
    factor: float = Field(ge=0, le=100, description="On how often people ask; several at one door multiply")
    from_: date = Field(alias="from", description="First day on which it holds")
    until: date | None = Field(None, description="First day on which it no longer holds; default: the end")
