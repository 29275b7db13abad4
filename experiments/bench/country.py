"""How fast all England runs: 44 cells, their people included, on one thread and on two."""

from __future__ import annotations

import gc
import time

from abm.country import country_of
from experiments.bench.areas import compile_everything
from experiments.bench.page import Table
from kernels import columns as c

DAYS = 365
COLUMNS = (
    "threads", "residents", "people and set-up, s", "a year, s", "together, s", "events", "events a second",
    "contacts that waited", "guests elsewhere", "digest",
)  # fmt: skip
THREADS = (1, 2)


def table() -> Table:
    """Return one row a number of threads; seconds by the clock."""
    compile_everything()
    rows = []
    years = []
    for threads in THREADS:
        began = time.perf_counter()
        england = country_of("england", threads=threads, days=DAYS, warm_up=0)
        made = time.perf_counter() - began
        england.run()
        took = time.perf_counter() - began
        years.append(took - made)
        now = [cell.m.now for cell in england.cells.values()]
        events, contacts, waited = (sum(int(one[i]) for one in now) for i in (c.N_EVENTS, c.N_CONTACTS, c.N_WAITED))
        guests = sum(int((england.exchange_log(i)["kind"] == 0).sum()) for i in range(len(now)))
        rows.append((
            str(threads), f"{sum(cell.setting.population.n for cell in england.cells.values()):,}", f"{made:.1f}",
            f"{took - made:.1f}", f"{took:.1f}", f"{events:,}", f"{events / (took - made):,.0f}",
            f"{100 * waited / contacts:.0f} %", f"{guests:,}", england.digest[:12],
        ))  # fmt: skip
        england.let_go()
        del england, now
        gc.collect()
    faster = years[0] / years[1]
    note = (
        "From empty, without warm-up, once compiled; by the clock. "
        f"Two threads live the year {faster:.2f} × as fast as one: "
        "each hour fetches every cell's rows anew, so that threads share the way to memory."
    )
    return Table("England: a year of the four pathways in 44 cells that meet every hour", COLUMNS, tuple(rows), note)
