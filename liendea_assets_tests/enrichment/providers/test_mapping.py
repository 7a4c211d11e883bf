import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file
from liendea_assets.enrichment.provider import FIELDS
from liendea_assets.enrichment.providers.mapping import LARGEST_INTEGER, map_answer
from liendea_assets.enrichment.providers.mapping_settings import AnswerMapping
from liendea_assets.enrichment.providers.settings import ProviderSettings

NAMES = ("reach", "peopledatalabs", "apollo", "hunter")
MAPPINGS = {name: load_file(ProviderSettings, default_config() / "providers" / f"{name}.yaml").mapping for name in NAMES}


def read(rule: object, found: object, field: str = "title") -> object:
    """What a field becomes by a rule for the path `x`."""
    mapping = AnswerMapping.model_validate_json(json.dumps({"fields": {field: rule}}))
    return map_answer({"x": found}, mapping)[1].get(field)


@pytest.mark.parametrize(
    ("rule", "found", "field", "kept"),
    [
        ("x", "  VP  Sales ", "title", "VP Sales"),
        ("x", "", "title", None),
        ("x", None, "title", None),
        ({"path": "x", "clean": ["lower"]}, "VP", "title", "vp"),
        ({"path": "x", "clean": ["upper"]}, "us", "country", "US"),
        ({"path": "x", "clean": ["profile"]}, "linkedin.com/in/Robin-Weaver/", "linkedin_url", "https://www.linkedin.com/in/robin-weaver"),
        ({"path": "x", "clean": ["profile"]}, "https://example.com", "linkedin_url", None),
        ({"path": "x", "clean": ["number"]}, "1,200", "employee_count", 1200),
        ({"path": "x", "clean": ["number"]}, "51-200", "employee_count", None),
        ("x", 1200.0, "employee_count", 1200),
        ("x", "HTTPS://www.ACME.example/about", "company_domain", "acme.example"),
        ("x", "n/a", "company_domain", None),
        ("x", "Robin <Robin@ACME.example>", "work_email", "robin@acme.example"),
        ("x", "not available", "work_email", None),
        ({"path": "x", "drop_if": ["*@placeholder.example"]}, "ROBIN@Placeholder.example", "work_email", None),
        ({"path": "x", "values": {"united states": "US"}}, "United States", "country", "US"),
        ({"path": "x", "values": {"united states": "US"}}, "Utopia", "country", "Utopia"),
        ({"path": "x", "values": {"united states": "US"}, "other_values": "drop"}, "Utopia", "country", None),
    ],
)
def test_a_value_is_cleaned_as_its_rule_says(rule: object, found: object, field: str, kept: object) -> None:
    assert read(rule, found, field) == kept


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("title", 7), ("title", ["VP"]), ("title", {"a": 1}), ("title", True), ("title", "x" * 5_000), ("title", "\ud800"),
        ("employee_count", "620"), ("employee_count", -1), ("employee_count", 1.5), ("employee_count", True),
        ("employee_count", LARGEST_INTEGER + 1), ("growth_rate", "0.2"), ("growth_rate", float("inf")), ("growth_rate", [0.2]),
    ],
)  # fmt: skip
def test_a_wrong_type_rejects_the_whole_answer_and_is_told_by_its_path(field: str, found: object) -> None:
    with pytest.raises(RejectedAnswer, match=r"breaks the contract in x$"):
        read("x", found, field)


@pytest.mark.parametrize(
    ("rule", "found", "confidence"),
    [
        ({"path": "x"}, 0.7, 0.7),
        ({"path": "x", "scale": [0, 100]}, 97, 0.97),
        ({"path": "x", "scale": [1, 10]}, 1, 0.0),
        ({"path": "x", "values": {"verified": 0.95}}, "VERIFIED", 0.95),
        ({"path": "x", "values": {"verified": 0.95}, "otherwise": 0.5}, "guessed", 0.5),
        ({"path": "x", "values": {"verified": 0.95}, "otherwise": 0.5}, None, 0.5),
        ({"path": "x"}, None, None),
    ],
)
def test_confidence_is_brought_to_one_scale(rule: object, found: object, confidence: float | None) -> None:
    mapping = AnswerMapping.model_validate_json(json.dumps({"confidence": rule, "fields": {"title": "y"}}))
    assert map_answer({"x": found}, mapping)[0] == confidence


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def answers_of(mapping: AnswerMapping) -> st.SearchStrategy[object]:
    """Objects that have the mapping's keys, with anything in them."""
    paths = [rule.path for rule in mapping.fields.values()] + list(mapping.must_have)
    keys = sorted({part for path in paths for part in path.replace("(", " ").split()[0].split(".")})
    inner = st.dictionaries(st.sampled_from(keys), json_values, max_size=8)
    return st.dictionaries(st.sampled_from(keys), inner | json_values, max_size=4) | json_values


@given(name=st.sampled_from(NAMES), data=st.data())
def test_whatever_is_answered_is_rejected_or_fits_the_table(name: str, data: st.DataObject) -> None:
    content = data.draw(answers_of(MAPPINGS[name]))
    try:
        confidence, values = map_answer(content, MAPPINGS[name])
    except RejectedAnswer:
        return
    assert confidence is None or 0 <= confidence <= 1
    assert set(values) <= set(FIELDS)
    for field, value in values.items():
        kind = int if field == "employee_count" else (int, float) if field == "growth_rate" else str
        assert isinstance(value, kind)
        assert value != ""


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    rule = {"path": "x", "clean": ["lower"]}
    for field in ("title", "work_email", "company_domain"):
        try:
            once = read(rule, text, field)
        except RejectedAnswer:
            continue
        assert once is None or read(rule, once, field) == once
