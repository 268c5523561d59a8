"""Must not pass: asks for more frames than the output holds. Shows that scripts/sanitize really uses a sanitized binding."""

from masterd.control.parameters import defaults
from masterd.daemon.engine import Engine
from masterd.native import ffi, lib

FRAMES = 4096

engine = Engine(48000, "normal", defaults())
lib.engine_process_interleaved(
    engine.pointer, engine.attach(), ffi.new("float[]", 2 * FRAMES), ffi.new("float[]", 2 * FRAMES - 200), FRAMES
)
