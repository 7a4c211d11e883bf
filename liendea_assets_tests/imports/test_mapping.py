from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.normalize import land_gtm
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.tables import find_table

CRM = """
  crm:
    recognised_by: [Record ID, Kontakt]
    columns: {full_name: [Kontakt], reach_id: [Record ID], company_name: [Name]}
"""


def settings_with(home: Home, mappings: str, extra: str = "") -> ImportSettings:
    path = home.config / "imports.yaml"
    lines = path.read_text(encoding="utf-8").replace("mappings: {}\n", f"mappings:{mappings}\n").replace("default_region: US\n", extra)
    path.write_text(lines, encoding="utf-8")
    return load_settings(ImportSettings, home, "imports.yaml")


def table(settings: ImportSettings, *rows: Sequence[str | None], sheet: str = "Data", file_name: str = "people.xlsx") -> SourcePart | None:
    return find_table(sheet, pd.DataFrame(rows, dtype="str").set_axis(range(len(rows[0])), axis="columns"), settings, file_name)


def landed(settings: ImportSettings, *rows: Sequence[str | None], file_name: str = "people.xlsx") -> pd.DataFrame:
    part = table(settings, *rows, file_name=file_name)
    assert part is not None
    return land_gtm(part, settings, file_name).rows


def test_a_layout_is_known_by_its_columns_and_its_names_go_before_the_general_ones(home: Home) -> None:
    settings = settings_with(home, CRM)
    general = table(settings, ["Name", "Industry", "Title"], ["Robin", "Software", "VP"])
    part = table(settings, ["note", None, None], ["record id", "KONTAKT", "Name"], ["r1", "Robin Weaver", "Acme"])

    assert part is not None
    assert (part.mapping, part.columns, part.header_number) == ("crm", {0: "reach_id", 1: "full_name", 2: "company_name"}, 2)
    assert general is not None
    assert general.mapping == "default"


def test_general_names_count_unless_the_mapping_says_otherwise(home: Home) -> None:
    rows = (["Record ID", "Kontakt", "Industry"], ["r1", "Robin Weaver", "Software"])
    inheriting = table(settings_with(home, CRM), *rows)
    alone = table(load_settings(ImportSettings, home, "imports.yaml").model_copy(update={"mappings": {}}), *rows)

    assert inheriting is not None
    assert inheriting.columns[2] == "industry"
    assert alone is None
    strict = settings_with(home, "", "")
    crm = strict.mappings["crm"].model_copy(update={"inherit": False})
    own = table(strict.model_copy(update={"mappings": {"crm": crm}}), *rows)
    assert own is not None
    assert 2 not in own.columns


def test_a_layout_may_be_known_by_the_names_of_file_and_sheet(home: Home) -> None:
    settings = settings_with(home, '\n  fair:\n    file_names: ["fair_*.csv"]\n    sheet_names: [Leads]\n    columns: {notes: [Title]}\n')
    rows = (["Last Name", "First Name", "Email", "Title"], ["Weaver", "Robin", "r@acme.example", "VP"])

    def mapping(sheet: str, file_name: str) -> str:
        part = table(settings, *rows, sheet=sheet, file_name=file_name)
        assert part is not None
        return part.mapping

    assert mapping("Leads", "inbox/Fair_2026.csv") == "fair"
    assert mapping("Other", "fair_2026.csv") == mapping("Leads", "list.csv") == "default"


def test_a_recognised_header_without_any_name_is_no_table_of_people(home: Home) -> None:
    settings = settings_with(home, "\n  ids:\n    recognised_by: [Record ID]\n    columns: {reach_id: [Record ID]}\n")

    assert table(settings, ["Record ID", "Title"], ["r1", "VP"]) is None


def test_constants_fill_what_a_row_does_not_say_and_those_of_the_file_go_first(home: Home) -> None:
    settings = settings_with(home, CRM + "    constants: {country: Germany, gtm_segment: SMB, employee_count: 50}\n")
    settings = settings.model_copy(update={"files": {"*_emea.xlsx": {"gtm_segment": "Enterprise"}}})
    header = ["Record ID", "Kontakt", "Country"]

    rows = landed(settings, header, ["r1", "Robin Weaver", "FR"], ["r2", "Ann Lee", None])
    assert list(rows["country"]) == ["FR", "DE"]
    assert list(rows["gtm_segment"]) == ["SMB", "SMB"]
    assert list(rows["employee_count"]) == [50, 50]
    assert list(landed(settings, header, ["r1", "Robin Weaver", "FR"], file_name="q3_emea.xlsx")["gtm_segment"]) == ["Enterprise"]


def test_a_row_without_a_required_field_is_rejected_with_the_reason(home: Home) -> None:
    settings = settings_with(home, CRM + "    required: [work_email]\n")
    part = table(settings, ["Record ID", "Kontakt", "Email"], ["r1", "Robin Weaver", "r@acme.example"], ["r2", "Ann Lee", "oops"])
    assert part is not None
    result = land_gtm(part, settings)

    assert list(result.rows["verdict"]) == ["accepted", "rejected"]
    assert [(row.row_index, row.column_name, row.value_class, row.reason) for row in result.rejections.fillna("").itertuples()] == [
        (1, "Email", "text", "not an e-mail address"),
        (1, "", "", "no work_email, which the mapping crm requires"),
    ]


