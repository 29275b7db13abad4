"""A scenario: what is asked of the model, as a small file that anybody can read and nobody can misread.

Unknown keys, teams, places, doors and hours are refused before anything runs (`docs/scenarios.md`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, StrictBool, ValidationError, field_validator, model_validator

from experiments.scenario_tables import Edit, Part, Surge, TeamChange
from pathways.errors import InputError, nearest, one_of

PRESETS = Path(__file__).resolve().parent / "scenarios"
BASELINE = "baseline"
UNUSED = ("name", "title", "note", "extends", "replications", "years")
"""Keys that do not change what one run does (`years` is kept as days)."""
DAYS_OF_YEAR = 365.25
FIRST_START, LAST_START = date(1900, 1, 1), date(2199, 12, 31)
IN_OUR_WORDS = {
    "tuple_type": "a list", "dict_type": "a table", "string_type": "a text", "too_short": "at least one",
    "string_too_short": "a text that is not empty", "int_type": "a whole number", "int_parsing": "a whole number",
    "int_from_float": "a whole number", "float_type": "a number", "float_parsing": "a number",
    "bool_type": "true or false", "date_type": "a date such as 2016-04-01", "date_parsing": "a date such as 2016-04-01",
    "date_from_datetime_parsing": "a date such as 2016-04-01",
    "date_from_datetime_inexact": "a date such as 2016-04-01, without an hour",
}  # fmt: skip
"""What was expected, by pydantic's word for the fault (other faults keep pydantic's sentence)."""


class Scenario(Part):
    """What is asked: an area, a time, and what differs from the pathways as they are declared."""

    name: str = Field(BASELINE, min_length=1, description="A short name")
    title: str = Field("", description="What it is, in a sentence")
    note: str = Field("", description="Anything else worth knowing; changes nothing")
    extends: str | None = Field(None, description="A built-in scenario, or a file beside this one")
    area: str = Field("lsc", description="The area: lsc is Lancashire & South Cumbria")
    start: date = Field(
        date(2016, 4, 1), ge=FIRST_START, le=LAST_START, description="First day measured; the warm-up lies before it"
    )
    years: float | None = Field(None, gt=0, le=20, description="Length of the measured window in years (1)")
    days: int | None = Field(None, ge=1, le=7305, description="The same in days; give one of the two")
    warm_up: int = Field(182, ge=0, le=3653, description="Days before `start` in which the caseload builds up")
    seed: int = Field(1, ge=0, lt=2**32, description="Explains all luck of the runs")
    population_seed: int = Field(
        1, ge=0, lt=2**32, description="Chooses one of many populations that agree with the tables"
    )
    replications: int = Field(1, ge=1, description="Runs, each with luck of its own")
    minutes_per_step: int = Field(15, ge=1, le=1440, description="Width of the calendar's buckets; changes no result")
    pathways: tuple[str, ...] = Field(
        ("crisis", "liaison", "talking_therapies", "inpatient"),
        min_length=1,
        description='Pathways that are open; "all": every pathway of the library',
    )
    pathway: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description='[pathway.NAME] with "dotted.key" = value, and `add`, `remove` (docs/scenarios.md)',
    )
    edit: tuple[Edit, ...] = Field((), description="[[edit]] tables: single values, dated if wanted")
    team: tuple[TeamChange, ...] = Field((), description="[[team]] tables: rosters, numbers, places")
    lives: StrictBool = Field(
        False, description="People are born, age, fall ill, recover, move and die (docs/lives.md)"
    )
    staff: StrictBool | dict[str, float] = Field(
        False, description="Teams have the people of a simulated workforce; [staff] sets its levers (docs/staff.md)"
    )
    demand: dict[str, float] = Field(
        default_factory=dict, description='Factors on external demand: "pathway" or "pathway/door" = 1.2'
    )

    surge: tuple[Surge, ...] = Field((), description="[[surge]] tables: factors on demand between two days")

    @field_validator("pathways", mode="before")
    @classmethod
    def _all_pathways(cls, value: Any) -> Any:
        if value != "all":
            return value
        from abm.setting import every_pathway  # the engine is loaded only where it is needed

        return every_pathway()

    @model_validator(mode="after")
    def _one_length(self) -> Scenario:
        if self.years is not None and self.days is not None:
            raise ValueError("`years` or `days`, not both")
        return self

    @property
    def staff_levers(self) -> dict[str, float] | None:
        """Return the levers of a simulated workforce; None if teams have whoever their rosters say."""
        if isinstance(self.staff, bool):
            return {} if self.staff else None
        return self.staff

    @property
    def measured_days(self) -> int:
        """Return the length of the measured window; whole years are whole calendar years."""
        if self.days is not None:
            return self.days
        years = 1.0 if self.years is None else self.years
        if years == int(years):
            return (_years_later(self.start, int(years)) - self.start).days
        return max(1, round(years * DAYS_OF_YEAR))

    def canonical(self) -> str:
        """Return the text of everything that can change a run of it: two scenarios with one text are one."""
        content = self.model_dump(mode="json", by_alias=True, exclude=set(UNUSED), exclude_defaults=False)
        content["days"] = self.measured_days
        if not self.lives:
            del content["lives"]  # results of before there were lives are of the same scenarios
        if self.staff is False:
            del content["staff"]
        if not self.surge:  # a scenario is the same as before there were any
            del content["surge"]
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def digest(self) -> str:
        """Return the SHA-256 of the canonical text."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def replaced(self, **values: Any) -> Scenario:
        """Return the scenario with some values replaced (those that are None are left), checked again."""
        given = {key: value for key, value in values.items() if value is not None}
        content = self.model_dump(by_alias=True) | given
        if "years" in given:
            content["days"] = None
        elif "days" in given:
            content["years"] = None
        return _validated(content, self.name)


