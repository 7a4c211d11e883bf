"""What `components`, `disqualifiers` and the industry taxonomy of icp_scoring.yaml do, and properties of any profile."""

import itertools
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.scoring.parts import parts_total
from liendea_assets.scoring.rule_settings import Band, Cap, Component, Disqualifier, RuleSettings, Scale, ValueList
from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import ScoringSettings, Weights
from liendea_assets.scoring.taxonomy import Industry, IndustrySettings

NOTHING = Weights().without_points()


def read(tmp_path: Path, text: str) -> ScoringSettings:
    path = tmp_path / "config" / "icp_scoring.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_settings(ScoringSettings, Home(tmp_path), "icp_scoring.yaml")


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def contacts(*rows: dict[str, object]) -> pd.DataFrame:
    columns = (
        "title", "industry", "country", "gtm_segment", "company_domain", "employee_count", "revenue_range", "growth_rate",
        "connection_strength", "company_id",
    )  # fmt: skip
    frame = pd.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=list(columns), dtype=object)
    return frame.assign(contact_id=range(1, len(rows) + 1))


def score(profile: ScoringSettings, **values: object) -> dict[str, object]:
    return {str(name): value for name, value in score_contacts(contacts(values), profile).iloc[0].items()}


def points(profile: ScoringSettings, **values: object) -> dict[str, int]:
    return {part["name"]: part["points"] for part in json.loads(str(score(profile, **values)["parts"]))}


def profile(*components: Component, **further: object) -> ScoringSettings:
    return ScoringSettings(weights=NOTHING, components=components, **further)  # type: ignore[arg-type]  # any further keys


def component(name: str, *rules: RuleSettings, **further: object) -> Component:
    return Component(name=name, rules=rules, **further)  # type: ignore[arg-type]


REVENUE = RuleSettings(field="revenue", bands=(Band(min=10e6, below=100e6, points=10), Band(min=100e6, points=20)), otherwise=-5)
TABOO = RuleSettings(field="industry", values=(ValueList(any_of=("Gambling",), points=-30),))


def test_file_without_new_keys_is_scored_as_before(tmp_path: Path) -> None:
    """Of version 0.1, with all keys that it had."""
    old = read(
        tmp_path,
        "target_employee_range: {min: 50, max: 5000}\nacceptable_employee_range: {min: 10, max: 10000}\ntarget_industries: [Software]\n"
        "secondary_industries: [Media]\ndecision_maker_titles: [VP]\ninfluencer_titles: [Manager]\nweights:\n"
        "  company_size: {target: 25, acceptable: 15}\n  industry: {target: 25, secondary: 15}\n"
        "  title: {decision_maker: 25, influencer: 15}\n  growth: [{above: 0.2, points: 15}]\n  connection_strength: 10\n"
        "priority_lines: [80, 65, 50, 35]\nminimum_score: 50\n",
    )
    found = score(old, employee_count=7_000, industry="media", title="Sales Manager", growth_rate=0.3, connection_strength=4.5)
    assert found["icp_score"] == 15 + 15 + 15 + 15 + 5
    assert points(old, industry="SaaS")["industry"] == 0


def test_bands_of_revenue_by_the_middle_of_a_range() -> None:
    found = profile(component("revenue", REVENUE))
    revenues = {"$10M-$50M": 10, "€99.9M": 10, "100M+": 20, "<$1M": -5, "$5M": -5}
    assert {text: points(found, revenue_range=text)["revenue"] for text in revenues} == revenues
    assert (points(found, revenue_range="pre-revenue"), points(found)) == ({"revenue": 0}, {"revenue": 0})


def test_a_weight_multiplies_with_halves_rounded_up() -> None:
    found = profile(component("country", RuleSettings(field="country", values=(ValueList(any_of=("US",), points=5),)), weight=0.5))
    assert points(found, country="us") == {"country": 3}


def test_a_cap_is_a_part_of_its_own() -> None:
    rules = [RuleSettings(field=field, values=(ValueList(any_of=("a",), points=8),)) for field in ("country", "gtm_segment")]
    found = profile(component("place", *rules, cap=Cap(max=10)))
    assert points(found, country="A", gtm_segment="A") == {"place.country": 8, "place.gtm_segment": 8, "place.cap": -6}
    assert points(found, country="A") == {"place.country": 8, "place.gtm_segment": 0}


def test_score_stays_within_0_and_100_by_parts_that_say_so() -> None:
    best = component("best", RuleSettings(field="country", values=(ValueList(any_of=("US",), points=90),)))
    found = profile(
        best, component("taboo", TABOO), component("size", RuleSettings(field="employee_count", bands=(Band(min=1, points=40),)))
    )
    assert (score(found, industry="gambling")["icp_score"], points(found, industry="gambling")["floor"]) == (0, 30)
    assert (score(found, country="US", employee_count=5)["icp_score"], points(found, country="US", employee_count=5)["ceiling"]) == (
        100,
        -30,
    )