def test_values_that_break_a_rule_are_left_out_with_the_rule_as_the_reason(home: Home) -> None:
    rules = "    validation:\n      gtm_segment: {allowed: [Enterprise, SMB]}\n      reach_id: {pattern: 'r\\d+'}\n      employee_count: {min: 10, max: 100}\n"
    settings = settings_with(home, CRM + rules)
    part = table(
        settings,
        ["Record ID", "Kontakt", "Segment", "Employees"],
        ["r1", "Robin Weaver", "ENTERPRISE", "50"],
        ["x1", "Ann Lee", "Huge", "5"],
        ["r3", "Ben Moss", None, "500"],
    )
    assert part is not None
    result = land_gtm(part, settings)

    assert list(result.rows["gtm_segment"].fillna("")) == ["Enterprise", "", ""]
    assert list(result.rows["reach_id"].fillna("")) == ["r1", "", "r3"]
    assert list(result.rows["employee_count"].fillna(0)) == [50, 0, 0]
    assert sorted(result.rejections["reason"]) == [
        "above the most that is allowed, 100",
        "below the least that is allowed, 10",
        r"does not match the pattern r\d+",
        "not one of the allowed values: Enterprise, SMB",
    ]


def test_names_may_come_in_three_parts_or_last_name_first(home: Home) -> None:
    settings = settings_with(home, CRM + "    name_order: last_first\n")

    turned = landed(settings, ["Record ID", "Kontakt"], ["r1", "van Weaver Robin"], ["r2", "Lee, Ann"])
    assert list(turned["full_name"]) == ["Robin van Weaver", "Ann Lee"]
    parts = landed(
        settings, ["First Name", "Middle Name", "Last Name", "Suffix"], ["Robin", "J.", "Weaver", "Jr"], ["Ann", None, "Lee", None]
    )
    assert list(parts["full_name"]) == ["Robin J Weaver Jr", "Ann Lee"]


def test_of_several_columns_of_a_field_the_first_that_says_something_counts(import_settings: ImportSettings) -> None:
    part = table(
        import_settings, ["Name", "Title", "Phone", "Direct Phone"], ["Robin", "VP", "n/a", "oops"], ["Ann", "VP", "+1 415 555 0100", None]
    )
    assert part is not None
    result = land_gtm(part, import_settings)

    assert list(result.rows["work_phone"].fillna("")) == ["", "+14155550100"]
    assert list(result.rejections["column_name"]) == ["Direct Phone"]


@pytest.mark.parametrize(
    ("mappings", "line", "message"),
    [
        ("\n  crm:\n    recognised_by: [X]\n    colums: {}\n", 3, r"unknown key \(did you mean columns\?\); allowed here: recognised_by, "),
        ("\n  crm:\n    recognised_by: [X]\n    columns: {shoe_size: [Y]}\n", 3, r"a field out of first_name, .*not 'shoe_size'"),
        ("\n  crm:\n    columns: {title: [Y]}\n", 1, "recognised_by, sheet_names or file_names: what the layout is known by"),
        ("\n  crm:\n    recognised_by: [X]\n    columns:\n      title: [Y]\n      notes: [y]\n", 3, "'y' stands under title and notes"),
        ("\n  default:\n    recognised_by: [X]\n", 0, "names other than 'default'"),
        ("\n  linkedin_connections:\n    recognised_by: [X]\n", 0, "names other than 'linkedin_connections'"),
        ("\n  crm:\n    recognised_by: ['']\n", 2, "names that are not empty"),
        ("\n  crm:\n    recognised_by: [X]\n    required: [middle_name]\n", 3, "fields that land"),
        ("\n  crm:\n    recognised_by: [X]\n    validation: {title: {pattern: '('}}\n", 3, "a regular expression"),
        ("\n  crm:\n    recognised_by: [X]\n    validation: {title: {min: 1}}\n", 3, "allowed and pattern for title, which is text"),
        ("\n  crm:\n    recognised_by: [X]\n    validation: {growth_rate: {allowed: [a]}}\n", 3, "min and max for growth_rate"),
        ("\n  crm:\n    recognised_by: [X]\n    validation: {employee_count: {min: 5, max: 1}}\n", 3, "a min that is not above the max"),
        ("\n  crm:\n    recognised_by: [X]\n    validation: {title: {}}\n", 3, "at least one of allowed, pattern, min, max"),
        ("\n  crm:\n    recognised_by: [X]\n    constants: {country: Atlantis}\n", 0, "crm.constants.country: not a country"),
        (
            "\n  crm:\n    recognised_by: [X]\n    constants: {employee_count: many}\n",
            0,
            "crm.constants.employee_count: not a number of employees",
        ),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_line_and_what_is_allowed(home: Home, mappings: str, line: int, message: str) -> None:
    start = (home.config / "imports.yaml").read_text(encoding="utf-8").splitlines().index("mappings: {}") + 1

    with pytest.raises(SettingsError, match=rf"imports\.yaml:{start + line}: mappings.*{message}"):
        settings_with(home, mappings)


def test_the_default_region_is_a_country_with_telephones(home: Home) -> None:
    with pytest.raises(SettingsError, match=r"default_region: .*such as US or DE"):
        settings_with(home, " {}", "default_region: Germany\n")


def test_a_file_of_before_there_were_mappings_stays_valid(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config.mkdir()
    shipped = (Path(__file__).parents[2] / "config" / "imports.yaml").read_text(encoding="utf-8")
    kept = [line for line in shipped.splitlines() if not line.startswith(("mappings:", "files:", "validation:", "default_region:"))]
    (home.config / "imports.yaml").write_text("\n".join(kept), encoding="utf-8")

    assert load_settings(ImportSettings, home, "imports.yaml").mappings == {}
