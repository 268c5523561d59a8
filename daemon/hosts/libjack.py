"""libjack, found at run time: the few of its functions that the host needs, with their types."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_uint32, c_ulong, c_void_p

from masterd.daemon.hosts.base import HostError
from masterd.daemon.hosts.shared_object import loaded_file, private_copy
from masterd.native import ffi, lib

LIBRARY = "libjack.so.0"
AUDIO_TYPE = b"32 bit float mono audio"
PORT_IS_INPUT, PORT_IS_OUTPUT = 1, 2
NO_START_SERVER, SERVER_NAME = 0x01, 0x04

STATUS = {
    0x02: "wrong option",
    0x10: "no JACK server is running",
    0x20: "communication error with the JACK server",
    0x40: "no such client",
    0x80: "the server could not load the client",
    0x100: "the client could not be initialised",
    0x200: "no access to shared memory",
    0x400: "the library and the server speak different protocols",
    0x1000: "zombie client",
}  # bits of jack_status_t that explain a failure

SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "jack_client_open": (c_void_p, [c_char_p, c_int, POINTER(c_int)]),  # and the server's name
    "jack_client_close": (c_int, [c_void_p]),
    "jack_activate": (c_int, [c_void_p]),
    "jack_get_client_name": (c_char_p, [c_void_p]),
    "jack_get_sample_rate": (c_uint32, [c_void_p]),
    "jack_get_buffer_size": (c_uint32, [c_void_p]),
    "jack_set_process_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "jack_set_xrun_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "jack_set_buffer_size_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "jack_set_sample_rate_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "jack_set_latency_callback": (c_int, [c_void_p, c_void_p, c_void_p]),
    "jack_on_info_shutdown": (None, [c_void_p, c_void_p, c_void_p]),
    "jack_set_error_function": (None, [c_void_p]),
    "jack_set_info_function": (None, [c_void_p]),
    "jack_port_register": (c_void_p, [c_void_p, c_char_p, c_char_p, c_ulong, c_ulong]),
    "jack_port_name": (c_char_p, [c_void_p]),
    "jack_port_by_name": (c_void_p, [c_void_p, c_char_p]),
    "jack_port_get_all_connections": (POINTER(c_char_p), [c_void_p, c_void_p]),
    "jack_get_ports": (POINTER(c_char_p), [c_void_p, c_char_p, c_char_p, c_ulong]),
    "jack_connect": (c_int, [c_void_p, c_char_p, c_char_p]),
    "jack_disconnect": (c_int, [c_void_p, c_char_p, c_char_p]),
    "jack_free": (None, [c_void_p]),
}


_instances: dict[str, ctypes.CDLL] = {}


def libjack(name: str) -> ctypes.CDLL:
    """The library by file name or path (PipeWire has its own). HostError when there is none."""
    if name not in _instances:
        try:
            _instances[name] = _prepared(ctypes.CDLL(name))
        except (OSError, AttributeError) as missing:
            raise HostError(f"no JACK library: {missing} (Debian: libjack-jackd2-0)") from None
    return _instances[name]


def renew(name: str) -> None:
    """From now on `libjack` gives another instance: a call that hangs in this one holds a lock that every later call wants."""
    if file := loaded_file(name):
        with private_copy(file) as copy:
            _instances[name] = _prepared(ctypes.CDLL(copy))


def _prepared(library: ctypes.CDLL) -> ctypes.CDLL:
    """With the types of its functions, and its messages silenced: errors come back as codes."""
    for function, (result, arguments) in SIGNATURES.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    library.jack_set_error_function(address_of("host_jack_quiet"))
    library.jack_set_info_function(address_of("host_jack_quiet"))
    return library


def address_of(function: str) -> int:
    """Of one of our C functions, for libjack to call."""
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, function)))


def function_pointer(library: ctypes.CDLL, function: str) -> int:
    """Of one of libjack's functions, for our C to call."""
    return ctypes.cast(getattr(library, function), c_void_p).value or 0


def names(library: ctypes.CDLL, listed: object) -> list[str]:
    """The strings of a NULL-terminated list that libjack gave, which is freed."""
    found: list[str] = []
    if listed:
        while entry := listed[len(found)]:  # type: ignore[index]
            found.append(entry.decode())
        library.jack_free(listed)
    return found


def explain(status: int) -> str:
    """What the bits of a jack_status_t say about a failure."""
    return ", ".join(text for bit, text in STATUS.items() if status & bit) or f"status {status:#x}"


def is_client(name: str) -> bool:
    """Whether the default JACK server of this moment has a client of that name. May hang with a server that has stopped."""
    return _name_given(name) not in (None, name)  # a name that is taken is given with a number behind it


def _name_given(name: str) -> str | None:
    library = libjack(LIBRARY)
    client = library.jack_client_open(name.encode(), NO_START_SERVER, None)
    if not client:
        return None
    given: str = library.jack_get_client_name(client).decode()
    library.jack_client_close(client)
    return given
