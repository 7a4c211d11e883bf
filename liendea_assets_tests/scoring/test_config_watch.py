import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.scoring.config_watch import look_at_config


def write(home: Home, text: str) -> None:
    (home.config / "icp_scoring.yaml").write_text(text, encoding="utf-8")


def test_first_look_without_a_record_is_new(home: Home) -> None:
    assert look_at_config(home, None, None).is_new


def test_first_look_compares_with_the_record(home: Home) -> None:
    version = look_at_config(home, None, None).version
    assert not look_at_config(home, None, version).is_new
    assert look_at_config(home, None, "another").is_new


def test_what_was_seen_last_counts_more_than_the_record(home: Home) -> None:
    """A run that has been asked for and has not finished is asked for once."""
    version = look_at_config(home, None, None).version
    assert not look_at_config(home, version, "of an older run").is_new
    assert look_at_config(home, "another", version).is_new


def test_comments_order_and_spelled_out_defaults_are_no_change(home: Home) -> None:
    write(home, "minimum_score: 40\ntarget_industries: [Mining]\n")
    version = look_at_config(home, None, None).version
    write(home, "# a remark\ntarget_industries:\n- Mining\nminimum_score: 40\nweights: {connection_strength: 10}\n")
    assert not look_at_config(home, version, None).is_new


def test_another_value_is_a_change_and_the_former_one_again_is_the_former_version(home: Home) -> None:
    write(home, "minimum_score: 40\n")
    first = look_at_config(home, None, None).version
    write(home, "minimum_score: 41\n")
    second = look_at_config(home, first, None)
    write(home, "minimum_score: 40\n")
    third = look_at_config(home, second.version, None)
    assert (second.is_new, third.is_new, third.version) == (True, True, first)


def test_wrong_file_raises_so_that_what_stands_stays(home: Home) -> None:
    write(home, "minimum_score: lots\n")
    with pytest.raises(SettingsError, match="minimum_score"):
        look_at_config(home, "seen", None)


def test_words_of_titles_are_a_change_and_comments_beside_them_none(home: Home) -> None:
    version = look_at_config(home, None, None).version
    (home.config / "titles.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert not look_at_config(home, version, None).is_new
    (home.config / "titles.yaml").write_text("functions: {sales: [neukunden-]}\n", encoding="utf-8")
    assert look_at_config(home, version, None).is_new
