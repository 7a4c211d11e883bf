import json

import pandas as pd
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring.changes import OTHER_RULES, ConfigDifference, describe, explain_changes
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.rule_settings import Band, Cap, Component, RuleSettings, ValueList
from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import ScoringSettings, TitleWeights, Weights
from liendea_assets.scoring.title_words import TitleRole, TitleWords
from liendea_assets.scoring.versions import changed_keys
from liendea_assets_tests.builders import scoring_contacts
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact

SHIPPED = ScoringSettings()
PERSON: dict[str, object] = {"title": "VP Sales", "industry": "Software", "employee_count": 620}


def market(points: int, cap: int | None = None) -> ScoringSettings:
    rules = (
        RuleSettings(field="industry", values=(ValueList(any_of=("Software",), points=points),)),
        RuleSettings(field="employee_count", bands=(Band(min=1, points=5),)),
    )
    return ScoringSettings(components=(Component(name="market", rules=rules, cap=Cap(max=cap) if cap is not None else None),))


def explain(
    old: ScoringSettings, new: ScoringSettings, before: dict[str, object], after: dict[str, object], *, has_other_rules: bool = False
) -> list[dict[str, object]]:
    difference = ConfigDifference.between(old.model_dump(mode="json"), new, has_other_rules=has_other_rules)
    return to_records(
        explain_changes(score_contacts(scoring_contacts(before), old), score_contacts(scoring_contacts(after), new), difference)
    )


def causes(change: dict[str, object]) -> dict[str, tuple[list[str], list[str]]]:
    return {piece["part"]: (piece["cause"], piece["keys"]) for piece in json.loads(str(change["detail"]))}


def test_who_has_the_same_score_is_not_told_of() -> None:
    assert explain(SHIPPED, SHIPPED, PERSON, PERSON) == []


def test_a_value_that_becomes_known_is_data() -> None:
    (change,) = explain(SHIPPED, SHIPPED, PERSON | {"title": None}, PERSON)
    assert (change["old"], change["new"], change["cause"]) == (50, 75, "data")
    assert describe(str(change["detail"])) == ["Title +0 → +25: title was unknown, is VP Sales"]


def test_keys_of_a_component_are_told_by_its_name() -> None:
    (change,) = explain(market(10), market(12), PERSON, PERSON)
    assert change["cause"] == "config"
    assert causes(change) == {"market.industry": (["config"], ["components.market.rules"])}


def test_what_a_cap_takes_follows_from_the_rules_unless_the_cap_itself_changed() -> None:
    (change,) = explain(market(10, cap=12), market(3, cap=12), PERSON, PERSON)
    assert causes(change) == {"market.industry": (["config"], ["components.market.rules"]), "market.cap": ([], [])}
    (change,) = explain(market(10, cap=12), market(10, cap=11), PERSON, PERSON)
    assert causes(change) == {"market.cap": (["config"], ["components.market.cap.max"])}
    (change,) = explain(market(10), market(10, cap=11), PERSON, PERSON)
    assert causes(change) == {"market.cap": (["config"], ["components.market.cap"])}


def test_a_part_that_comes_with_the_config_is_config() -> None:
    (change,) = explain(SHIPPED, market(10), PERSON, PERSON)
    assert {part: cause for part, (cause, _) in causes(change).items()} == {
        "market.industry": ["config"],
        "market.employee_count": ["config"],
    }


def test_keys_that_a_part_does_not_depend_on_are_not_its_cause() -> None:
    other = ScoringSettings(target_industries=("Mining",), minimum_score=10)
    (change,) = explain(SHIPPED, other, PERSON, PERSON | {"title": None})
    assert change["cause"] == "both"
    assert causes(change) == {"industry": (["config"], ["target_industries"]), "title": (["data"], [])}


