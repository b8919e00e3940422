"""The command line: `python -m sslrec catalog | doctor | digits | evaluate | recommend | text | train`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from sslrec import __version__
from sslrec.cli import catalog, digits, doctor, evaluate, recommend, text, train
from sslrec.cli.output import fail, speak_utf8
from sslrec.config import settings
from sslrec.errors import SslrecError

app = typer.Typer(
    help="Self-supervised learning for recommendation: read digits, recommend products, train models, measure them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command()(doctor.doctor)
app.command()(digits.digits)
app.command()(recommend.recommend)
app.add_typer(catalog.catalog, name="catalog")
app.add_typer(evaluate.evaluate, name="evaluate")
app.add_typer(text.text, name="text")
app.add_typer(train.train, name="train")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options that stand before a command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: what follows `python -m sslrec`; by default the process's own.

    Returns:
        The exit code: 0; 2 after wrong input and 1 where a training failed, which one line on stderr explains; 130
        after Ctrl-C.
    """
    speak_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        settings()
    except ValueError as error:
        return fail(f"{error}.")
    try:
        code = app(given, prog_name="python -m sslrec", standalone_mode=False)
    except typer.TyperException as error:
        # A bare call has been answered with the help already and has no message.
        message = error.format_message().rstrip(".")
        return fail(f"{message}; see --help.") if message else error.exit_code
    except SslrecError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename or 'A file'} cannot be used ({error.strerror or error}).")
    except FloatingPointError as error:
        return fail(f"{error}.", 1)
    return code if isinstance(code, int) else 0
