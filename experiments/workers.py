"""The way from commands to the cluster: what `--scheduler` names, opened.

Nothing else in `experiments` imports `cluster` (import-linter holds it to that).
"""

from __future__ import annotations

from typing import Any


def opener(place: str | None) -> Any:
    """Return what opens a pool of workers at a place; loaded only now, for the doctor tells of a foreign `cluster`."""
    from cluster.sites import opener as opens

    return opens(place)


def is_site_error(error: BaseException) -> bool:
    """Say whether an error is that of a place where no workers can be had."""
    from cluster.sites import SiteError

    return isinstance(error, SiteError)
