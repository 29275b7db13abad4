"""The command `parity`: it reads options, opens a pool of workers, calls the rest and shows the answer.

What a command needs is imported inside it, so that `parity --help` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments import life_commands, pathway_commands, sweep_command
from experiments.board import commands as board_commands
from experiments.business_case import commands as case_commands
from experiments.console import answer, emit_json, progress_bar, say
from experiments.million import commands as million_commands
from experiments.money import commands as money_commands
from experiments.national import commands as national_commands
from experiments.options import (
    FROM_SCENARIO,
    LARGEST_SEED,
    Area,
    Json,
    Out,
    ScenarioFile,
    Scheduler,
    Seed,
    day,
    financial_year,
    within,
)
from experiments.pairs import commands as pairs_commands
from experiments.planning import commands as planning_commands
from experiments.risk import commands as risk_commands
from experiments.skillmix import commands as skillmix_commands
from experiments.staff import commands as staff_commands
from experiments.workforce import commands as workforce_commands

PLANNING, PATHWAYS, INSTALLATION = "Planning", "Pathways and scenarios", "Installation"


def _opener(scheduler: str | None) -> Callable[[], Any]:
    """Check `--scheduler` and return what opens the pool: for commands in files of their own."""
    from cluster.sites import opener

    return opener(scheduler)


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
scenario_app = typer.Typer(no_args_is_help=True, help="Scenario files: their schema, and whether one is right.")
app.add_typer(pathway_commands.app, name="pathway", rich_help_panel=PATHWAYS)
app.add_typer(scenario_app, name="scenario", rich_help_panel=PATHWAYS)


scenario_app.command("sweep", epilog=sweep_command.EXAMPLE)(sweep_command.scenario_sweep)


@app.command(
    rich_help_panel=PLANNING,
    epilog="parity size --area lsc --year 2016/17\n\n"
    "parity size --area lsc --year 2016/17 --scenario mine.toml --budget '20 min'",
)
def size(
    area: Area = "lsc",
    year: Annotated[str, typer.Option(help="Financial year to size for.")] = "2016/17",
    assurance: Annotated[
        float, typer.Option(callback=within(0.01, 0.99), help="Share of years in which all targets hold.")
    ] = 0.8,
    confidence: Annotated[
        float, typer.Option(callback=within(0.5, 0.9999), help="Confidence of each decision.")
    ] = 0.95,
    budget: Annotated[str, typer.Option(help="Time to stop after; what is open is then shown as a bracket.")] = "6 min",
    scenario: Annotated[Path | None, typer.Option(help="Scenario file. Default: the built-in baseline.")] = None,
    seed: Seed = 1,
    out: Out = Path("results"),
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """How many staff and beds each team needs, so that its waiting standards hold."""
    from cluster.sites import opener
    from pathways.durations import seconds

    open_pool = opener(scheduler)
    budget_seconds = seconds(budget, key="--budget")
    financial_year(year)
    from experiments.planning import sizing
    from experiments.reports.after import after_sizing

    sizing.wanted_of(area, year, scenario, seed)  # refused before any worker is started
    with progress_bar("Sizing") as progress, open_pool() as pool:
        document = sizing.size(
            area=area,
            year=year,
            assurance=assurance,
            confidence=confidence,
            budget_seconds=budget_seconds,
            scenario=scenario,
            seed=seed,
            out=out,
            pool=pool,
            progress=progress,
        )
        report = after_sizing(document, scenario, out, pool=pool, progress=progress)
    document["report"] = {kind: str(path) for kind, path in report.items()}
    answer(document, sizing.tables, json)
    say(f"Report: {report['html']} and {report['xlsx']}")


@app.command(
    rich_help_panel=PLANNING,
    epilog="parity recheck results/sizing-lsc-2016-17\n\nparity recheck results --years 120 --unit 'West Lancashire'",
)
def recheck(
    sizing: Annotated[Path, typer.Argument(metavar="SIZING", help="Folder or sizing.json of a finished sizing.")],
    years: Annotated[int, typer.Option(callback=within(1, 2000), help="Fresh years of the plan.")] = 60,
    seed: Annotated[
        int | None, typer.Option(callback=within(0), help="Of the fresh years. Default: another than the sizing's.")
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(callback=within(0.5, 0.9999), help="Confidence of each answer. Default: the sizing's."),
    ] = None,
    one_fewer: Annotated[bool, typer.Option(help="Also every number with one fewer, one at a time.")] = True,
    undecided: Annotated[bool, typer.Option(help="Of those too that the sizing left undecided.")] = True,
    unit: Annotated[
        list[str] | None, typer.Option(help="Only this team, place, or 'team @ place'; may be given again.")
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """Check a finished sizing on years it never saw: its plan, and the plan with one of each fewer."""
    from cluster.sites import opener

    chosen = opener(scheduler) if scheduler else None
    from experiments.planning import recheck as rechecks

    open_pool = chosen or opener("inline" if rechecks.stands_alone(sizing) else "local")
    with progress_bar("Recheck") as progress, open_pool() as pool:
        document = rechecks.recheck(
            sizing, years=years, seed=seed, confidence=confidence, one_fewer=one_fewer, undecided=undecided,
            units=unit or (), pool=pool, progress=progress,
        )  # fmt: skip
    answer(document, rechecks.tables, json)


@app.command(
    rich_help_panel=PLANNING,
    epilog="parity run --area lsc --years 1\n\nparity run winter.toml --replications 20 --out results/winter\n\n"
    "parity run --checkpoint-every '90 days'\n\n"
    "parity run --from 'results/run=…/checkpoints/replication=0.day=00180.arrow' mine.toml",
)
def run(
    scenario: ScenarioFile = None,
    area: Annotated[str | None, typer.Option(help=f"The area. {FROM_SCENARIO}")] = None,
    start: Annotated[str | None, typer.Option(help=f"First day measured (YYYY-MM-DD). {FROM_SCENARIO}")] = None,
    years: Annotated[
        float | None, typer.Option(callback=within(0.01, 20), help=f"Years to run. {FROM_SCENARIO}")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(callback=within(0, LARGEST_SEED), help=f"One seed explains all luck. {FROM_SCENARIO}")
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(callback=within(1), help=f"Runs, each with luck of its own. {FROM_SCENARIO}"),
    ] = None,
    out: Out = Path("results"),
    events: Annotated[bool, typer.Option("--events", help="Write every event as well.")] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove every midnight that people, staff, beds and minutes balance.")
    ] = False,
    checkpoint_every: Annotated[
        str | None,
        typer.Option(metavar="DAYS", help="Write a checkpoint every so many days, such as '90 days': see --from."),
    ] = None,
    branch_from: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="CHECKPOINT",
            help="Branch from a checkpoint; the scenario differs from its day on only. May be given again.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(callback=within(1), help="Threads for an area of several cells (england). Default: all cores."),
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """Simulate the area for some years, write the results, and set the year beside published figures."""
    from cluster.sites import opener

    chosen = opener(scheduler) if scheduler else None
    first_day = None if start is None else day(start, "--start")
    from abm.areas import cells_of
    from experiments import checkpoints, scenario_checks
    from experiments import run as runs
    from experiments import scenario as scenarios
    from experiments.reports.after import after_run

    wanted = scenarios.read(scenario).replaced(
        area=area, start=first_day, years=years, seed=seed, replications=replications
    )
    scenario_checks.check(wanted, scenario or wanted.name)  # options may have moved it: refused before any worker
    every = 0 if checkpoint_every is None else checkpoints.days_between(checkpoint_every, "--checkpoint-every")
    # One run needs no workers unless somebody names a place for it; several cells have threads.
    several_cells = len(cells_of(wanted.area)) > 1
    open_pool = chosen or opener("inline" if wanted.replications == 1 or several_cells else "local")
    with progress_bar("Running") as progress, open_pool() as pool:
        document = runs.run(
            wanted, out=out, events=events, prove=prove, checkpoint_every=every, branch_from=branch_from or (),
            threads=threads, pool=pool, progress=progress,
        )  # fmt: skip
        report = {} if several_cells else after_run(document)
    document["report"] = {kind: str(path) for kind, path in report.items()}
    answer(document, runs.tables, json)
    if report:
        say(f"Report: {report['html']} and {report['xlsx']}")
    else:
        say("A report is drawn of one STP: parity run --area with its name")
    if document["failed"]:
        numbers = ", ".join(str(row["replication"]) for row in document["failed"])
        say(f"parity: replications that failed: {numbers}; see failed.json in {document['path']}")
        raise typer.Exit(1)


@app.command(
    rich_help_panel=INSTALLATION, epilog="parity calibrate --area lsc\n\nparity calibrate --area lsc --ratios --write"
)
def calibrate(
    area: Area = "lsc",
    days: Annotated[int, typer.Option(callback=within(1, 3653), help="Days measured, scaled to a year.")] = 365,
    warm_up: Annotated[int, typer.Option(callback=within(0, 3653), help="Days before them.")] = 365,
    rounds: Annotated[int, typer.Option(callback=within(1, 10), help="Runs at most, until flows stand still.")] = 3,
    write: Annotated[
        bool, typer.Option("--write", help="Write internal_referrals.csv and the table of docs/services.md.")
    ] = False,
    ratios: Annotated[
        bool,
        typer.Option(
            "--ratios", help="First look at all 44 STPs for sets of demand factors without a ratio, and write."
        ),
    ] = False,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Count what services send each other, and set every service type beside its published figures."""
    from experiments.services import calibrate as services
    from experiments.services import ratio

    if ratios:
        ratio.write()
    table, page = (services.default_table(), services.PAGE) if write else (None, None)
    document = services.calibrate(area, None, days, warm_up, rounds, seed, table, page)
    answer(document, services.printed, json)


