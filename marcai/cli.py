"""The command line, `marcai`: every command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from marcai.handoff.commands import commands as attendant_commands
from marcai.platform.settings import ROOT, SettingsError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Marcaí, the WhatsApp booking assistant.")
db = typer.Typer(no_args_is_help=True, help="The database's schema.")
tenant = typer.Typer(no_args_is_help=True, help="Establishments.")
customer = typer.Typer(no_args_is_help=True, help="What a customer may ask of her data.")
data = typer.Typer(no_args_is_help=True, help="A local copy's own data: database, Redis, secrets, logs.")
keys = typer.Typer(no_args_is_help=True, help="The keys that encrypt personal data (MARCAI_SECRET_KEYS).")
app.add_typer(db, name="db")
app.add_typer(tenant, name="tenant")
app.add_typer(customer, name="customer")
app.add_typer(data, name="data")
app.add_typer(keys, name="keys")

Command = TypeVar("Command", bound=Callable[..., Any])
Slug = Annotated[str, typer.Option("--tenant", help="The establishment's slug, such as bela-vista.")]


def fail(message: str, code: int = 1) -> typer.Exit:
    """Says one line on standard error; raise what it returns.

    Args:
        message: what went wrong, and what to do.
        code: the exit status.
    """
    typer.echo(f"marcai: {message}", err=True)
    return typer.Exit(code)


def plainly(command: Command) -> Command:
    """Turns the errors an operator can do something about into one line: settings, and servers not reached."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            raise fail(str(error), 2) from None
        except Exception as error:
            reason = _unreachable(error)
            if reason is None:
                raise
            raise fail(reason, 3) from None

    return wrapped  # type: ignore[return-value]


def _unreachable(error: Exception) -> str | None:
    kind = f"{type(error).__module__}.{type(error).__name__}"
    if kind == "sqlalchemy.exc.OperationalError":
        return f"PostgreSQL (DATABASE_URL): {str(getattr(error, 'orig', error)).strip().splitlines()[0]}"
    if kind in ("redis.exceptions.ConnectionError", "redis.exceptions.TimeoutError"):
        return f"Redis (REDIS_URL): {error}"
    return None


def _start(process: str) -> None:
    """Checks the settings before anything else, and sets up the logs of a process."""
    from marcai.platform.logging import configure
    from marcai.platform.settings import settings

    settings()
    configure(process)


@app.command()
@plainly
def up(
    simulator: Annotated[bool, typer.Option(help="The WhatsApp simulator, for development.")] = True,
) -> None:
    """Run the whole system here: its own PostgreSQL and Redis unless their addresses are set."""
    from marcai.platform.console import run

    raise typer.Exit(run(simulator=simulator))


@app.command()
@plainly
def status(
    names: Annotated[list[str] | None, typer.Argument(help="Only these: postgres, redis, rasa, actions …")] = None,
) -> None:
    """Say whether each part is there; exit status 1 when one is not."""
    from rich.console import Console
    from rich.table import Table

    from marcai.platform import health

    unknown = set(names or ()) - set(health.checks())
    if unknown:
        raise fail(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(health.checks())}", 2)
    found = health.readiness(names or health.checks())
    table = Table("", "part", "answered in", "problem", box=None)
    for check in found:
        sign = "[green]✔[/]" if check.ready else "[red]✘[/]"
        table.add_row(sign, check.name, f"{check.milliseconds} ms", check.problem or "")
    Console().print(table)
    raise typer.Exit(0 if all(check.ready for check in found) else 1)


@app.command()
def env() -> None:
    """Print the settings a local copy made, as shell exports: eval "$(marcai env)"."""
    import shlex

    from marcai.platform import envfile
    from marcai.platform.settings import data_dir

    made = envfile.read(data_dir() / "env")
    if not made:
        raise fail(f"there is no local copy in {data_dir()}: start one with make run")
    for key, value in made.items():
        typer.echo(f"export {key}={shlex.quote(value)}")


@app.command()
@plainly
def worker() -> None:
    """Run the worker: event relay and consumers, unsent messages, expired holds."""
    _start("worker")
    from marcai.worker.main import main

    main()


