"""`python -m masterd.control.midi [--map FILE] [--name N]`: the same as `masterctl midi run`."""

import sys

from masterd.control.cli.main import cli

cli(["midi", "run", *sys.argv[1:]], prog_name="masterctl")
