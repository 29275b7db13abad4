"""Is this installation sound?  Versions, the import names, the machine, and a sum with a known answer."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

ROOT = Path(__file__).resolve().parents[1]
OUR_NAMES = ("abm", "kernels", "pathways", "experiments", "cluster")
KEY_LIBRARIES = ("numpy", "numba", "networkx", "mesa", "dask", "distributed", "pandas", "pyarrow", "scipy")
LEAST_PYTHON = (3, 12)
LEAST_MEMORY_GB = 2.0

SELF_CHECK_FILE = ROOT / "tests" / "examples" / "three-stations.toml"
THEORY_MINUTES = {"one": 10.438, "two": 34.627, "three": 25.466}
"""Mean waits of an open Jackson network (1957) by Erlang C at each station; rounded in the file's header."""
STANDARD_ERRORS = 4.0


def examine(*, self_check: bool = True) -> dict[str, Any]:
    """Return everything `parity doctor` knows; `problems` is empty when all is well."""
    packages = {name: whose(name) for name in OUR_NAMES}
    versions = installed_versions()
    machine = this_machine()
    problems = [package["remedy"] for package in packages.values() if not package["ours"]]
    if tuple(map(int, platform.python_version_tuple()[:2])) < LEAST_PYTHON:
        problems.append(f"Python {platform.python_version()} is too old: 3.12 or newer is needed (`make setup`)")
    problems += [f"{name} is not installed: run `make setup`" for name, v in versions.items() if v["installed"] is None]
    if machine["memory_gb"] < LEAST_MEMORY_GB:
        problems.append(f"{machine['memory_gb']} GB of memory: a whole area needs {LEAST_MEMORY_GB:g} GB")
    check: dict[str, Any] | None = None
    if self_check and not problems:
        check = three_stations()
        if not check["agrees"]:
            problems.append("the self-check does not agree with theory: results of this installation cannot be trusted")
    return {
        "sound": not problems,
        "problems": problems,
        "python": platform.python_version(),
        "versions": versions,
        "packages": packages,
        "machine": machine,
        "self_check": check,
    }


def whose(name: str, root: Path = ROOT) -> dict[str, Any]:
    """Say where the import name `name` leads, and what to do if that is not `root`.

    The five names also exist on the public package index; one installed there stands before ours on the path.
    """
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or []) if spec else []
    place = Path(places[0]).resolve() if places else Path(spec.origin) if spec and spec.origin else None
    if place == root / name:
        return {"ours": True, "place": str(place), "remedy": None}
    if place is None:
        remedy = f"the import name {name!r} leads nowhere: run `make setup`"
    else:
        distributions = importlib.metadata.packages_distributions().get(name, [])
        others = [d for d in distributions if d != "parity-mental-health"]
        way_out = f"`pip uninstall {others[0]}`" if others else f"remove or rename {place}, or change PYTHONPATH"
        remedy = f"the import name {name!r} leads to {place}, which hides ours: {way_out}"
    return {"ours": False, "place": None if place is None else str(place), "remedy": remedy}


def installed_versions(lock: Path = ROOT / "requirements.lock") -> dict[str, dict[str, str | None]]:
    """Return the version of each key library, beside the locked one: a digest holds for one lock file."""
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.M)) if lock.exists() else {}
    versions: dict[str, dict[str, str | None]] = {}
    for name in KEY_LIBRARIES:
        try:
            installed: str | None = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            installed = None
        versions[name] = {"installed": installed, "locked": locked.get(name)}
    return versions


def this_machine() -> dict[str, Any]:
    """Return the processors this process may use, and the memory in GB."""
    import psutil

    memory = psutil.virtual_memory()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory.total / 1e9, 1),
        "memory_free_gb": round(memory.available / 1e9, 1),
    }


def three_stations(*, days: int = 60, replications: int = 20) -> dict[str, Any]:
    """Run the three-station network a little, and compare its mean waits with theory.

    Returns
    -------
    dict
        `agrees`, and per station `theory_minutes`, `mean_minutes`, `standard_error`, `errors_away`.
    """
    from scipy import stats

    from experiments import standalone

    answer = standalone.run(SELF_CHECK_FILE, days=days, warm_up=10, replications=replications, seed=1)
    quantile = float(stats.t.ppf(0.975, replications - 1))
    stations = {}
    for name, theory in THEORY_MINUTES.items():
        wait = answer["states"][name]["wait_minutes"]
        stations[name] = compared(theory, wait["mean"], wait["half_width"] / quantile)
    return {
        "agrees": all(s["errors_away"] <= STANDARD_ERRORS for s in stations.values()),
        "stations": stations,
    }


def compared(theory: float, mean: float, standard_error: float) -> dict[str, float]:
    """Set a measured mean beside theory, in standard errors."""
    away = abs(mean - theory) / standard_error if standard_error > 0 else float("inf")
    return {
        "theory_minutes": theory,
        "mean_minutes": mean,
        "standard_error": standard_error,
        "errors_away": away,
    }


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield what `parity doctor` shows to people."""
    from rich.table import Table
    from rich.text import Text

    versions = Table("library", "installed", "locked", title=f"Python {document['python']}", title_justify="left")
    for name, version in document["versions"].items():
        versions.add_row(name, version["installed"] or "missing", version["locked"] or "–")
    yield versions
    names = Table("import name", "leads to", title="The five names", title_justify="left")
    for name, package in document["packages"].items():
        names.add_row(name, "this repository" if package["ours"] else f"NOT OURS: {package['place']}")
    yield names
    machine = document["machine"]
    yield Text(
        f"{machine['system']}, {machine['cpus']} CPUs, {machine['memory_gb']} GB ({machine['memory_free_gb']} GB free)"
    )
    if document["self_check"]:
        check = Table(
            "station", "theory, min", "measured, min", "standard errors away",
            title="Self-check: mean waits against Erlang C", title_justify="left",
        )  # fmt: skip
        for name, station in document["self_check"]["stations"].items():
            check.add_row(
                name,
                f"{station['theory_minutes']:.2f}",
                f"{station['mean_minutes']:.2f}",
                f"{station['errors_away']:.1f}",
            )
        yield check
    for problem in document["problems"]:
        yield Text(f"problem: {problem}")
    yield Text("All is well." if document["sound"] else f"{len(document['problems'])} to mend.")
