import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.title_words import TitleRole, TitleWords
from liendea_assets.scoring.titles import DECISION_MAKER, INDIVIDUAL, INFLUENCER, NOT_A_PROSPECT, classify_titles

SHIPPED = ScoringSettings()
LISTS = ("titles.csv", "titles_held_out.csv")


def classify(*titles: str | None, decision_makers: tuple[str, ...] = SHIPPED.decision_maker_titles,
             influencers: tuple[str, ...] = SHIPPED.influencer_titles, words: TitleWords | None = None) -> pd.DataFrame:  # fmt: skip
    return classify_titles(pd.Series(titles, dtype=object), decision_makers, influencers, words)


def level(title: str) -> str | None:
    found = classify(title)["level"].iloc[0]
    return found if isinstance(found, str) else None


def labelled(name: str) -> pd.DataFrame:
    """Titles with the level and function that a person gave them."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(list(csv.DictReader(file)))


@pytest.mark.parametrize("name", LISTS)
def test_at_least_95_percent_of_a_list_are_right(name: str) -> None:
    expected = labelled(name)
    found = classify(*expected["title"])
    is_right = (found["level"] == expected["level"]) & (found["function"] == expected["function"])
    assert is_right.mean() >= 0.95, expected["title"][~is_right].tolist()


@pytest.mark.parametrize("name", LISTS)
def test_no_level_of_a_trap_is_wrong(name: str) -> None:
    expected = labelled(name)
    traps = expected[expected["why"].str.startswith("trap")]
    found = classify(*traps["title"])
    assert traps["title"][found["level"].to_numpy() != traps["level"].to_numpy()].tolist() == []


def test_lists_are_long_and_of_many_languages() -> None:
    """So that nobody reaches the share by dropping what is hard."""
    assert [len(labelled(name)) >= least for name, least in zip(LISTS, (300, 150), strict=True)] == [True, True]
    assert all(labelled(name)["language"].nunique() >= 20 for name in LISTS)
    assert all((labelled(name)["why"].str.startswith("trap")).sum() >= 40 for name in LISTS)


@pytest.mark.parametrize("title", ["", "   ", "🚀", "–", "***"])
def test_title_without_words_has_no_level(title: str) -> None:
    assert level(title) is None


def test_unknown_title_has_no_level() -> None:
    assert classify("CEO", None)["level"].isna().tolist() == [False, True]


def test_words_that_nobody_knows_are_an_individual_contributors() -> None:
    found = classify("Qwxfrobnicat").iloc[0]
    assert (found["level"], found["function"], found["phrase"], found["why"]) == (INDIVIDUAL, "unknown", "", "no word of a role")


@pytest.mark.parametrize(
    ("title", "phrase", "role", "why"),
    [
        ("SVP & GM, EMEA", "SVP", "vice_president", "its head word"),
        ("🚀 FORMER  CEO at Acme", "FORMER  CEO", "chief_executive", "not in office"),
        ("Chief People & Culture Officer", "Chief People & Culture Officer", "chief", "its head word"),
        ("Executive Assistant to the CEO", "Executive Assistant", "assistant", "serves somebody"),
        ("Lead Data Engineer", "Lead Data Engineer", "engineer", "leads in a work of one's own"),
        ("Head Chef", "Head Chef", "craft", "a craft"),
        ("Head Oboist", "Head Oboist", "craft", "a craft"),
        ("Assistant Vice President, Credit", "Assistant Vice President", "assistant_vice_president", "its head word"),
        ("Vertriebsleiter/in (m/w/d)", "Vertriebsleiter/in", "head", "its head word"),
        ("Student | Chess", "Student", "student", "a student or an intern"),
        ("Principal, Oak Grove School", "Principal", "principal", "another sense of the word"),
    ],
)
def test_tells_the_words_that_decided_as_they_stand_and_why(title: str, phrase: str, role: str, why: str) -> None:
    found = classify(title).iloc[0]
    assert (found["phrase"], found["role"], found["why"]) == (phrase, role, why)


def test_index_of_the_titles_stays() -> None:
    titles = pd.Series(["CEO", "Chef", None], index=[7, 3, 5], dtype=object)
    classified = classify_titles(titles, SHIPPED.decision_maker_titles, SHIPPED.influencer_titles)
    assert classified.index.tolist() == [7, 3, 5]
    assert classified["level"].tolist()[:2] == [DECISION_MAKER, INDIVIDUAL]


def test_no_titles_are_none() -> None:
    assert len(classify()) == 0


def test_config_sets_a_rank_in_every_spelling_and_language() -> None:
    titles = ("VP Sales", "SVP Sales", "Vice-President", "Wiceprezes", "Head of Sales")
    found = classify(*titles, decision_makers=(), influencers=("VP",))
    assert found["level"].tolist() == [INFLUENCER] * 4 + [DECISION_MAKER]


def test_config_sets_the_letters_of_chiefs_by_chief() -> None:
    assert classify("CFO", "Chief Fun Officer", decision_makers=(), influencers=("Chief",))["level"].tolist() == [INFLUENCER] * 2


def test_longer_phrase_of_the_config_beats_a_shorter_one() -> None:
    titles = classify("VP Partner Sales", "VP Sales", influencers=("VP Partner Sales",))
    assert titles["level"].tolist() == [INFLUENCER, DECISION_MAKER]


def test_longer_phrase_that_ships_beats_a_shorter_one_of_the_config() -> None:
    """A bank's rank only sounds high, and no list of VPs makes more of it."""
    assert classify("AVP", "Assistant Vice President", decision_makers=("VP", "President"))["level"].tolist() == [INFLUENCER] * 2