@app.command(rich_help_panel=PLANNING, epilog="parity population --area lsc --out results/people")
def population(area: Area = "lsc", seed: Seed = 1, out: Out = Path("results"), json: Json = False) -> None:
    """Print and draw the people of the area beside published figures."""
    from experiments import population_report

    with progress_bar("Synthesising the people") as progress:
        document = population_report.report(area=area, seed=seed, out=out, progress=progress)
    answer(document, population_report.tables, json)


app.command(
    rich_help_panel=PLANNING,
    epilog="parity replay --run results --find longest-wait --out results/life\n\n"
    "parity replay --run results --area-code E01025144 --ordinal 37",
)(life_commands.replay)

app.command(rich_help_panel=PLANNING, epilog=pairs_commands.EXAMPLE)(pairs_commands.made(_opener))
app.command(rich_help_panel=PLANNING, epilog=planning_commands.EXAMPLE)(planning_commands.made(_opener))

app.command(
    rich_help_panel=PLANNING,
    epilog="parity waterfall --area lsc --by need --out results/waterfall\n\nparity waterfall --area england",
)(workforce_commands.waterfall)
app.command(rich_help_panel=PLANNING, epilog=staff_commands.EXAMPLE)(staff_commands.staff)

app.command(rich_help_panel=PLANNING, epilog=money_commands.EXAMPLE)(money_commands.made(_opener))
app.command("business-case", rich_help_panel=PLANNING, epilog=case_commands.EXAMPLE)(case_commands.made(_opener))
app.command(rich_help_panel=PLANNING, epilog=board_commands.BOARD_EXAMPLE)(board_commands.board_made(_opener))
app.command("skill-mix", rich_help_panel=PLANNING, epilog=skillmix_commands.EXAMPLE)(skillmix_commands.skill_mix)
app.command(rich_help_panel=PLANNING, epilog=board_commands.ROADMAP_EXAMPLE)(board_commands.roadmap)

