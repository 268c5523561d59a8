"""The sound: C kernels, chain and engine, bound with cffi in API mode."""

from masterd.native._kernels import ffi, lib

__all__ = ["ffi", "lib"]