def read(file: Path | str | None = None) -> Scenario:
    """Read a scenario file (None: the built-in baseline), and check every name in it against the pathways.

    Raises
    ------
    InputError
        Naming the file, the key, the value, what was expected and the nearest right word.
    """
    from experiments import scenario_checks

    path = PRESETS / f"{BASELINE}.toml" if file is None else path_of(file)
    scenario = _validated(_merged(path, ()), path)
    scenario_checks.check(scenario, path)
    return scenario


def path_of(file: Path | str) -> Path:
    """Return a scenario's file: the one given, or the built-in one of that name."""
    built_in = PRESETS / f"{file}.toml"
    return built_in if not Path(file).is_file() and built_in.is_file() else Path(file)


def parent_of(file: Path | str) -> Scenario | None:
    """Read the scenario that a file extends; None if it extends none."""
    path = path_of(file)
    content = _content(path)
    return read(_parent(path, content["extends"])) if "extends" in content else None


def preset_names() -> list[str]:
    """Return the names of the built-in scenarios."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def presets() -> list[dict[str, str]]:
    """Return name, title and parent of every built-in scenario, as their files say."""
    found = []
    for name in preset_names():
        content = _content(PRESETS / f"{name}.toml")
        found.append({"name": name, "title": content.get("title", ""), "extends": content.get("extends", "")})
    return found


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files."""
    schema = Scenario.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Return a file's content over that of the scenario it extends."""
    content = {"name": path.stem} | _content(path)
    if "extends" not in content:
        return content
    parent = _parent(path, content["extends"])
    if parent.resolve() in (*seen, path.resolve()):
        raise InputError(file=path, key="extends", value=content["extends"], expected="no circle of scenarios")
    below = _merged(parent, (*seen, path.resolve()))
    for own in ("name", "title", "note"):
        below.pop(own, None)
    for one, other in (("years", "days"), ("days", "years")):
        if one in content:
            below.pop(other, None)
    for key, value in content.items():
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping):
            below[key] = {**below[key], **value} if key in ("demand", "staff") else _deep(below[key], value)
        elif key in ("edit", "team", "surge") and isinstance(value, list) and isinstance(below.get(key), list):
            below[key] = below[key] + value
        else:
            below[key] = value
    return below


def _deep(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the tables [pathway.NAME]; their values are replaced whole."""
    merged = {name: dict(table) for name, table in below.items() if isinstance(table, Mapping)}
    for name, table in above.items():
        merged[name] = {**merged.get(name, {}), **table} if isinstance(table, Mapping) else table
    return merged


def _parent(path: Path, name: object) -> Path:
    beside = path.parent / f"{name}"
    for candidate in (beside, PRESETS / f"{name}.toml"):
        if isinstance(name, str) and candidate.is_file():
            return candidate
    names = preset_names()
    raise InputError(
        file=path, key="extends", value=name, expected=f"a file, or {one_of(names)}",
        suggestion=nearest(name, names)
    )  # fmt: skip


def _content(path: Path) -> dict[str, Any]:
    if not path.is_file():
        names = preset_names()
        raise InputError(
            file=path, expected=f"a scenario file that exists; built in: {one_of(names)}",
            suggestion=nearest(path.stem, names),
        )  # fmt: skip
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(file=path, expected=f"a scenario file that can be read ({problem})") from None
    except tomllib.TOMLDecodeError as problem:
        raise InputError(file=path, expected=f"TOML: {problem}") from None


def _validated(content: Mapping[str, Any], file: object) -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as problem:
        raise _refusal(problem, file) from None


def _refusal(problem: ValidationError, file: object) -> InputError:
    """Return what pydantic found first, in our words; a misspelt key comes before the one missing for it."""
    found = problem.errors(include_url=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    where = [part for part in first["loc"] if part != "function-after"]
    key = ".".join(str(part) for part in where)
    value = first.get("input")
    if first["type"] == "extra_forbidden":
        tables: dict[str, type[Part]] = {"team": TeamChange, "edit": Edit, "surge": Surge}
        table = tables.get(str(where[0]), Scenario) if len(where) > 1 else Scenario
        words = [field.alias or name for name, field in table.model_fields.items()]
        return InputError(file=file, key=key, value=value, expected=one_of(words), suggestion=nearest(where[-1], words))
    expected = IN_OUR_WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, ").removeprefix(
        "Input should be "
    )
    if first["type"] == "missing":
        value, expected = None, "this key: it cannot be left out"
    return InputError(file=file, key=key, value=value, expected=expected)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
