"""`masterctl` as a daemon starts it beside itself: it does not outlive the daemon, however that ends.

python -m masterd.control.cli.companion PID ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from masterd.control.cli.main import main

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def end_with(parent: int) -> None:
    """This process gets SIGTERM when the process `parent`, which started it, is gone. On Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # gone already
        raise SystemExit(0)


if __name__ == "__main__":
    end_with(int(sys.argv.pop(1)))
    main()