def test_phrase_of_the_config_obeys_the_grammar() -> None:
    titles = classify("Sales Engineer", "Assistant to the Sales Engineer", "Former Sales Engineer", decision_makers=("Sales Engineer",))
    assert titles["level"].tolist() == [DECISION_MAKER, INDIVIDUAL, NOT_A_PROSPECT]


def test_phrase_of_both_lists_decides() -> None:
    assert classify("Widget Whisperer", decision_makers=("Widget Whisperer",), influencers=("Widget Whisperer",))["level"].tolist() == [
        DECISION_MAKER
    ]


def test_words_of_a_home_are_read_like_those_that_ship() -> None:
    own = TitleWords(
        roles={
            "warden": TitleRole(level="decision_maker", function="operations", words={"en": ("Widget Warden",)}),
            "head": TitleRole(words={"de": ("-wart",)}),
        },
        functions={"widgets": ("widget-",)},
        without=("Head Hunter",),
    )
    found = classify("Widget Warden", "Former Widget Warden", "Widgetwart", "Head Hunter", words=own)
    assert found["level"].tolist() == [DECISION_MAKER, NOT_A_PROSPECT, DECISION_MAKER, INDIVIDUAL]
    assert found["function"].tolist()[2] == "widgets"
    assert found["role"].tolist()[3] != "hr_work"


def test_phrase_of_a_home_counts_as_the_home_says() -> None:
    own = TitleWords(roles={"scrum": TitleRole(level="influencer", words={"en": ("Scrum Master",)})})
    assert [classify("Scrum Master", words=words)["level"].iloc[0] for words in (None, own)] == [INDIVIDUAL, INFLUENCER]


@settings(max_examples=10)
@given(st.text(max_size=60))
def test_any_text_has_a_level_or_no_words(title: str) -> None:
    assert level(title) in (DECISION_MAKER, INFLUENCER, INDIVIDUAL, NOT_A_PROSPECT, None)


@settings(max_examples=10)
@given(
    st.sampled_from(["VP Sales", "Chief of Staff", "VPN Engineer", "Sr. Dir.", "Assistant to the VP", "Co-Founder", "Leiter Vertrieb"]),
    st.data(),
)
def test_case_and_blanks_decide_nothing(title: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from([char.upper(), char.lower()])) for char in title).replace(" ", "  ")
    assert level(written) == level(title)


@settings(max_examples=10)
@given(
    st.sampled_from(["CEO", "Director", "Manager", "Founder", "Head", "Leiter"]),
    st.text(st.characters(categories=["Ll"]), min_size=3, max_size=8),
)
def test_a_part_of_a_word_is_no_word(rank: str, letters: str) -> None:
    """CEOqxz names no CEO, whatever it names."""
    assert classify(f"{rank}{letters}zzq")["level"].tolist() == [INDIVIDUAL]


def test_title_says_the_same_whatever_stands_beside_it_in_the_column() -> None:
    expected = labelled("titles.csv")["title"].tolist()
    together = classify(*reversed(expected))["level"].tolist()[::-1]
    assert together[:40] == [level(title) for title in expected[:40]]
