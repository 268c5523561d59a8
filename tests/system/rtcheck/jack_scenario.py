"""As scenario.py, but JACK's own thread drives the engine, through the host the daemon uses. Arguments: server, blocks."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from scenario import control, lock_memory

from masterd.control.parameters import defaults
from masterd.daemon.engine import Engine
from masterd.daemon.hosts.jack import JackHost, JackOptions

WITHIN_S = 60


def main() -> None:
    server, blocks = sys.argv[1], int(sys.argv[2])
    host = JackHost(JackOptions(server=server, capture="system:capture_.*", playback="system:playback_.*"))
    format = host.open()
    engine = Engine(format.sample_rate_hz, "normal", defaults())
    locked, stop = lock_memory(), threading.Event()
    host.start(engine, engine.attach())
    with ThreadPoolExecutor(1) as threads:
        controller = threads.submit(control, engine, stop)
        deadline = time.monotonic() + WITHIN_S
        while engine.blocks < blocks and time.monotonic() < deadline:
            time.sleep(0.01)
        stop.set()
        controller.result()
    host.stop()
    print(engine.blocks, "locked" if locked else "unlocked")


if __name__ == "__main__":
    main()