@app.command()
@plainly
def web(host: Annotated[str, typer.Option(help="The interface to listen on.")] = "127.0.0.1") -> None:
    """Run the web app."""
    _start("web")
    import uvicorn

    from marcai.platform.settings import settings
    from marcai.web.app import create_app

    uvicorn.run(create_app(), host=host, port=settings().web_port, ws="none", log_config=None, access_log=False,
                timeout_graceful_shutdown=5)


@app.command()
@plainly
def simulator() -> None:
    """Run the WhatsApp simulator: a local Cloud API and a phone-like page. For development only."""
    _start("simulator")
    from marcai.simulator.main import run

    run()


@app.command()
@plainly
def rasa(host: Annotated[str, typer.Option(help="The interface to listen on.")] = "127.0.0.1") -> None:
    """Run the Rasa server with the newest model."""
    from marcai.platform import bot
    from marcai.platform.settings import settings

    try:
        bot.serve(settings(), host)
    except bot.BotError as error:
        raise fail(str(error)) from None


@app.command()
@plainly
def actions(host: Annotated[str, typer.Option(help="The interface to listen on.")] = "127.0.0.1") -> None:
    """Run the action server."""
    from marcai.platform import bot
    from marcai.platform.settings import settings

    bot.serve_actions(settings(), host)


@app.command()
def train(force: Annotated[bool, typer.Option(help="Also when the model is up to date.")] = False) -> None:
    """Train the model, when its sources have changed."""
    from marcai.platform import bot

    if not force and (model := bot.current_model()):
        typer.echo(f"{model.relative_to(ROOT)} is up to date (train again with: marcai train --force)")
        return
    try:
        typer.echo(f"trained {bot.train(force=force, log=None).relative_to(ROOT)}")
    except bot.BotError as error:
        raise fail(str(error)) from None


@app.command()
@plainly
def review(
    file: Annotated[Path, typer.Argument(help="Where to write; it must not exist.")] = Path("review.yml"),
    days: Annotated[int, typer.Option(help="How far to look back.", min=1)] = 7,
) -> None:
    """Write the messages of the last days that were not understood, anonymised, to a file for labelling."""
    from datetime import timedelta

    from marcai.platform import clock
    from marcai.training import review as room

    try:
        count = room.write(room.misunderstood(clock.now() - timedelta(days=days)), file)
    except FileExistsError:
        raise fail(f"{file} exists and may hold labels: move it, or name another file") from None
    typer.echo(f"{count} messages in {file}")


@app.command()
def compare(
    new: Annotated[Path, typer.Argument(help="The archive of the new model.")],
    old: Annotated[Path | None, typer.Option("--with", help="By default the one that is served.")] = None,
) -> None:
    """Compare a new model with the current one on the held-out messages; exit status 1 when it is worse."""
    from marcai.platform import bot
    from marcai.training import comparison

    try:
        old = old or bot.newest_model()
    except bot.BotError as error:
        raise fail(str(error)) from None
    for model in (old, new):
        if not model.is_file():
            raise fail(f"there is no model {model}")
    compared = comparison.compare(old, new, sorted((ROOT / "tests" / "nlu").glob("heldout_*.yml")))
    typer.echo(comparison.report(compared))
    if not all(one.acceptable for one in compared):
        raise typer.Exit(1)


@app.command()
def datetime() -> None:
    """Read dates and times in Portuguese: JSON lines in, JSON lines out."""
    from marcai.nlu.datetime import run_jsonl

    run_jsonl(sys.stdin, sys.stdout)


@db.command("upgrade")
@plainly
def db_upgrade() -> None:
    """Bring the schema to the newest migration; safe when several do it at once."""
    from marcai import migrations

    migrations.upgrade()


@db.command("revision")
@plainly
def db_revision(message: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    from alembic import command

    from marcai import migrations

    command.revision(migrations.configuration(), message=message, autogenerate=True)


@tenant.command("load")
@plainly
def tenant_load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Only when there is no establishment yet.")] = False,
) -> None:
    """Create or change an establishment as its file says; a file with an error changes nothing."""
    from marcai.tenants import service

    if if_empty and service.list_all():
        return
    try:
        report = service.load(file)
    except service.TenantFileError as error:
        raise fail(f"{file}:\n{error}") from None
    typer.echo(str(report))


