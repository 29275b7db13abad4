"""The command line: which commands there are; how it ends when something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import typer

from experiments import (
    installation_commands,
    life_commands,
    pathway_commands,
    run_commands,
    scenario_commands,
)
from experiments.board import commands as board
from experiments.business_case import commands as business_case
from experiments.console import say
from experiments.million import commands as million
from experiments.money import commands as money
from experiments.national import commands as national
from experiments.pairs import commands as pairs
from experiments.planning import commands as planning
from experiments.risk import commands as risk
from experiments.skillmix import commands as skill_mix
from experiments.staff import commands as staff
from experiments.workforce import commands as workforce

COMMANDS: dict[str, tuple[tuple[str, Callable[..., None], str | None], ...]] = {
    "Planning": (
        ("size", planning.size, planning.SIZE),
        ("recheck", planning.recheck, planning.RECHECK),
        ("headroom", planning.headroom, planning.HEADROOM),
        ("run", run_commands.run, run_commands.RUN),
        ("compare", pairs.compare, pairs.EXAMPLE),
        ("population", run_commands.population, run_commands.POPULATION),
        ("replay", life_commands.replay, life_commands.REPLAY),
        ("digest", life_commands.digest, life_commands.DIGEST),
    ),
    "Workforce and money": (
        ("board", board.board, board.BOARD_EXAMPLE),
        ("waterfall", workforce.waterfall, workforce.EXAMPLE),
        ("staff", staff.staff, staff.EXAMPLE),
        ("skill-mix", skill_mix.skill_mix, skill_mix.EXAMPLE),
        ("million", million.million, million.EXAMPLE),
        ("national", national.national, national.EXAMPLE),
        ("cost", money.cost, money.EXAMPLE),
        ("risk", risk.risk, risk.EXAMPLE),
        ("business-case", business_case.business_case, business_case.EXAMPLE),
        ("roadmap", board.roadmap, board.ROADMAP_EXAMPLE),
    ),
    "Installation": (
        ("calibrate", installation_commands.calibrate, installation_commands.CALIBRATE),
        ("doctor", installation_commands.doctor, None),
    ),
}
"""By panel of `parity --help`: name, function, examples"""

app = typer.Typer(
    name="parity",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Simulate everyone who lives in an area; size its mental health teams for the waiting standards.",
    epilog="Start with:  parity size --area lsc --year 2016/17\n\nIs all well?  parity doctor",
)
for panel, commands in COMMANDS.items():
    for name, function, example in commands:
        app.command(name, rich_help_panel=panel, epilog=example)(function)
app.add_typer(pathway_commands.app, name="pathway", rich_help_panel="Pathways and scenarios")
app.add_typer(scenario_commands.app, name="scenario", rich_help_panel="Pathways and scenarios")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; refused input leaves with 2, failed runs with 1, Ctrl-C with 130, each with a line of words."""
    try:
        app(args=arguments, prog_name="parity")
    except ValueError as error:
        from experiments.workers import is_site_error
        from pathways.errors import InputError

        if not isinstance(error, InputError) and not is_site_error(error):
            raise
        say(f"parity: {error}")
        sys.exit(2)
    except ConnectionError as error:
        say(f"parity: {error}")
        sys.exit(1)
    except RuntimeError as error:
        from experiments.failures import NothingFinishedError

        if not isinstance(error, NothingFinishedError):
            raise
        say(f"parity: {error}")
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        say(f"parity: {error.filename}: {error.strerror}")
        sys.exit(2)
    except SystemExit as leaving:
        if leaving.code == 130:
            say("parity: stopped; what was already written is kept")
        raise


if __name__ == "__main__":
    main()
