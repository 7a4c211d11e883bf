"""What may be wrong with an installation, and what to do about it. A check is a function; further ones join the list of cli/doctor.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from liendea_assets.core.errors import LiendeaError

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Attributes:
        subject: what was looked at, such as a mailbox's name. remedy: what to do; empty where nothing is.
    """

    subject: str
    level: Level
    found: str
    remedy: str = ""


# Looks at one part of the installation and says what it found; must change nothing but what it keeps of its findings.
Check = Callable[[], Iterable[Diagnosis]]


def examine(checks: Mapping[str, Check]) -> Iterator[tuple[str, Diagnosis]]:
    """Makes all checks, and yields each finding with the name of its check. One that breaks down is a finding, too."""
    for name, check in checks.items():
        try:
            for diagnosis in check():
                yield name, diagnosis
        except LiendeaError as problem:
            yield name, Diagnosis(name, "failed", str(problem), "Correct what the text names.")
        except Exception as error:  # noqa: BLE001 the other checks are made all the same
            yield name, Diagnosis(name, "failed", f"the check broke down ({type(error).__name__})", "Report it with the text of this line.")


def is_well(found: Iterable[Diagnosis]) -> bool:
    """Whether nothing failed; a warning is no failure."""
    return all(diagnosis.level != "failed" for diagnosis in found)
