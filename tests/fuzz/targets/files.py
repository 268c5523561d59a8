"""Files that people write: each reader takes one or says what is wrong with it."""

from __future__ import annotations

import contextlib
import json
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from fuzz.grammar import json_id, json_value, like, pick, text, toml_like, torn
from fuzz.in_process import memory_folder
from fuzz.targets.midi import MAP
from masterd.control import hosts, proposal, trust
from masterd.control.errors import MasterdError
from masterd.control.keys import new_pair
from masterd.control.midi import mapfile, profilefile
from masterd.control.parameters import defaults
from masterd.daemon import config, presets, store
from masterd.daemon.analysis import corridor
from masterd.daemon.delivery import profile
from masterd.daemon.rendering import automation
from masterd.daemon.session import log
from masterd.daemon.state import Saved

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

ROOT = Path(__file__).parents[3]
KEY = new_pair().public.replace("\\", "x").replace('"', "x").replace("'", "x")
EXAMPLE = (ROOT / "systemd/example.toml").read_text().replace("\n# ", "\n").replace("\n#", "\n").splitlines()
HOSTS = f"""[host.berlin]
address = "b.example"
port = 5570
server_key = '{KEY}'
key = "studio"
groups = ["fm"]
note = "n"
[host.desk]
local = "main"
"""
CLIENTS = f"""[[client]]
name = "studio"
public_key = '{KEY}'
role = "operator"
added = 2026-03-14
note = "n"
"""
PROPOSAL = """[[move]]
title = "t"
measure = "m"
value = 0.3
limit = "l"
why = "w"
confidence = "sure"
apply = true
values = { "input.dc_block" = true }
"""
PRESET = """description = "d"
[values]
limiter.drive_db = 3
eq.1.type = "bell"
[macro.less_more]
limiter.drive_db = [0, 3, 6]
"""
AUTOMATION = """[[at]]
time = "1:02.5"
glide_ms = 500
preset = "flat"
values = { eq.1.gain_db = 3 }
[[at]]
time = 70
values = {}
"""
CSV = "time,parameter,value,glide_ms\n1:02.5,eq.1.gain_db,3,500\n70,eq.on,on,"
CORRIDOR = (ROOT / "daemon/analysis/corridors/neutral.toml").read_text()
PROFILE = next(iter(sorted((ROOT / "daemon/delivery").rglob("*.toml")))).read_text()
BOX = max((ROOT / "control/midi/profiles").glob("*.toml"), key=lambda it: it.stat().st_size).read_text()
SESSION = (
    {
        "masterd": "1",
        "began": 1.5,
        "sample_rate_hz": 48000,
        "latency": "normal",
        "values": {"eq.on": True},
        "agc_gain_db": [0, 0],
    },
    {"frame": 5, "values": {"limiter.drive_db": 3.0}, "ramp_frames": 9},
    {"frame": 0, "gate": True, "fade_frames": 1},
    {"frames": 9, "lost_frames": 0, "lost_orders": 0},
)
STATE = json.loads(msgspec.json.encode(Saved(1, "flat", defaults(), defaults())))
FACTORY = presets.Presets(Path("/nowhere"))


def of_toml(lines: str) -> Callable[[Choices], bytes]:
    return lambda it: toml_like(it, lines.splitlines()).encode("utf-8", "surrogatepass")


def csv_text(choices: Choices) -> bytes:
    lines = [line if choices.ConsumeIntInRange(0, 7) else text(choices) for line in CSV.splitlines()]
    cells = [pick(choices, (text, json_id, json_value))(choices) for _ in range(choices.ConsumeIntInRange(0, 5))]
    return "\n".join([*lines, ",".join(cells)]).encode("utf-8", "surrogatepass")


def of_json(*patterns: object) -> Callable[[Choices], bytes]:
    return lambda it: "\n".join(like(it, pattern) for pattern in patterns).encode("utf-8", "surrogatepass")


def state_text(choices: Choices) -> bytes:
    """With the right checksum, or nothing behind it would ever be read."""
    state = like(choices, STATE).encode("utf-8", "surrogatepass")
    return b'{"schema":%d,"crc32":"%08x","state":%s}' % (store.SCHEMA, zlib.crc32(state), state)


READERS: dict[str, tuple[Callable[[Path], object], Callable[[Choices], bytes]]] = {
    "main.toml": (config.load, lambda it: toml_like(it, EXAMPLE).encode("utf-8", "surrogatepass")),
    "hosts.toml": (hosts.load, of_toml(HOSTS)),
    "clients.toml": (trust.read, of_toml(CLIENTS)),
    "map.toml": (mapfile.load, of_toml(MAP)),
    "box.toml": (profilefile.load_profile, of_toml(BOX)),
    "proposal.toml": (proposal.read, of_toml(PROPOSAL)),
    "preset.toml": (presets.read, of_toml(PRESET)),
    "automation.toml": (lambda path: automation.read(path, FACTORY.load), of_toml(AUTOMATION)),
    "automation.csv": (lambda path: automation.read(path, FACTORY.load), csv_text),
    "automation.jsonl": (
        lambda path: automation.read(path, FACTORY.load),
        of_json({"time": 62.5, "glide_ms": 500, "values": {"eq.1.gain_db": 3}}, {"time": "1:02", "preset": "flat"}),
    ),
    "corridor.toml": (corridor.read, of_toml(CORRIDOR)),
    "profile.toml": (lambda path: profile.load(str(path)), of_toml(PROFILE)),
    "session.jsonl": (lambda path: list(log.read(path)), of_json(*SESSION)),
    "state.json": (lambda path: store.decode(path.read_bytes()), state_text),
}


class Target:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="masterd-fuzz-", dir=memory_folder())
        self.folder = Path(self._folder.name)

    def __call__(self, choices: Choices) -> None:
        name = pick(choices, sorted(READERS))
        read, make = READERS[name]
        path = self.folder / name
        path.write_bytes(torn(choices, make(choices)))
        path.chmod(0o600)
        with contextlib.suppress(MasterdError, store.Unusable):
            read(path)

    def close(self) -> None:
        self._folder.cleanup()
