"""A process of a test that does not outlive it, also when the test fails or takes too long."""

from __future__ import annotations

import subprocess
from types import TracebackType
from typing import AnyStr


class Child(subprocess.Popen[AnyStr]):
    """As Popen: the end of a `with` waits for it. When that ends by an exception, it is killed first."""

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        if kind is not None:
            self.kill()
        try:
            super().__exit__(kind, value, traceback)
        except BaseException:  # too late
            self.kill()
            self.wait()
            raise
