"""Checkpoints: the whole of a run between two days in one file, to go on from, or to branch many futures from.

A run that goes on from a checkpoint does, to the bit, what it would have done without it.  Code is not stored: dated
changes that lie ahead, rules and observers of one's own are given again.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import checkpoint_file, snapshot
from abm.policy import NewNumbers
from abm.setting import Setting
from kernels import columns as c
from kernels.jit import sources_digest
from pathways.errors import InputError, one_of

if TYPE_CHECKING:
    from abm.model import CareSystem
    from abm.patients import Patient
    from abm.rules import Rule

SCHEMA = "4"
"""Raised when what a checkpoint holds, or its meaning, changes: older ones are then refused."""

WHOLE = "everything together"
"""The part of a setting that says whether all others are told."""


def write(model: CareSystem, file: Path | str, about: Mapping[str, Any] | None = None) -> str:
    """Write a model between two days; `about` (what JSON can hold) is kept for whoever reads the file.

    Returns the file's seal (`checkpoint_file.seal_of`).

    Edits of pathways that were made since the last midnight hold from now on, as they would from the next step on.
    """
    if int(model.m.now[c.T]) % 86_400:
        raise InputError(file=file, value=model.when(int(model.m.now[c.T])), expected="a run between two days")
    model.take_over_edits()
    now = model.m.now
    tables, held = snapshot.taken(model)
    document = {
        "schema": SCHEMA, "kernels": sources_digest(), "setting": setting_parts(model.setting),
        "area": model.setting.area, "date": model.today.isoformat(), "identity": model.identity,
        "digest": f"{int(now[c.HASH]) & (2**64 - 1):016x}", "chain": model.daily.chain(),
        "notes": model.notes, "rules": model.rules.sources,
        "ahead": [[one.date.isoformat(), one.source] for one in model.changes if not one.made],
        "run": {
            "start": (model.first_day + datetime.timedelta(days=model.warm_up)).isoformat(), "days": model.days,
            "warm_up": model.warm_up, "seed": int(now[c.SEED]), "replication": int(now[c.REPLICATION]),
            "minutes_per_step": int(now[c.STEP]) // 60, "events": bool(now[c.LOGGING]), "hourly": bool(now[c.HOURLY]),
            "prove": model.proof is not None, "plan": model.network.units.plan.tolist(),
            "lives": model.lives,
        },
        "days_proved": 0 if model.proof is None else model.proof.days,
        "about": dict(about or {}), "state": held,
    }  # fmt: skip
    return checkpoint_file.write(file, tables, document)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read; many models may go on from one."""

    file: Path
    document: dict[str, Any] = field(repr=False)
    tables: dict[str, np.ndarray] = field(repr=False)
    """Mapped from the file: not to be written"""

    @classmethod
    def read(cls, file: Path | str) -> Checkpoint:
        """Read a checkpoint, every bit of it against its checksum.

        Raises
        ------
        InputError
            If it is none, damaged, or was written by other kernels or another version of this program.
        """
        tables, document = checkpoint_file.read(file)
        refuse_other_program(file, document)
        return cls(Path(file), document, tables)

    @property
    def date(self) -> datetime.date:
        """The day that is about to begin."""
        return datetime.date.fromisoformat(self.document["date"])

    @property
    def replication(self) -> int:
        """The replication of the run that wrote it."""
        return self.document["run"]["replication"]

    @property
    def days_proved(self) -> int:
        """Days whose balance was proved before it was written."""
        return self.document["days_proved"]

    @property
    def about(self) -> dict[str, Any]:
        """What whoever wrote it said of it."""
        return self.document["about"]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments with which the run's model was made."""
        run = dict(self.document["run"])
        run["start"] = datetime.date.fromisoformat(run["start"])
        run["plan"] = np.array(run["plan"], np.int32)
        return run

    def put_into(self, model: CareSystem) -> list[str]:
        """Let a model made with `arguments` be where the run was; return what the identity says so far."""
        snapshot.put_back(model, self.tables, self.document["state"])
        wrong = {state: source for state, source in self.document["rules"].items()
                 if model.rules.sources.get(state) != source}  # fmt: skip
        if wrong:
            raise InputError(
                file=self.file, key=f"rules.{next(iter(wrong))}",
                value=None if next(iter(wrong)) not in model.rules.sources else "another rule",
                expected="the rule of the run before, given again (code is not stored)",
            )  # fmt: skip
        return list(self.document["notes"])

    def rules_before(self, rules: Mapping[str, Rule]) -> dict[str, Rule]:
        """Return those of the rules that hold since before the checkpoint."""
        return {state: rule for state, rule in rules.items() if state in self.document["rules"]}

    def refuse_other(self, setting: Setting) -> None:
        """Refuse a setting that would have changed something before the checkpoint's day, by what differs."""
        then, now = self.document["setting"], setting_parts(setting)
        for part in sorted({**then, **now}, key=lambda part: (part == WHOLE, part)):
            if then.get(part) != now.get(part):
                raise InputError(
                    file=self.file, key=f"setting: {part}", value=now.get(part),
                    expected=f"{then.get(part)}, as in the run before: a branch may differ from {self.date} on only",
                )  # fmt: skip

    def change_numbers(self, model: CareSystem, plan: np.ndarray) -> None:
        """Let teams have the numbers of a plan from the checkpoint's day on, where they differ from the run's own."""
        levers, was = model.network.units.levers, self.document["run"]["plan"]
        if len(plan) != len(was):
            raise InputError(file=self.file, key="plan", value=f"{len(plan)} numbers", expected=f"{len(was)} numbers")
        numbers = [(lever, int(n)) for lever, n, m in zip(levers, plan, was, strict=True) if n != m]
        if numbers:
            model.change_on(self.date, NewNumbers(tuple(numbers)))


