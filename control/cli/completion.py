"""completion: the script that teaches a shell masterctl's words."""

from __future__ import annotations

import click

WHERE = {
    "bash": "masterctl completion bash > ~/.local/share/bash-completion/completions/masterctl",
    "zsh": "masterctl completion zsh > ~/.zfunc/_masterctl    # with ~/.zfunc in fpath, before compinit",
    "fish": "masterctl completion fish > ~/.config/fish/completions/masterctl.fish",
}


@click.command(epilog="\b\n" + "\n".join(WHERE.values()))
@click.argument("shell", type=click.Choice(list(WHERE)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Prints the completion script of a shell: parameter ids, their choices, preset names."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "masterctl", "_MASTERCTL_COMPLETE").source()
    click.echo(script)
