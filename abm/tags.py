"""Tags: the twelve bits of a resident's id that say by which door, or from which state, a referral came.

Two doors with one tag would share their people's luck.  A tag is the first hash of its path, of path + "#2", path +
"#3" …, that is free: no tag of a stream (0xF00 and above), none of people who are there at the start, and none of
another door.  Doors take theirs in the order of their names, then states that begin with people of England, then
openings, then the doors at which people turn up while they wait.  Openings may share one among themselves: each
referral a person is given has a number of its own.
"""

from collections.abc import Iterable, Mapping

from kernels import columns as c
from kernels.draws import purpose, tag
from pathways.specs import PathwaySpec

BITS = 12
STREAMS = c.STREAM_ID >> (32 - BITS)


def of_doors(specs: Mapping[str, PathwaySpec]) -> dict[str, int]:
    """Return the tag of every door, by names such as `crisis/gp`."""
    taken = set(_at_start(specs))
    found = {}
    for name in sorted(f"{pathway}/{door}" for pathway, spec in specs.items() for door in spec.doors):
        found[name] = _free(f"door/{name}", taken)
        taken.add(found[name])
    return found


def of_caseloads(specs: Mapping[str, PathwaySpec]) -> dict[str, int]:
    """Return the tag of every state that begins with people of England, by names such as `crisis/triage`."""
    taken = set(_at_start(specs)) | set(of_doors(specs).values())
    found = {}
    for name in sorted(
        f"{p}/{name}" for p, spec in specs.items() for name, s in spec.states.items() if s.at_start_england
    ):
        found[name] = _free(f"start/{name}", taken)
        taken.add(found[name])
    return found


def of_openings(specs: Mapping[str, PathwaySpec], openings: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the tag of every opening (state, state it opens), both by names such as `crisis/talking_therapies`."""
    taken = set(_at_start(specs)) | set(of_doors(specs).values()) | set(of_caseloads(specs).values())
    return {(state, to): _free(f"opens/{state}/{to}", taken) for state, to in openings}


def of_turning_up(specs: Mapping[str, PathwaySpec], doors: Iterable[str]) -> dict[str, int]:
    """Return the tag of whoever turns up at a door instead of waiting on, by names such as `liaison/ae`."""
    taken = set(_at_start(specs)) | set(of_doors(specs).values()) | set(of_caseloads(specs).values())
    pairs = [
        (f"{pathway}/{name}", to if "/" in to else f"{pathway}/{to}")
        for pathway, spec in specs.items() for name, state in spec.states.items() for to in state.opens
    ]  # fmt: skip
    taken |= set(of_openings(specs, pairs).values())
    found = {}
    for door in sorted(doors):
        found[door] = _free(f"turns up/{door}", taken)
        taken.add(found[door])
    return found


def _free(path: str, taken: set[int]) -> int:
    """Return the first hash of a path that is not taken."""
    found, number = tag(path, BITS), 1
    while found in taken or found >= STREAMS:
        number += 1
        found = tag(f"{path}#{number}", BITS)
    return found


def _at_start(specs: Mapping[str, PathwaySpec]) -> Iterable[int]:
    """Yield the same bits of people who are in (or wait for) a state when the run starts."""
    for pathway, spec in specs.items():
        for name, state in spec.states.items():
            if state.at_start + state.at_start_waiting > 0:
                yield (c.AT_START | (purpose(f"{pathway}/{name}/at_start") & 0x0FFFFFFF)) >> (32 - BITS)