app.command(rich_help_panel=PLANNING, epilog=risk_commands.EXAMPLE)(risk_commands.made(_opener))

app.command(
    rich_help_panel=PLANNING,
    epilog="parity million --area lsc --out results/million\n\nparity million --area 'Fylde Coast' --year 2020/21",
)(million_commands.with_workers(_opener))

app.command(
    rich_help_panel=PLANNING,
    epilog="parity national --sample 10 --out results/national\n\nparity national --sample 0 --by need",
)(national_commands.with_workers(_opener))

app.command(
    rich_help_panel=PLANNING,
    epilog="parity digest results/run=0123456789ab\n\nparity digest results/run=0123456789ab results/run=ba9876543210",
)(life_commands.digest)


@app.command(rich_help_panel=INSTALLATION)
def doctor(json: Json = False) -> None:
    """Check versions, the five import names, the machine, and a sum with a known answer."""
    from experiments import doctor as examination

    document = examination.examine()
    answer(document, examination.tables, json)
    if not document["sound"]:
        raise typer.Exit(1)


@scenario_app.command("schema", epilog="parity scenario schema > scenario.schema.json")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files."""
    from experiments import scenario

    emit_json(scenario.json_schema())


@scenario_app.command("check", epilog="parity scenario check mine.toml")
def scenario_check(file: Annotated[Path, typer.Argument(help="Scenario file (TOML).")], json: Json = False) -> None:
    """Check a scenario file; says what is wrong, where, and what was probably meant."""
    from experiments import scenario

    read = scenario.read(file)
    document = {"file": file, "name": read.name, "right": True}
    answer(document, lambda d: [f"{d['file']}: right ({d['name']})"], json)


@scenario_app.command("list", epilog="parity scenario list")
def scenario_list(json: Json = False) -> None:
    """List the built-in scenarios: what each is, and what it extends."""
    from experiments import scenario

    document = {"scenarios": scenario.presets()}
    answer(document, lambda d: [f"{one['name']}: {one['title']}" for one in d["scenarios"]], json)


@scenario_app.command(
    "draw",
    epilog="parity scenario draw core24-everywhere\n\n"
    "parity scenario draw mine.toml --pathway crisis --out pictures --json",
)
def scenario_draw(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file, or a built-in scenario.")],
    pathway: Annotated[str | None, typer.Option(help="The one pathway to draw. Default: all that differ.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the pictures (.svg and .png). Default: here.")] = None,
    json: Json = False,
) -> None:
    """Draw what a scenario makes of its parent's pathways: what is new, gone and changed, and from which day."""
    from experiments import scenario_difference

    answer(scenario_difference.draw(file, pathway, out), scenario_difference.tables, json)


@scenario_app.command("show", epilog="parity scenario show\n\nparity scenario show mine.toml")
def scenario_show(file: ScenarioFile = None) -> None:
    """Print a scenario with every default filled in (JSON)."""
    from experiments import scenario

    emit_json(scenario.read(file).model_dump(mode="json"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; refused input leaves with 2, failed runs with 1, Ctrl-C with 130, each with a line of words."""
    try:
        app(args=arguments, prog_name="parity")
    except ValueError as error:
        from cluster.sites import SiteError
        from pathways.errors import InputError

        if not isinstance(error, InputError | SiteError):
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
