"""Which request meets which fault: shares and schedules, drawn by a seed, so that the n-th arrival meets the same every time.

A plan in words: `storm:0.1, reset@20-30, outages` is a storm that begins with a tenth of the requests, a reset of each request from the
20th to the 30th, and the faults of a group with the share that is left to those without one.
"""

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from liendea_assets.core.errors import SettingsError
from liendea_assets.sandbox.faults import FAULTS, GROUPS, Fault

# Of all requests, for the faults of a plan that says no share.
DEFAULT_SHARE = 0.1
_RULE = re.compile(r"(?P<name>\w+)(:(?P<share>[0-9.]+))?(@(?P<first>[0-9]+)(?P<end>-(?P<last>[0-9]+)?)?)?", re.ASCII)
_LONGEST = max(fault.lasts for fault in FAULTS.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault for some of the requests.

    Attributes:
        share: of the arrivals from `first` to `last`, 1 being the first of all; None for no end.
    """

    fault: Fault
    share: float
    first: int = 1
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go wrong; nothing by default.

    Attributes:
        latency_s: an answer takes between these two times, evenly spread.
    """

    rules: tuple[Rule, ...] = ()
    seed: int = 0
    latency_s: tuple[float, float] = (0.0, 0.0)

    def draw(self, number: int) -> Fault | None:
        """The fault that this arrival meets, counted from 1."""
        for begun in range(number, max(0, number - _LONGEST), -1):
            fault = self._begin(begun)
            if fault is not None and number - begun < fault.lasts:
                return fault
        return None

    def draw_latency(self, number: int) -> tuple[float, float]:
        """Seconds before the request is counted and after that."""
        chance = self._chance(number, "latency")
        latency_s, share = chance.uniform(*self.latency_s), chance.random()
        return latency_s * share, latency_s * (1 - share)

    def tell(self) -> str:
        """The plan for people."""
        rules = [f"{rule.fault.name} {_tell_share(rule)}" for rule in self.rules]
        return f"{', '.join(rules)}; seed {self.seed}" if rules else "none"

    def _begin(self, number: int) -> Fault | None:
        point = self._chance(number, "fault").random()
        for rule in self.rules:
            if rule.first <= number and (rule.last is None or number <= rule.last):
                if point < rule.share:
                    return rule.fault
                point -= rule.share
        return None

    def _chance(self, number: int, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what} {number}")  # noqa: S311 no secret


def parse_plan(text: str, where: str, share: float | None = None, seed: int = 0, latency_s: tuple[float, float] = (0.0, 0.0)) -> Plan:
    """A plan in words.

    Args:
        where: the option or variable that holds it, for errors.
        share: of all requests, evenly for those faults that say none of their own.

    Raises:
        SettingsError: an unknown name, a share that is none, or shares that add up to more than one.
    """
    parts = [_parse_part(part.strip(), where) for part in text.split(",") if part.strip()]
    open_faults = sum(len(faults) for faults, given in parts if given["share"] is None and given["first"] is None)
    each = (DEFAULT_SHARE if share is None else share) / open_faults if open_faults else 0.0
    rules = tuple(rule for faults, given in parts for rule in _rules(faults, given, each, where))
    # in a schedule shares may overlap with others; the first one wins there
    if sum(rule.share for rule in rules if rule.last is None and rule.first == 1) > 1 + 1e-9:
        raise SettingsError(f"{where}: found shares of more than one together; allowed: from 0 to 1")
    return Plan(rules, seed, latency_s)


def parse_latency(text: str, where: str) -> tuple[float, float]:
    """`0-1.5` or `0.2`, in seconds. Raises `SettingsError` otherwise."""
    match = re.fullmatch(r"([0-9]*\.?[0-9]+)(?:-([0-9]*\.?[0-9]+))?", text.strip(), re.ASCII)
    if match is None:
        raise SettingsError(f"{where}: found {text}; allowed: seconds, such as 0.2 or 0-1.5")
    shortest, longest = float(match[1]), float(match[2] or match[1])
    if shortest > longest:
        raise SettingsError(f"{where}: found {text}; allowed: the shorter time first")
    return shortest, longest


def parse_windows(text: str, where: str) -> tuple[tuple[int, int], ...]:
    """`10/2,40/20`: ten requests in two seconds and forty in twenty, as (seconds, requests). Raises `SettingsError` otherwise."""
    windows = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]+)/([0-9]+)\s*", part, re.ASCII)
        if match is None or int(match[1]) == 0 or int(match[2]) == 0:
            raise SettingsError(f"{where}: found {part.strip() or 'nothing'}; allowed: REQUESTS/SECONDS, such as 10/2,40/20")
        windows.append((int(match[2]), int(match[1])))
    return tuple(windows)


def _parse_part(part: str, where: str) -> tuple[Sequence[Fault], Mapping[str, str | None]]:
    match = _RULE.fullmatch(part)
    if match is None:
        raise SettingsError(f"{where}: found {part}; allowed: NAME, NAME:SHARE, NAME@REQUEST or NAME@FIRST-LAST, parted by commas")
    name = match["name"]
    if name in GROUPS:
        return GROUPS[name], match.groupdict()
    if name not in FAULTS:
        close = get_close_matches(name, [*FAULTS, *GROUPS], n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise SettingsError(f"{where}: found {name}{hint}; allowed: {', '.join(FAULTS)}; or a group of them: {', '.join(GROUPS)}")
    return (FAULTS[name],), match.groupdict()


def _rules(faults: Sequence[Fault], given: Mapping[str, str | None], each: float, where: str) -> list[Rule]:
    share = each
    if given["share"] is not None:
        share = _parse_share(given["share"], where) / len(faults)
    elif given["first"] is not None:
        share = 1 / len(faults)
    if given["first"] is None:
        return [Rule(fault, share) for fault in faults]
    first = int(given["first"])
    last = int(given["last"]) if given["last"] else None if given["end"] else first
    if first == 0 or (last is not None and last < first):
        raise SettingsError(f"{where}: found @{first}{given['end'] or ''}; allowed: numbers of requests from 1, the first one first")
    return [Rule(fault, share, first, last) for fault in faults]


def _parse_share(text: str, where: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise SettingsError(f"{where}: found a share of {text}; allowed: from 0 to 1")
    return share


def _tell_share(rule: Rule) -> str:
    share = f"{100 * rule.share:.3g} % of requests"
    if rule.last is not None:
        return f"{share} {rule.first} to {rule.last}" if rule.last > rule.first else f"{share} {rule.first}"
    return f"{share} from {rule.first}" if rule.first > 1 else share
