"""The command line's part for attendants: `marcai attendant add|list|disable|password`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

Slug = Annotated[str, typer.Option("--tenant", help="The establishment's slug, such as bela-vista.")]
Name = Annotated[str, typer.Option(help="As customers read it; its first word is how she is announced.")]
Manager = Annotated[bool, typer.Option("--manager", help="Sees all conversations and the team, edits replies.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input; otherwise "
                                         "a fresh one is made and printed, once.")]


def commands(plainly: Callable[[Any], Any], fail: Callable[[str], typer.Exit], find: Callable[[str], Any],
             ) -> typer.Typer:
    """The commands; each imports what it needs when it runs.

    Args:
        plainly: wraps a command, so that an operator reads one line where something is wrong.
        fail: says such a line; what it returns is raised.
        find: the establishment with a slug.
    """
    app = typer.Typer(no_args_is_help=True, help="The people who answer customers, on the page /atendimento.")

    @app.command("add")
    @plainly
    def add(login: str, slug: Slug, name: Name, manager: Manager = False, password_stdin: FromStdin = False) -> None:
        """Make an account for somebody who answers customers."""
        from marcai.handoff import attendants, canned, passwords

        tenant, password = find(slug), _password(password_stdin)
        try:
            made = attendants.add(tenant, login, name, password, "manager" if manager else "attendant")
        except (attendants.AttendantError, passwords.PasswordError) as error:
            raise fail(str(error)) from None
        canned.suggest(tenant)
        typer.echo(made.login if password_stdin else f"{made.login}\t{password}")

    @app.command("list")
    @plainly
    def list_all(slug: Slug) -> None:
        """List the attendants of an establishment."""
        from marcai.handoff import attendants

        for one in attendants.list_all(find(slug)):
            typer.echo(f"{one.login}\t{one.name}\t{one.role}\t{'active' if one.active else 'disabled'}")

    @app.command("disable")
    @plainly
    def disable(login: str, slug: Slug) -> None:
        """Let an attendant in no more; her conversations go back to the queue."""
        from marcai.handoff import attendants

        if not attendants.disable(find(slug), login):
            raise fail(f"there is no attendant {login!r}; marcai attendant list shows them")
        typer.echo(f"{login} is disabled")

    @app.command("password")
    @plainly
    def password(login: str, slug: Slug, password_stdin: FromStdin = False) -> None:
        """Give an attendant another password and access again; who is signed in with the old one is signed out."""
        from marcai.handoff import attendants, passwords

        fresh = _password(password_stdin)
        try:
            known = attendants.set_password(find(slug), login, fresh)
        except passwords.PasswordError as error:
            raise fail(str(error)) from None
        if not known:
            raise fail(f"there is no attendant {login!r}; marcai attendant list shows them")
        typer.echo(f"the password of {login} is changed" if password_stdin else f"{login}\t{fresh}")

    @app.command("demo", hidden=True)
    @plainly
    def demo() -> None:
        """Give the demonstration salon of a local copy an attendant, once, with the password kept with its secrets."""
        from marcai.handoff import attendants, canned
        from marcai.platform.localdata import DEMO_LOGIN, LocalData
        from marcai.platform.settings import data_dir
        from marcai.tenants import service as tenants

        for tenant in tenants.list_all():
            if tenant.slug == "bela-vista" and not attendants.list_all(tenant):
                password = LocalData(data_dir()).secrets()["DEMO_ATTENDANT_PASSWORD"]
                attendants.add(tenant, DEMO_LOGIN, "Júlia Demonstração", password, "manager")
                canned.suggest(tenant)

    return app


def _password(from_stdin: bool) -> str:
    from marcai.handoff import passwords

    return sys.stdin.readline().rstrip("\r\n") if from_stdin else passwords.make()
