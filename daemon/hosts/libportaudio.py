"""PortAudio through sounddevice, and a way round three of its habits.

Devices are listed once, when the library is initialised: a device that was plugged in later is only seen after the library was
terminated and initialised again. That closes all its streams, also those that others play. And a library with a stream whose
device has died, or with a client of a JACK server that has (it makes one for itself whenever it finds a server), can no more be
terminated: it hangs for minutes, or aborts the process. So a library in which somebody has something open, or hangs, is left
alone, and the next device is opened with a fresh private copy of the same file.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from masterd.daemon.hosts.base import HostError
from masterd.daemon.hosts.libjack import is_client
from masterd.daemon.hosts.shared_object import loaded_file, private_copy

ANSWERS_WITHIN_S = 1.0
HANGS_AFTER_S = 9.0
"""Who takes longer to open something is not waited for; the supervision gives up soon after."""
LIBRARY = "libportaudio.so.2"
JACK_API = "JACK Audio Connection Kit"

_turn = threading.Lock()  # held while something is opened: sounddevice has one library at a time
_turn_began_s = 0.0
_lock = threading.Lock()  # held while a library is terminated, loaded and initialised
_sounddevice: Any = None
_file: Path | None = None
_handle: Any = None  # the library of the moment, for what sounddevice does not declare
_in_use: set[Any] = set()
_count = itertools.count(1)
_client = b""
_clients: list[bytes] = []


@contextlib.contextmanager
def opening() -> Iterator[Any]:
    """The module sounddevice on a PortAudio that has just listed its devices, for one at a time. The library, its `_lib`, is left
    alone from now on until it is given back.

    HostError: it is not installed, or an earlier call still hangs in it."""
    turn = _take_turn()
    try:
        if not _lock.acquire(timeout=ANSWERS_WITHIN_S):
            raise HostError("PortAudio does not answer")
        try:
            sounddevice = _rescan()
        finally:
            _lock.release()
        yield sounddevice
    finally:
        turn.release()


def give_back(library: Any) -> None:
    """Nothing is open in it any more, and nobody hangs in it."""
    _in_use.discard(library)


def _take_turn() -> threading.Lock:
    """From one that hangs it is taken away; what that one lets go of later is nobody's turn any more."""
    global _turn, _turn_began_s
    turn = _turn
    if not turn.acquire(timeout=ANSWERS_WITHIN_S):
        if time.monotonic() - _turn_began_s < HANGS_AFTER_S:
            raise HostError("PortAudio opens another device")
        turn = _turn = threading.Lock()
        turn.acquire()
    elif turn is not _turn:
        turn.release()
        raise HostError("PortAudio opens another device")
    _turn_began_s = time.monotonic()
    return turn


def _rescan() -> Any:
    if not _sounddevice:
        _load()
    elif _sounddevice._lib in _in_use or not _may_be_terminated():
        _sounddevice._lib, _sounddevice._initialized = _fresh_instance(_sounddevice._ffi), 0
        _initialize()
    else:
        _sounddevice._terminate()
        _initialize()
    _in_use.add(_sounddevice._lib)
    return _sounddevice


def _initialize() -> None:
    _name_client()
    _sounddevice._initialize()


def _load() -> None:
    """sounddevice is imported here, and not above: that initialises PortAudio, and only this host needs it."""
    global _sounddevice, _handle, _file
    try:
        _handle = ctypes.CDLL(LIBRARY)
        _name_client()
        import sounddevice
    except OSError as missing:
        raise HostError(f"{missing} (Debian: libportaudio2)") from None
    atexit.unregister(sounddevice._exit_handler)  # streams are closed by then, and the rest goes with the process
    _file = loaded_file(LIBRARY)
    _sounddevice = sounddevice


def _fresh_instance(ffi: Any) -> Any:
    global _handle
    if not _file:
        raise HostError("the file of PortAudio is not known, so it cannot be loaded again")
    with private_copy(_file) as copy:
        _handle = ctypes.CDLL(copy)
        return ffi.dlopen(copy)


def _name_client() -> None:
    """Each initialisation has its own name in JACK, so that it can be told whether just that client still lives."""
    global _client
    _client = f"masterd-pa-{os.getpid()}-{next(_count)}".encode()
    _clients.append(_client)  # PortAudio keeps the pointer
    with contextlib.suppress(AttributeError):
        _handle.PaJack_SetClientName(_client)


def _may_be_terminated() -> bool:
    """Whether it has no client in JACK, or the server of this moment knows it. A server that has come back does not."""
    has_client = any(api["name"] == JACK_API for api in _sounddevice.query_hostapis())
    return not has_client or is_client(_client.decode())


def prefer_alsa_realtime(stream_address: int) -> None:
    """Asks PortAudio to start the thread of this stream in real time. Only for ALSA: other back ends have other structs there.
    sounddevice does not declare the function, and some builds of PortAudio lack it."""
    with contextlib.suppress(AttributeError):  # also without a handle
        enable = _handle.PaAlsa_EnableRealtimeScheduling
        enable.restype, enable.argtypes = None, [ctypes.c_void_p, ctypes.c_int]
        enable(stream_address, 1)
