"""The way from commands to the cluster: what `--scheduler` names, opened.

Nothing else in `experiments` imports `cluster` (import-linter holds it to that).
"""

from __future__ import annotations

from cluster.sites import SiteError, opener

__all__ = ["SiteError", "opener"]
