"""scripts/bench: every claim of speed, measured. Without --check and --record: times beside peers, aims, offline, cold start, the
callback, from knob to audio, a MIDI flood, a siege."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from bench import aims, baseline, callback, console, flood, kernels, knob, memory, offline, siege, startup

LONG_H = 2.0  # `python -m bench.memory 24` in tests/ does a day


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    options.add_argument("--check", action="store_true", help="fail when instructions per frame grew over the baseline")
    options.add_argument("--record", action="store_true", help="write the baseline anew")
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="five seconds of music, and less of the rest")
    chosen = options.parse_args()
    if chosen.record:
        print(baseline.record())
    elif chosen.check:
        report, good = baseline.check()
        print(report)
        sys.exit(not good)
    else:
        everything(chosen.quick, chosen.json)


def everything(quick: bool, as_json: bool) -> None:
    rows = kernels.run(5 if quick else 20)
    judged = aims.all_of(rows)
    files = offline.run()
    held = memory.run(LONG_H / 4 if quick else LONG_H)
    start = startup.run()
    screen = console.run(10 if quick else 60)
    served = siege.run(10 if quick else 60)
    calls = callback.run(8 if quick else 30) if callback.possible() else []
    knobs = knob.run(100 if quick else 400) if callback.possible() else []
    floods = flood.run(3 if quick else 10) if callback.possible() else []
    if as_json:
        listed = {"aims": [asdict(aim) for aim in judged], "callback": [asdict(call) for call in calls]}
        listed |= {"knob": [asdict(row) for row in knobs], "flood": [asdict(row) for row in floods], "siege": asdict(served)}
        print(json.dumps({"kernels": rows, "offline": files, "memory": held, "startup": start, "console": screen, **listed}))
        return
    cold = f"cold start: {start['ready_ms']:.0f} ms from exec to the first processed block, {start['memory_mb']:.0f} MB resident"
    parts = [
        aims.table(judged),
        kernels.table(rows),
        offline.table(files),
        memory.line(held),
        cold,
        console.line(screen),
        siege.line(served),
    ]
    live = [callback.table(calls), knob.table(knobs), flood.table(floods)] if calls else [callback.NOT_REALTIME]
    print("\n\n".join([*parts, *live]))


main()
