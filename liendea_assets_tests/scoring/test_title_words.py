import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.title_words import TitleWords, join_title_words, load_title_words, shipped_title_words, titles_version


def write(home: Home, text: str, name: str = "titles.yaml") -> None:
    (home.config / name).write_text(text, encoding="utf-8")


def problem(home: Home, text: str) -> str:
    write(home, text)
    with pytest.raises(SettingsError) as caught:
        load_title_words(home)
    return str(caught.value)


def test_shipped_words_cover_twenty_languages_with_every_kind_of_rank() -> None:
    roles = shipped_title_words().roles
    for name in ("chief_executive", "founder", "director", "manager", "assistant", "intern"):
        assert len(roles[name].words) >= 20, name


def test_shipped_words_speak_of_functions_and_roles_that_exist() -> None:
    shipped = shipped_title_words()
    assert {role.function for role in shipped.roles.values()} <= {None, *shipped.functions}
    assert {role.under for role in shipped.roles.values()} <= {None, *shipped.roles}
    assert all(role.level for role in shipped.roles.values() if role.kind == "rank")


def test_joining_nothing_leaves_what_ships() -> None:
    assert join_title_words(TitleWords()) == shipped_title_words()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("roles:\n  a: {words: {en: [x]}}\n", "titles.yaml:2: roles.a: found no level; allowed: decision_maker or influencer"),
        ("roles:\n  a:\n    level: boss\n", "titles.yaml:3: roles.a.level: found 'boss'; allowed: 'decision_maker' or 'influencer'"),
        ("roles:\n  a: {level: influencer, function: magic}\n", "titles.yaml:2: roles.a.function: found 'magic'; allowed: administration"),
        ("roles:\n  a: {level: influencer, under: nobody}\n", "titles.yaml:2: roles.a.under: found 'nobody'"),
        ("roles:\n  a: {levl: influencer}\n", "titles.yaml:2: roles.a.levl: unknown key (did you mean level?)"),
        ("functons:\n  sales: [x]\n", "titles.yaml:1: functons: unknown key (did you mean functions?)"),
        ("functions:\n  sales: [no]\n", "titles.yaml:2: functions.sales.0: found False; allowed: a valid string"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(home: Home, text: str, told: str) -> None:
    assert told in problem(home, text)


def test_version_changes_with_the_words_and_not_with_comments(home: Home) -> None:
    write(home, "functions: {sales: [abc], legal: [xyz]}\n")
    first = titles_version(load_title_words(home))
    write(home, "# a remark\nfunctions:\n  legal: [xyz]\n  sales: [abc]\n")
    assert titles_version(load_title_words(home)) == first
    write(home, "functions: {sales: [abcd], legal: [xyz]}\n")
    assert titles_version(load_title_words(home)) != first


def test_words_of_titles_are_a_part_of_the_scoring_configs_version(home: Home) -> None:
    before = config_version(load_scoring_settings(home))
    write(home, "without: [scrum master]\n")
    assert config_version(load_scoring_settings(home)) != before


def test_words_of_titles_have_one_place(home: Home) -> None:
    write(home, "titles: {without: [scrum master]}\n", "icp_scoring.yaml")
    with pytest.raises(SettingsError, match=r"icp_scoring\.yaml: titles: words of titles stand in titles\.yaml"):
        load_scoring_settings(home)