@tenant.command("list")
@plainly
def tenant_list() -> None:
    """List the establishments."""
    from marcai.tenants import service

    for info in service.list_all():
        typer.echo(f"{info.slug}\t{info.name}\t{info.display_phone_number}\t{info.timezone}")


def _tenant(slug: str) -> Any:
    from marcai.tenants import service

    found = service.by_slug(slug)
    if found is None:
        raise fail(f"there is no establishment {slug!r}; marcai tenant list shows them")
    return found


app.add_typer(attendant_commands(plainly, fail, _tenant), name="attendant")


@customer.command("export")
@plainly
def customer_export(phone: str, slug: Slug) -> None:
    """Print all we hold about a customer, as JSON."""
    import json

    from marcai.customers import service

    _rooms_with_personal_data()
    found = service.export(_tenant(slug), phone)
    if found is None:
        raise fail("there is no customer with this number")
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


@customer.command("erase")
@plainly
def customer_erase(phone: str, slug: Slug) -> None:
    """Erase a customer's personal data; bookings stay, without her."""
    from marcai.customers import service

    _rooms_with_personal_data()
    if not service.erase(_tenant(slug), phone):
        raise fail("there is no customer with this number")
    typer.echo("erased")


def _rooms_with_personal_data() -> None:
    """Has every room that keeps personal data register it."""
    from marcai.platform import rooms

    rooms.modules("personal")


@keys.command("status")
@plainly
def keys_status() -> None:
    """Count what still needs an older key; exit status 1 when something does."""
    if _sealed(write=False):
        raise typer.Exit(1)


@keys.command("renew")
@plainly
def keys_renew(
    batch: Annotated[int, typer.Option(help="How many rows at once.", min=1, max=10_000)] = 500,
) -> None:
    """Encrypt everything with the newest key, while the system runs; stopped, it goes on where it was."""
    from marcai.customers import service

    indexes = service.renew_indexes(batch)
    typer.echo(f"{indexes} customers' indexes made anew")
    if _sealed(write=True, batch=batch):
        raise typer.Exit(1)


def _sealed(*, write: bool, batch: int = 500) -> int:
    """Looks through everything that is encrypted, and tells of each table; returns how much an older key is needed for.

    Args:
        write: encrypt with the newest key what an older one encrypted.
        batch: how many rows at once.
    """
    from marcai.migrations.tables import metadata
    from marcai.platform import renewal

    older = unreadable = 0
    for found in renewal.renew(metadata.sorted_tables, write=write, batch=batch):
        did = "encrypted anew" if write else "need an older key"
        typer.echo(f"{found.table}: {found.rows} rows, {found.older - found.unreadable} {did}")
        older, unreadable = older + found.older - found.unreadable, unreadable + found.unreadable
    if unreadable:
        typer.echo(f"{unreadable} rows cannot be read with any key of MARCAI_SECRET_KEYS: put the key that is missing "
                   "back at the end of the list, and begin again", err=True)
    left = unreadable + (0 if write else older)
    if not left:
        typer.echo("Everything is encrypted with the newest key.")
    return left


@data.command("path")
def data_path() -> None:
    """Print where the local data is."""
    from marcai.platform.settings import data_dir

    typer.echo(str(data_dir()))


@data.command("remove")
def data_remove(yes: Annotated[bool, typer.Option("--yes", prompt="Delete the local database?")] = False) -> None:
    """Delete the local data, its database included; refused while the system runs."""
    from marcai.platform.localdata import InUse, LocalData
    from marcai.platform.settings import data_dir

    if not yes:
        raise typer.Exit(1)
    try:
        LocalData(data_dir()).remove()
    except InUse as error:
        raise fail(str(error)) from None


if __name__ == "__main__":
    os.environ.setdefault("MARCAI_PROCESS", "shell")
    app()
