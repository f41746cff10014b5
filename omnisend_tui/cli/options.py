"""What the options of commands are made of."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from omnisend_tui.errors import UsageError
from omnisend_tui.forms import Field
from omnisend_tui.i18n import _

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """``--json``: one JSON document on stdout."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))(command)


def all_of(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Gives a command several options, which its help lists in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def nothing_given() -> UsageError:
    """What is said to an ``edit`` without any option."""
    return UsageError("nothing_given", _("Give at least one option: what is to change."))


def field_option(
    field: Field, default: object = None, *names: str, **attributes: Any
) -> Callable[[F], F]:
    """The option of a declared field; with ``default`` None it is None where it isn't given.

    A choice of yes and no is a flag and its opposite; of texts, '' is written ``none``.
    """
    declaration = field.option
    if field.kind == "number":
        attributes |= {"type": click.IntRange(field.least, field.most), "show_default": True}
    elif field.kind == "choice" and isinstance(field.choices[0][0], str):
        values = [str(value) or "none" for value, _label in field.choices]
        attributes |= {"type": click.Choice(values), "show_default": True, "callback": _unnamed}
        default = "none" if default == "" else default
    elif field.kind == "choice":
        declaration = f"{field.option}/--no-{field.option.removeprefix('--')}"
    elif field.kind == "secret":
        attributes["is_flag"] = True
    return click.option(declaration, *names, default=default, help=_(field.help), **attributes)


def _unnamed(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    return "" if value == "none" else value


def pairs(values: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    """``NAME=VALUE`` of a repeatable option, split at the first ``=``."""
    split = []
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                "not_a_pair",
                _("{option} {value} isn't of the form NAME=VALUE.").format(
                    option=option, value=value
                ),
            )
        split.append((name.strip(), rest))
    return split