def test_fit_and_relationship_are_told_apart() -> None:
    tie = component("tie", RuleSettings(field="connection_strength", scale=Scale(end=10, points=20)), group="relationship")
    found = score(profile(component("taboo", TABOO), tie, component("revenue", REVENUE)), connection_strength=5.0, revenue_range="$20M")
    assert (found["fit_score"], found["relationship_score"], found["icp_score"]) == (10, 10, 20)


def test_industries_go_by_one_name_where_the_taxonomy_is_used() -> None:
    spellings = {
        "SaaS": 25,
        "computer software": 25,
        "IT Services and IT Consulting": 0,
        "Information Technology & Services": 0,
        "Mining": 0,
    }
    found = ScoringSettings(target_industries=("Software",), secondary_industries=(), industry_taxonomy=IndustrySettings(use_shipped=True))
    assert {name: points(found, industry=name)["industry"] for name in spellings} == spellings
    wider = ScoringSettings(
        target_industries=("Technology",), secondary_industries=(), industry_taxonomy=IndustrySettings(use_shipped=True)
    )
    assert points(wider, industry="IT Services and IT Consulting")["industry"] == 25
    assert "a target industry as Software" in str(score(found, industry="SaaS")["reasons"])


def test_own_industries_extend_and_overrule_the_shipped_ones() -> None:
    own = IndustrySettings(use_shipped=True, industries={"Maps": Industry(within="Software", synonyms=("Cartography", "GIS"))})
    found = ScoringSettings(target_industries=("Software",), secondary_industries=(), industry_taxonomy=own)
    assert points(found, industry="GIS")["industry"] == 25


def test_disqualified_has_0_by_a_part_that_gives_the_reason() -> None:
    rival = Disqualifier(name="competitor", field="company_domain", any_of=("rival.example",), reason="a competitor")
    found = ScoringSettings(disqualifiers=(rival,))
    values = {"industry": "Software", "employee_count": 100, "company_domain": "mail.rival.example"}
    row = score(found, **values)
    assert (row["icp_score"], row["score_max"], row["disqualified_by"], row["priority"]) == (0, 0, "competitor", 5)
    assert points(found, **values)["disqualified"] == -50
    assert "a competitor" in str(row["reasons"])
    other = score(found, **(values | {"company_domain": "rival.example.org"}))
    assert (other["icp_score"], other["score_min"], other["disqualified_by"]) == (50, 50, None)
    # who is not known to be none could still be one
    assert score(found, **(values | {"company_domain": None}))["score_min"] == 0


def test_points_at_account_level_are_of_all_contacts_of_the_company() -> None:
    rules = (
        RuleSettings(field="account_contacts", bands=(Band(min=2, points=7),)),
        RuleSettings(field="account_strength", scale=Scale(end=10, points=10)),
    )
    rows = contacts({"company_id": 1, "connection_strength": 6.0}, {"company_id": 1}, {"company_id": 2}, {})
    found = score_contacts(rows.astype({"connection_strength": "Float64"}), profile(component("account", *rules)))
    assert found["icp_score"].tolist() == [13, 13, 0, 0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "components:\n- {name: size, rules: [{field: employees, bands: []}]}\n",
            "icp_scoring.yaml:2: components.0.rules.0.field: found 'employees'",
        ),
        ("components:\n- name: size\n  rules:\n  - {field: employee_count}\n", "exactly one of bands, values, scale (this rule has none)"),
        ("components:\n- name: size\n  rules:\n  - {field: title, bands: [{min: 1, points: 1}]}\n", "values for a text"),
        (
            "components:\n- name: size\n  rules:\n  - {field: title, values: [{any_of: [boss], points: 1}]}\n",
            "levels of titles: decision_maker",
        ),
        (
            "components:\n- name: size\n  rules:\n  - {field: revenue, bands: [{min: 9, max: 1, points: 1}]}\n",
            "whose upper end (1) is not below",
        ),
        ("components:\n- {name: title, rules: [{field: revenue, bands: [{min: 9, points: 1}]}]}\n", "'title' is taken"),
        ("components:\n- {name: a, cap: {max: -1}, rules: [{field: revenue, bands: [{min: 9, points: 1}]}]}\n", "max of 0 or more"),
        ("disqualifiers:\n- {name: a, field: revenue, any_of: [x], reason: r}\n", "a field that is a text (revenue is a number)"),
        ("industry_taxonomy:\n  industries: {Maps: {within: Nowhere}}\n", "a wider industry that there is"),
        ("industry_taxonomy:\n  industries: {A: {within: B}, B: {within: A}}\n", "no industry within itself"),
        ("industry_taxonomy:\n  industries: {A: {synonyms: [x]}, B: {synonyms: [X]}}\n", "each name under one industry only"),
        ("segments:\n- {name: Big, when: [{field: industry, min: 3}]}\n", "any_of for industry"),
    ],
)
def test_a_wrong_rule_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    found = problem(tmp_path, text)
    assert told in found
    assert "icp_scoring.yaml:" in found


