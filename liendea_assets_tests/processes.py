"""Running one function in several processes at the same moment; what a lock is worth shows only there."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

STUCK_S = 50


def run_at_once(count: int, function: Callable[..., None], *arguments: object) -> None:
    """Starts the processes, lets all of them go together, and asserts that none failed.

    Args:
        function: of a module's top level; called as `function(position, *arguments)`.
    """
    context = get_context("spawn")
    barrier = context.Barrier(count)
    processes = [context.Process(target=_start, args=(barrier, function, position, *arguments)) for position in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(STUCK_S)
    for process in processes:
        process.kill()
    assert [process.exitcode for process in processes] == [0] * count


def _start(barrier: Barrier, function: Callable[..., None], position: int, *arguments: object) -> None:
    barrier.wait(STUCK_S)
    function(position, *arguments)
