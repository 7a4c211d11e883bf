"""What the gate says of a message, rule by rule. No text here holds personal data: it stays when the person is erased."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from liendea_assets.core.clock import to_text

# What a rule looks at, and so what helps: `person` is left out, `setup` waits for whoever sends, `message` has to be made anew.
About = Literal["person", "setup", "message"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says.

    Attributes:
        is_ok: whether it lets the message pass. detail: why, or why not.
    """

    rule: str
    about: About
    is_ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all rules say; one that does not let the message pass blocks it."""

    judged_at: datetime
    evidence: tuple[Finding, ...]

    @property
    def is_allowed(self) -> bool:
        """False also where no rule was asked."""
        return bool(self.evidence) and all(finding.is_ok for finding in self.evidence)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The rules that block."""
        return tuple(finding for finding in self.evidence if not finding.is_ok)

    @property
    def reason(self) -> str | None:
        """The first that blocks, in words; None where nothing does."""
        return next((f"{finding.rule}: {finding.detail}" for finding in self.blocking), None if self.evidence else "no rule was asked")

    def to_json(self) -> str:
        """What is stored with the message: `is_allowed`, `judged_at` (UTC), `findings` (rule, is_ok, detail)."""
        findings = [{"rule": finding.rule, "is_ok": finding.is_ok, "detail": finding.detail} for finding in self.evidence]
        return json.dumps({"is_allowed": self.is_allowed, "judged_at": to_text(self.judged_at), "findings": findings})
