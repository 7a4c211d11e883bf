"""The process that lands slices: `python -m liendea_assets.imports.landing_child`, started by landing_process.py.

On standard input it gets a `Lander` and then tables, on standard output it answers each with its `LandedSlice`, or with the exception.
"""

import os
import pickle
import sys


def main() -> int:
    """Serves until standard input ends."""
    with os.fdopen(os.dup(0), "rb") as tables, os.fdopen(os.dup(1), "wb") as answers:
        # what a library prints must not land between the answers
        os.dup2(2, 1)
        lander = pickle.load(tables)  # noqa: S301 from the process that started this one
        while True:
            try:
                table = pickle.load(tables)  # noqa: S301
            except EOFError:
                return 0
            try:
                answer = lander.land(table)
            except Exception as error:  # noqa: BLE001 raised again by the one who asked
                answer = error
            pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
            answers.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        # nobody is there to answer to
        sys.exit(1)
