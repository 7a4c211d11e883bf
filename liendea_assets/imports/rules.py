"""The validation rules of imports.yaml, on values that are read."""

import re

import numpy as np
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.distinct import Parsed
from liendea_assets.imports.mapping import Rule


def apply_rule(rule: Rule, parsed: Parsed) -> Parsed:
    """The same values without those that the rule does not allow, and with the reasons; allowed values in the rule's own spelling."""
    values, reasons = parsed.values.copy(), dict(parsed.reasons)
    if rule.allowed is not None:
        spelled = {fold(name): name for name in rule.allowed}
        values = pd.Series([spelled.get(fold(text)) if isinstance(text, str) else None for text in values], index=values.index, dtype="str")
        _refuse(parsed.values, values, reasons, f"not one of the allowed values: {', '.join(rule.allowed)}")
    if rule.pattern is not None:
        # Python's own, since its dialect is the one that the settings were checked in
        pattern = re.compile(rule.pattern)
        is_match = [isinstance(text, str) and pattern.fullmatch(text) is not None for text in values]
        before, values = values, values.where(np.array(is_match, dtype=bool))
        _refuse(before, values, reasons, f"does not match the pattern {rule.pattern}")
    if rule.min is not None:
        before, values = values, values.where((values >= rule.min).fillna(False).astype(bool))
        _refuse(before, values, reasons, f"below the least that is allowed, {rule.min:g}")
    if rule.max is not None:
        before, values = values, values.where((values <= rule.max).fillna(False).astype(bool))
        _refuse(before, values, reasons, f"above the most that is allowed, {rule.max:g}")
    return Parsed(values, reasons)


def _refuse(before: pd.Series, after: pd.Series, reasons: dict[int, str], reason: str) -> None:
    reasons.update(dict.fromkeys(before.index[before.notna() & after.isna()], reason))
