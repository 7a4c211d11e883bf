import pytest

from liendea_assets.imports.headers import field_of_alias, find_header, is_person_table, match_columns, to_part
from liendea_assets.imports.settings import ImportSettings

FIELDS = field_of_alias({"last_name": ["Surname"], "full_name": ["Name"], "title": ["Job Title"], "company_name": ["Account"]})


def test_columns_are_known_whatever_their_case_accents_blanks_and_punctuation() -> None:
    assert match_columns(["  SURNAME ", "Job_Title*", None, "Âccount:", "Shoe size"], FIELDS) == {
        0: "last_name",
        1: "title",
        3: "company_name",
    }


def test_a_fields_own_name_is_one_of_its_columns() -> None:
    assert match_columns(["last_name", "full name"], FIELDS) == {0: "last_name", 1: "full_name"}


def test_of_several_columns_of_one_field_the_first_filled_cell_counts() -> None:
    header = ["Surname", "Title", "Last Name"]
    part = to_part(
        "Data", header, [(2, [" ", "VP", "Weaver"]), (3, ["Moss", "VP", "Weaver"]), (4, ["Moss"])], match_columns(header, FIELDS)
    )

    assert part.fields().astype(object).where(part.fields().notna(), None).to_dict("list") == {
        "last_name": ["Weaver", "Moss", "Moss"],
        "title": ["VP", "VP", None],
    }


def test_a_table_of_companies_is_no_table_of_people() -> None:
    fields = {"name": "full_name", "website": "company_domain", "industry": "industry", "employees": "employee_count", "title": "title"}
    assert not is_person_table(match_columns(["Name", "Website", "Industry", "# Employees"], fields))
    assert is_person_table(match_columns(["Name", "Website", "Industry", "Title"], fields))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["Name", "Account"]],
        [["Job Title", "Account", "Shoe size"]],
        [["All about the name, title and account of people"]],
        [[None, None], [1, 2.5]],
    ],
)
def test_without_a_name_and_two_columns_more_there_is_no_header(rows: list[list[object]]) -> None:
    assert find_header(rows, FIELDS) is None


def test_the_row_that_matches_most_is_the_header() -> None:
    rows = [["Surname", "Job Title", "Account"], ["Surname", "Name", "Job Title", "Account"], ["Surname", "Name", "Account", "Job Title"]]

    assert find_header(rows, FIELDS) == (1, {0: "last_name", 1: "full_name", 2: "title", 3: "company_name"})


def test_no_column_name_of_the_shipped_file_stands_for_two_fields(import_settings: ImportSettings) -> None:
    for columns in (import_settings.gtm_columns, import_settings.linkedin_columns):
        fields = field_of_alias(columns)
        assert all(fields[key] == field for field, names in columns.items() for key in field_of_alias({field: names}))


def test_what_a_row_holds_changes_with_every_column_of_a_field() -> None:
    rows: list[list[object]] = [["Robin", "a@", "x"], ["Robin", "a@", "y"], ["Robin", None, "x"], ["Robin", "a@", None]]
    part = to_part("Data", ["Name", "Email", "Mail"], enumerate(rows), {0: "full_name", 1: "work_email", 2: "work_email"})

    assert part.contents()["work_email"].nunique() == 4
    assert list(part.contents()["full_name"]) == ["Robin"] * 4
