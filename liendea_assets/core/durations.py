"""Lengths of time as people read them."""

import math


def show_time(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `2.0 days`."""
    if math.isinf(seconds):
        return "never"
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (seconds >= length and unit == "min"):
            return f"{seconds / length:.{0 if unit == 'min' else 1}f} {unit}"
    return f"{seconds:.0f} s"
