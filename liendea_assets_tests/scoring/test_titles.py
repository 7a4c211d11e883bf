import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.titles import DECISION_MAKER, INFLUENCER, OTHER, classify_titles

SHIPPED = ScoringSettings()


def classify(*titles: str | None, influencers: tuple[str, ...] = SHIPPED.influencer_titles) -> pd.DataFrame:
    return classify_titles(pd.Series(titles, dtype=object), SHIPPED.decision_maker_titles, influencers)


def level(title: str) -> str:
    return str(classify(title)["level"].iloc[0])


@pytest.mark.parametrize(
    "title",
    [
        "VP Sales",
        "VP, Sales",
        "V.P. Sales",
        "Sales V.P.",
        "vp sales",
        "VP/GM",
        "VP • Speaker",
        "Vice President",
        "VICE PRESIDENT",
        "Vice-President of Sales",
        "Vice President, Marketing",
        "SVP & GM, EMEA",
        "EVP Operations",
        "Area Vice President - Northern Europe",
        "Sales Director",
        "DIRECTOR OF ENGINEERING",
        "Managing Director",
        "Sr. Dir.",
        "Sr. Dir., Product",
        "Head of Growth",
        "HEAD OF GROWTH",
        "Global Head of Sales",
        "CEO",
        "Interim CFO",
        "Chief Revenue Officer",
        "chief information security officer",
        "CISO",
        "🚀 CEO",
        "Founder & CEO",
        "Founder & CEO | Speaker",
        "Speaker | Founder & CEO",
        "Former Director; now VP Sales",
        "Co-Founder and CTO",
        "VP, Assistant to the Board",
        "Directør",
    ],
)
def test_decides(title: str) -> None:
    assert level(title) == DECISION_MAKER


@pytest.mark.parametrize(
    "title",
    [
        "Sales Manager",
        "MANAGER",
        "Acct. Mgr.",
        "Team Lead",
        "Tech Lead – Payments",
        "Principal Engineer",
        "Chief of Staff",
        "Chief of Staff to the CEO",
        "CHIEF OF STAFF",
        "Founder",
        "Co-Founder",
        "Cofounder | Owner",
        "Product Owner",
        "Managing Partner",
        "Senior Manager, Office of the CEO",
        "Former CEO | Partner",
    ],
)
def test_influences(title: str) -> None:
    assert level(title) == INFLUENCER


@pytest.mark.parametrize(
    "title",
    [
        "VPN Engineer",
        "MVP",
        "RSVP Coordinator",
        "Headhunter",
        "Head Chef",
        "Directory Services Engineer",
        "Leadership Coach",
        "Partnerships",
        "Mischief Maker",
        "Assistant to the VP",
        "Assistant to CEO",
        "Executive Assistant to the CEO",
        "EA to the CEO",
        "PA to the Managing Director",
        "Secretary to the Director",
        "Advisor to the CEO",
        "Office of the CTO",
        "Intern - Office of the CEO",
        "Analyst, Reporting to the CFO",
        "Former CEO",
        "FORMER CEO",
        "ex-VP Sales",
        "Ex Director",
        "Retired VP",
        "Aspiring Director",
        "Future Founder",
        "Software Engineer",
        "President",
        "",
        "   ",
        "🚀",
    ],
)
def test_does_neither(title: str) -> None:
    assert level(title) == OTHER


def test_unknown_title_has_no_level() -> None:
    assert classify("CEO", None)["level"].isna().tolist() == [False, True]


def test_tells_the_words_that_decided() -> None:
    assert classify("Chief of Staff", "SVP & GM, EMEA", "Software Engineer")["phrase"].tolist() == ["Chief of Staff", "VP", ""]


def test_longer_phrase_of_the_config_beats_a_shorter_one() -> None:
    """How a bank makes an influencer of a rank that only sounds high."""
    titles = classify("Assistant Vice President", "AVP", "Vice President", influencers=("Assistant Vice President",))
    assert titles["level"].tolist() == [INFLUENCER, INFLUENCER, DECISION_MAKER]


def test_index_of_the_titles_stays() -> None:
    titles = pd.Series(["CEO", "Chef", None], index=[7, 3, 5], dtype=object)
    classified = classify_titles(titles, SHIPPED.decision_maker_titles, SHIPPED.influencer_titles)
    assert classified.index.tolist() == [7, 3, 5]
    assert classified["level"].tolist()[:2] == [DECISION_MAKER, OTHER]


@given(st.text(max_size=60))
def test_any_text_has_one_of_three_levels(title: str) -> None:
    assert level(title) in (DECISION_MAKER, INFLUENCER, OTHER)


@given(st.sampled_from(["VP Sales", "Chief of Staff", "VPN Engineer", "Sr. Dir.", "Assistant to the VP", "Co-Founder"]), st.data())
def test_case_and_blanks_decide_nothing(title: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from([char.upper(), char.lower()])) for char in title).replace(" ", "  ")
    assert level(written) == level(title)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Director's Assistant", "other"),
        ("Personal Assistant, CEO", "other"),
        ("Executive Assistant - CEO", "other"),
        ("VP of Sales (former)", "other"),
        ("Ex-Google, VP Product", "decision_maker"),
        ("ex-VP Sales", "other"),
        ("Ex VP Sales | Head of Growth", "decision_maker"),
    ],
)
def test_servants_and_former_holders_in_other_word_orders(title: str, level: str) -> None:
    found = classify_titles(pd.Series([title]), ("VP", "Director", "Chief", "Head of"), ("Manager",))
    assert found["level"].tolist() == [level]