def go_on[M: CareSystem](
    kind: type[M],
    checkpoint: Checkpoint | Path | str,
    setting: Setting,
    plan: np.ndarray | None,
    changes: Iterable[tuple[datetime.date | str, Callable[[CareSystem], Any]]],
    rules: Mapping[str, Rule],
    patient_class: type[Patient],
) -> M:
    """Return a model that goes on from a checkpoint (see `CareSystem.from_checkpoint`)."""
    whole = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint.read(checkpoint)
    whole.refuse_other(setting)
    before = whole.rules_before(rules)
    model = kind(setting, **whole.arguments(), rules=before, patient_class=patient_class, checkpoint=whole)
    for state in rules:
        if state not in before:
            model.rule(state, rules[state])
    if plan is not None:
        whole.change_numbers(model, plan)
    for date, what in changes:
        model.change_on(date, what)
    return model


def refuse_other_program(file: Path | str, document: Mapping[str, Any]) -> None:
    """Refuse a checkpoint of another version of this program, or of other kernels."""
    if document["schema"] != SCHEMA:
        raise InputError(file=file, key="schema", value=document["schema"], expected=f"{SCHEMA}: write it again")
    if document["kernels"] != sources_digest():
        raise InputError(
            file=file, key="kernels", value=document["kernels"][:12],
            expected=f"a checkpoint of these kernels ({sources_digest()[:12]}): run to its day again",
        )  # fmt: skip


def setting_parts(setting: Setting) -> dict[str, str]:
    """Return what a setting is made of, each part by its name: two settings with the same parts are one."""
    parts = {"area": setting.area, "people": setting.population.digest}
    parts["pathways"] = one_of(setting.pathways)
    parts |= {f"pathway {name}": graph.digest() for name, graph in setting.pathways.items()}
    parts |= {f"demand of {door.name}": f"{door.total!r} a year in England" for door in setting.demand.doors}
    parts["rosters"] = hashlib.sha256(repr(setting.rosters).encode()).hexdigest()
    parts[WHOLE] = setting.digest
    return parts