def test_other_rules_of_the_package_are_named_where_no_key_changed() -> None:
    old = score_contacts(scoring_contacts(PERSON), SHIPPED)
    new = score_contacts(scoring_contacts(PERSON), ScoringSettings(weights=Weights(title=TitleWeights(decision_maker=20))))
    difference = ConfigDifference.between(SHIPPED.model_dump(mode="json"), SHIPPED, has_other_rules=True)
    (change,) = to_records(explain_changes(old, new, difference))
    assert causes(change) == {"title": (["config"], [OTHER_RULES])}


def test_other_words_of_titles_are_told_by_their_key_and_file() -> None:
    words = TitleWords(roles={"trapeze_warden": TitleRole(level="influencer", words={"en": ("trapeze warden",)})})
    person = PERSON | {"title": "Trapeze Warden"}
    (change,) = explain(SHIPPED, ScoringSettings(titles=words), person, person)
    assert causes(change) == {"title": (["config"], ["titles.roles.trapeze_warden"])}
    assert describe(str(change["detail"])) == ["Title +0 → +15: changed in titles.yaml: roles.trapeze_warden"]


def test_words_of_titles_change_functions_too() -> None:
    rule = RuleSettings(field="function", values=(ValueList(any_of=("sales",), points=7),))
    settings = ScoringSettings(components=(Component(name="desk", rules=(rule,)),))
    words = TitleWords(functions={"sales": ("trapezing",)})
    person = PERSON | {"title": "Director Trapezing"}
    (change,) = explain(settings, settings.model_copy(update={"titles": words}), person, person)
    assert causes(change) == {"desk": (["data", "config"], ["titles.functions.sales"])}


def test_what_a_release_changed_is_not_told_as_an_edit() -> None:
    detail = [{"label": "Title", "old": 0, "new": 5, "cause": ["config"], "keys": [OTHER_RULES]}]
    assert describe(json.dumps(detail)) == [f"Title +0 → +5: {OTHER_RULES}"]


def test_a_former_config_that_this_release_refuses_is_compared_all_the_same() -> None:
    former = SHIPPED.model_dump(mode="json") | {"minimum_score": 1000}
    difference = ConfigDifference.between(former, SHIPPED)
    assert difference.keys == ["minimum_score"]
    assert difference.of_part("title") == []


def test_recorded_changes_are_what_comparing_both_scorings_gives(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 9):
        add_contact(db, contact_id, industry="Software" if contact_id % 2 else "Media", title="VP Sales" if contact_id % 3 else None)
    rescore(db, SHIPPED, to_text(clock.now()))
    columns = "SELECT contact_id, icp_score, parts FROM icp_scores ORDER BY contact_id"
    old = pd.DataFrame(list(db.query(columns)))
    change_contact(db, 1, title="Sales Manager")
    other = ScoringSettings(target_industries=("Media",))
    rescore(db, other, to_text(clock.now()))
    new = pd.DataFrame(list(db.query(columns)))
    told = to_records(explain_changes(old, new, ConfigDifference.between(SHIPPED.model_dump(mode="json"), other)))
    recorded = list(db.query("SELECT contact_id, old, new, cause, detail FROM icp_score_changes ORDER BY contact_id"))
    assert [{**row, "detail": sorted(json.loads(row["detail"]), key=lambda piece: str(piece["part"]))} for row in recorded] == [
        {**row, "detail": sorted(json.loads(row["detail"]), key=lambda piece: str(piece["part"]))} for row in told
    ]
    assert {row["cause"] for row in recorded} == {"config", "both"}


@pytest.mark.parametrize(
    ("new", "keys"),
    [
        (ScoringSettings(), []),
        (ScoringSettings(minimum_score=51), ["minimum_score"]),
        (market(3), ["components.market"]),
    ],
)
def test_changed_keys_are_dotted(new: ScoringSettings, keys: list[str]) -> None:
    assert changed_keys(SHIPPED.model_dump(mode="json"), new.model_dump(mode="json")) == keys
