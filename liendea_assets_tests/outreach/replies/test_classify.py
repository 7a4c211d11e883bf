"""Messages told apart, over a corpus; what must never happen at all, and the share that is right."""

import sys
from collections import Counter

import pytest

from liendea_assets.outreach.replies.classify import classify
from liendea_assets_tests.outreach.replies.corpus import Case, cases
from liendea_assets_tests.outreach.replies.further import further_cases
from liendea_assets_tests.outreach.replies.letters import BODY, SUBJECT

SUPPRESSING = {"bounce_hard", "unsubscribe", "complaint"}


def judged(messages: list[Case], *, knows_ours: bool) -> list[tuple[str, str, str]]:
    """(name, what it is, what it was taken for)."""
    ours = (BODY, SUBJECT) if knows_ours else ("", "")
    return [(name, kind, classify(content, *ours).kind) for name, kind, content in messages]


def confusion(results: list[tuple[str, str, str]]) -> str:
    """What was taken for what, and the names of those that were not right."""
    counts = Counter((kind, found) for _, kind, found in results)
    lines = [f"{kind:15} → {found:15} {count}" for (kind, found), count in sorted(counts.items())]
    return "\n".join([*lines, *(f"wrong: {name}: {kind} taken for {found}" for name, kind, found in results if kind != found)])


@pytest.mark.parametrize("knows_ours", [True, False])
def test_nearly_all_are_right_and_the_worst_errors_never_happen(knows_ours: bool) -> None:
    results = judged([*cases(), *further_cases()], knows_ours=knows_ours)
    assert len(results) >= 150
    told = confusion(results)
    sys.stdout.write(told)
    assert sum(kind == found for _, kind, found in results) / len(results) >= 0.95, told
    assert not [name for name, kind, found in results if kind == "unsubscribe" and found not in ("unsubscribe", "complaint")], told
    assert not [name for name, kind, found in results if kind == "bounce_soft" and found in SUPPRESSING], told
    assert not [name for name, kind, found in results if kind in ("human_reply", "auto_reply") and found == "bounce_hard"], told
