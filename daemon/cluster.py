"""The same work on many files by the workers of a Dask cluster, which see the same files and have the same masterd.

Dask decides which worker does what, and gives work again that was lost with a worker. What masterd adds is the check that
everybody is of one version, since the same job must give the same bits wherever it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, TypeVar

from masterd.control.errors import MasterdError
from masterd.daemon.crew import Outcome
from masterd.daemon.reading.rates import MissingExtra

Job = TypeVar("Job")
Result = TypeVar("Result")

CONNECT_WITHIN_S = 10


class ClusterRefused(MasterdError):
    """The cluster cannot do the work; nothing was begun."""

    code = "cluster"


def all_done(
    work: Callable[[Job, Callable[..., None]], Result],
    jobs: Sequence[Job],
    address: str,
    finished: Callable[[int, Outcome[Result]], None] = lambda index, outcome: None,
) -> list[Outcome[Result]]:
    """Outcomes in the order of the jobs. `work` must be a module's function, jobs and results must pickle, and their paths be
    absolute. `finished` is called in this thread. MissingExtra, ClusterRefused; interrupted, what is under way is cancelled."""
    try:
        import distributed as library
    except ImportError:
        raise MissingExtra("a Dask cluster", "dask") from None
    distributed: Any = library
    with connected(distributed, address) as client, client.as_current():
        check(client.run(version, "masterd"))
        futures = {client.submit(attempted, work, job, pure=False): index for index, job in enumerate(jobs)}
        outcomes: dict[int, Outcome[Result]] = {}
        try:
            for future in distributed.as_completed(futures):
                outcomes[futures[future]] = outcome_of(future)
                finished(futures[future], outcomes[futures[future]])
        except BaseException:
            client.cancel(list(futures))
            raise
    return [outcomes[index] for index in range(len(jobs))]


def connected(distributed: Any, address: str) -> Any:
    """A client of the cluster, or ClusterRefused."""
    try:
        return distributed.Client(address, timeout=CONNECT_WITHIN_S, set_as_default=False)
    except (OSError, ValueError) as reason:
        raise ClusterRefused(f"no Dask scheduler at {address}: {reason}") from None


def check(workers: dict[str, str]) -> None:
    """ClusterRefused unless there are workers and all have this version."""
    if not workers:
        raise ClusterRefused("the Dask scheduler has no workers")
    own = version("masterd")
    if others := {f"{address} has {said}" for address, said in workers.items() if said != own}:
        raise ClusterRefused(f"this is masterd {own}, and {'; '.join(sorted(others))}: they must be the same")


def attempted(work: Callable[[Job, Callable[..., None]], Result], job: Job) -> Outcome[Result]:
    """What each worker does."""
    try:
        return Outcome(work(job, lambda *how_far: None))
    except (MasterdError, OSError) as reason:
        return Outcome(None, str(reason))


def outcome_of(future: Any) -> Outcome[Any]:
    """A worker that died with its work, more often than Dask tries again, is an error like any other."""
    if failure := future.exception():
        return Outcome(None, f"the cluster lost this work: {type(failure).__name__}: {failure}")
    result: Outcome[Any] = future.result()
    return result