# Small enough to try every value of every unknown field.
DOMAIN: dict[str, list[object]] = {
    "country": ["US", "DE", "other"],
    "gtm_segment": ["Big", "other"],
    "employee_count": [0, 10, 11, 50],
    # each value at which a scale gives one point more, and what lies between them
    "connection_strength": [0.0, 0.5, 1.25, 2.0, 2.5, 3.0, 3.75, 4.5, 5.0, 5.5, 6.25, 7.0, 7.5, 8.0, 8.75, 9.5, 10.0],
    "company_domain": ["rival.example", "other.example"],
}
small = st.integers(-60, 60)
rules = st.one_of(
    st.builds(RuleSettings, field=st.just("country"), otherwise=small, values=st.tuples(st.builds(ValueList, any_of=st.sampled_from([("US",), ("DE", "US")]), points=small))),
    st.builds(RuleSettings, field=st.just("gtm_segment"), values=st.tuples(st.builds(ValueList, any_of=st.just(("Big",)), points=small))),
    st.builds(RuleSettings, field=st.just("employee_count"), otherwise=small, bands=st.tuples(st.builds(Band, min=st.just(10.0), max=st.sampled_from([10.0, 11.0]), points=small))),
    st.builds(RuleSettings, field=st.just("connection_strength"), scale=st.builds(Scale, end=st.just(10.0), points=st.sampled_from([-4, 2, 4]))),
)  # fmt: skip
caps = st.none() | st.builds(Cap, max=st.none() | st.integers(0, 30), min=st.none() | st.integers(-30, 0))


@st.composite
def profiles(draw: st.DrawFn) -> ScoringSettings:
    """Any small profile with negative points, caps over several fields, weights and a disqualifier."""
    drawn = draw(
        st.lists(st.tuples(st.lists(rules, min_size=1, max_size=3), caps, st.sampled_from([1.0, 0.5, 2.0])), min_size=1, max_size=3)
    )
    rival = Disqualifier(name="rival", field="company_domain", any_of=("rival.example",), reason="r")
    return profile(
        *(component(f"c{place}", *of, cap=cap, weight=weight) for place, (of, cap, weight) in enumerate(drawn)),
        disqualifiers=(rival,) if draw(st.booleans()) else (),
    )


people = st.fixed_dictionaries({name: st.none() | st.sampled_from(values) for name, values in DOMAIN.items()})


@settings(max_examples=10)
@given(st.lists(people, max_size=4), profiles())
def test_total_is_the_sum_of_parts_within_its_interval(rows: list[dict[str, object]], found: ScoringSettings) -> None:
    for row in score_contacts(contacts(*rows), found).itertuples():
        assert row.icp_score == parts_total(str(row.parts))
        assert 0 <= int(str(row.score_min)) <= int(str(row.icp_score)) <= int(str(row.score_max)) <= 100
        assert int(str(row.priority_best)) <= int(str(row.priority)) <= int(str(row.priority_worst))
        assert 0 <= float(str(row.coverage)) <= 1


@settings(max_examples=10)
@given(people, profiles())
def test_interval_is_what_trying_every_value_gives(person: dict[str, object], found: ScoringSettings) -> None:
    """Or leaving it unknown: what stays unknown gives nothing."""
    unknown = [name for name, value in person.items() if value is None]
    tried = [person | dict(zip(unknown, values, strict=True)) for values in itertools.product(*([None, *DOMAIN[name]] for name in unknown))]
    possible = score_contacts(contacts(*tried), found)["icp_score"]
    row = score(found, **person)
    assert (row["score_min"], row["score_max"]) == (possible.min(), possible.max())


@settings(max_examples=10)
@given(people, st.sampled_from(list(DOMAIN)), profiles())
def test_unknown_costs_nothing(person: dict[str, object], forgotten: str, found: ScoringSettings) -> None:
    """Somebody of whom a field is not known has what a profile without the field's rules gives."""
    parts = {name: given for name, given in points(found, **(person | {forgotten: None})).items() if "." in name or name.startswith("c")}
    fields = {part["name"]: part["field"] for part in json.loads(str(score(found, **person)["parts"]))}
    assert all(given == 0 for name, given in parts.items() if fields.get(name) == forgotten)
    kept = [(one, tuple(rule for rule in one.rules if rule.field != forgotten)) for one in found.components]
    without = profile(
        *(one.model_copy(update={"rules": of}) for one, of in kept if of),
        component("nothing", RuleSettings(field="revenue", bands=(Band(min=0, points=0),))),
        disqualifiers=tuple(entry for entry in found.disqualifiers if entry.field != forgotten),
    )
    assert score(found, **(person | {forgotten: None}))["icp_score"] == score(without, **person)["icp_score"]


@settings(max_examples=10)
@given(st.lists(people, max_size=4), profiles(), st.randoms(use_true_random=False))
def test_order_of_rows_and_irrelevant_columns_change_nothing(rows: list[dict[str, object]], found: ScoringSettings, random: object) -> None:
    frame = contacts(*rows)
    order = list(frame.index)
    random.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    straight = score_contacts(frame, found)
    turned = score_contacts(frame.loc[order].assign(shoe_size=43), found).sort_values("contact_id", ignore_index=True)
    pd.testing.assert_frame_equal(turned, straight)
