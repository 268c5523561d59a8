"""A simulated controller, run as a process: a JACK MIDI port each way, told what to do by lines of JSON on stdin.

["send", [[176, 7, 64], ...]]   ["lights"]   ["unplug"]   ["plug"]
"""

from __future__ import annotations

import json
import os
import sys
import time

import rtmidi

PACE_MESSAGES = 100
"""More at once than fit into a JACK period would be lost in JACK's own buffer."""


class Ports:
    def __init__(self, name: str) -> None:
        self.name = name
        self.plug()

    def plug(self) -> None:
        self.out = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=f"{self.name} sends")
        self.out.open_virtual_port("out")
        self.into = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{self.name} shows", queue_size_limit=65536)
        self.into.ignore_types(sysex=False)
        self.into.open_virtual_port("in")

    def unplug(self) -> None:
        for port in (self.out, self.into):
            port.close_port()
            port.delete()

    def send(self, messages: list[list[int]]) -> None:
        for at, message in enumerate(messages, 1):
            self.out.send_message(message)
            if at % PACE_MESSAGES == 0:
                time.sleep(0.003)

    def lights(self) -> list[list[int]]:
        came = []
        while (received := self.into.get_message()) is not None:
            came.append(received[0])
        return came


def main() -> None:
    ports = Ports(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        word, *arguments = json.loads(line)
        print(json.dumps(getattr(ports, word)(*arguments)), flush=True)
    os._exit(0)  # libjack talks at an orderly exit


if __name__ == "__main__":
    main()
