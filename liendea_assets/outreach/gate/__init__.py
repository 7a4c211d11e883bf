"""What a message must pass before it goes out. Fails closed, and keeps its evidence with the message (docs/gate.md)."""

from liendea_assets.outreach.gate.gate import Bench, Gate
from liendea_assets.outreach.gate.stops import is_stopped
from liendea_assets.outreach.gate.verdict import Finding, Verdict

__all__ = ["Bench", "Finding", "Gate", "Verdict", "is_stopped"]
