"""Commands whose arguments may be negative numbers: `masterctl set limiter.ceiling_dbtp -2`."""

from __future__ import annotations

import re

import click

_NEGATIVE = re.compile(r"-(\d|\.\d|inf\b)")


class NumberCommand(click.Command):
    """Takes -2 for an argument, and still refuses options it does not have."""

    ignore_unknown_options = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuses unknown options itself, because the parser now lets everything through that begins with a dash."""
        known = {name for parameter in self.get_params(ctx) for name in (*parameter.opts, *parameter.secondary_opts)}
        for argument in args[: args.index("--")] if "--" in args else args:
            option = argument.partition("=")[0]
            if argument.startswith("-") and not _NEGATIVE.match(argument) and option not in known and not ctx.resilient_parsing:
                raise click.NoSuchOption(option, possibilities=[name for name in known if name.startswith(option)], ctx=ctx)
        return super().parse_args(ctx, args)
