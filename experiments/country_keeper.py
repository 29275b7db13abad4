"""Who sees that every cell of a run of several is watched each midnight, and writes their checkpoint when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.country import Country
from abm.country_checkpoint import Writing
from experiments import checkpoints
from experiments.watch import Watch

if TYPE_CHECKING:
    from experiments.run import Run


class Keeper:
    """Called by each cell when its day is over, in the order of the cells, before changes of the next day are made."""

    def __init__(self, run: Run, country: Country, watches: Mapping[str, Watch]) -> None:
        self.run, self.country, self.watches = run, country, watches
        self._writing: Writing | None = None
        for name, cell in country.cells.items():
            cell.at_midnight = partial(self.day_is_over, name)

    def day_is_over(self, name: str, _: Any) -> None:
        """Count the day of one cell; write the cell if a checkpoint is due."""
        watch = self.watches[name]
        watch.day_is_over()
        if checkpoints.is_due(self.run, watch.day):
            with checkpoints.going_on_without():
                self._write(name, watch)

    def _write(self, name: str, watch: Watch) -> None:
        names = list(self.watches)
        writing, self._writing = self._writing, None  # if this fails, so do the cells that follow
        if name == names[0]:
            writing = Writing(self.country, checkpoints.place_of(self.run, watch.day))
        if writing is not None:
            writing.cell(name, watch.seen())
            if name == names[-1]:
                writing.finish(checkpoints.about(self.run))
            else:
                self._writing = writing
