"""scripts/bench: every claim of speed, measured. `--quick` for a look, `--json` for machines."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from bench import callback, kernels, startup


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument(
        "--quick", action="store_true", help="five seconds of music, no instruction counts, eight seconds of each callback"
    )
    chosen = options.parse_args()
    rows = kernels.run(5 if chosen.quick else 20, count_instructions=not chosen.quick)
    start = startup.run()
    calls = callback.run(8 if chosen.quick else 30) if callback.possible() else []
    if chosen.json:
        print(json.dumps({"kernels": rows, "startup": start, "callback": [asdict(it) for it in calls]}))
        return
    print(kernels.table(rows))
    print(
        f"\ncold start: {start['ready_ms']:.0f} ms from exec to the first processed block, {start['memory_mb']:.0f} MB resident"
    )
    print(f"\n{callback.table(calls) if calls else callback.NOT_REALTIME}")


main()
