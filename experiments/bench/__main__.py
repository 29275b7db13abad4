"""`python -m experiments.bench`, or `make bench`: prints the tables, or writes them into docs/performance.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from experiments.bench import areas, compiling, country, daily_chain, floor, machine, page, scaling, three_stations

TABLES: dict[str, Callable[[int], page.Table]] = {
    "services": three_stations.table,
    "person-days": daily_chain.table,
    "areas": areas.table,
    "england": lambda rounds: country.table(),
    "scaling": scaling.table,
    "floor": floor.table,
    "compiling": lambda rounds: compiling.table(),
}
"""Each table by name, as a function of the number of rounds."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables (or JSON), and write them into the documentation if asked."""
    parser = argparse.ArgumentParser(prog="python -m experiments.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="rounds; the best of each counts (2)")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES), help="these tables alone")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    options = parser.parse_args(arguments)
    if options.write and set(options.only) != set(TABLES):
        parser.error("--write writes all tables: leave out --only")
    tables = []
    for name in options.only:
        tables.append(TABLES[name](options.rounds))
        if not options.json:
            page.show(tables[-1])
    if options.write:
        page.write(tables, machine.kind())
    if options.json:
        json.dump({"machine": machine.kind(), "tables": page.as_document(tables)}, sys.stdout)


if __name__ == "__main__":
    main()
