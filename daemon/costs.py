"""What takes long: how many of it one client may ask for in a second, whatever its rate, each counting as that part of the rate.

A request that is not here takes some 0.2 ms of the control thread and counts as one. What these take beyond that, and all others
wait for, since requests are served one after the other (least of 40, two shared cores):

describe 1 ms, eq.response 1 to 1.5, preset.load 1, monitor 1.5, monitor.hear 2.5, audit 2, preset.save 3, spectrum 5 to 13,
analyse.result 1, as a page 350

So one client that asks for nothing else keeps the control thread for 10 to 20 % of the time, and for no more with any mixture.
"""

from __future__ import annotations

from masterd.control import protocol as ask
from masterd.control.protocol import Request

PAGES_PER_S = 0.5
MOST_PER_S: dict[type[Request], float] = {
    ask.Describe: 100,
    ask.AskEqResponse: 100,
    ask.PresetLoad: 100,
    ask.AnalyseBegin: 100,
    ask.AnalyseResult: 100,
    ask.AskMonitor: 50,
    ask.MonitorHear: 50,
    ask.AskAudit: 50,
    ask.PresetSave: 25,
    ask.PresetDelete: 25,
    ask.AskSpectrum: 25,
}


def seconds_of_the_rate(request: Request) -> float:
    """Of how much time a request takes all that its client may send; 0 for one that counts as one."""
    if isinstance(request, ask.AnalyseResult) and request.form == "html":
        return 1 / PAGES_PER_S
    most_per_s = MOST_PER_S.get(type(request))
    return 1 / most_per_s if most_per_s else 0.0
