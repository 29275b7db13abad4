"""Reading a finished sizing back, and refusing what is none, or none of today's pathways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.planning.layout import Layout
from pathways.errors import InputError


def read_sizing(path: Path | str) -> tuple[Path, dict[str, Any]]:
    """Return a sizing's file and what is in it; a folder may be the sizing's own or hold only one.

    Raises
    ------
    InputError
        If it is no sizing, several, or one without the words needed to simulate it again.
    """
    place = Path(path)
    if place.is_dir():
        found = [place / "sizing.json"] if (place / "sizing.json").is_file() else [*place.glob("sizing-*/sizing.json")]
        if len(found) != 1:
            raise InputError(
                file=place, key="sizing", value=sorted(one.parent.name for one in found) or None,
                expected="the folder of one sizing" if found else "a folder that `parity size` has written",
            )  # fmt: skip
        place = found[0]
    try:
        read = json.loads(place.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            file=place, key="sizing", value=str(error), expected="JSON that `parity size` wrote"
        ) from error
    kind = read.get("kind") if isinstance(read, dict) else None
    if kind != "sizing" or "subject" not in read:
        raise InputError(
            file=place, key="kind", value=kind, expected="a sizing that says what was sized (`subject`): size it again"
        )
    return place, read


def stands_alone(sizing: Path | str) -> bool:
    """Whether a sizing is that of one pathway file: its years are short enough to need no workers."""
    return "pathway" in read_sizing(sizing)[1]["subject"]


def refuse_another_layout(file: Path, read: Mapping[str, Any], layout: Layout) -> None:
    """A plan is a list of numbers: refuse one whose levers are not those of today's pathways, in their order."""
    written, now = [row["lever"] for row in read["plan"]], [lever.name for lever in layout.levers]
    if written != now:
        other = next((w for w in written if w not in now), None) or next((n for n in now if n not in written), None)
        raise InputError(
            file=file, key="plan", value=other, expected="the teams and rows of today's pathways: size again"
        )
