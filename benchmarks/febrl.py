"""Record linkage on FEBRL 3 and 4, with and without the social security number."""

import time

from liendea_assets_tests.imports import febrl


def main() -> None:
    for number in (3, 4):
        records = febrl.load(number)
        for with_ssn in (False, True):
            started = time.perf_counter()
            found = febrl.link(records, with_ssn=with_ssn)
            took = time.perf_counter() - started
            what = "with" if with_ssn else "without"
            goal = 0.995 if with_ssn else 0.98
            print(
                f"FEBRL {number} {what} SSN: F1 {found.f1:.4f} (goal {goal}), precision {found.precision:.4f}, recall {found.recall:.4f}, {took:.1f} s"
            )
