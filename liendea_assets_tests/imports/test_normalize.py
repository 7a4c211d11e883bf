from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest

from liendea_assets.imports.headers import to_part
from liendea_assets.imports.model import Landed, SourcePart
from liendea_assets.imports.normalize import land_gtm, land_linkedin
from liendea_assets.imports.settings import ImportSettings


def part(*rows: dict[str, object]) -> SourcePart:
    """Raw rows as a reader hands them on; numbered from 2."""
    fields = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name) for name in fields] for row in rows]
    read = to_part("Data", fields, enumerate(cells, start=2), dict(enumerate(fields)))
    return replace(read, blank=3)


def landed(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Landing rows without what is missing."""
    return [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in rows.to_dict("records")]


def refusals(result: Landed) -> list[tuple[object, ...]]:
    shown = result.rejections[["part", "row_number", "field_name", "reason"]]
    return list(shown.astype(object).where(shown.notna(), None).itertuples(index=False, name=None))


def test_a_row_lands_with_every_value_normalised(import_settings: ImportSettings) -> None:
    result = land_gtm(
        part(
            {
                "first_name": " Robin 🚀 ",
                "last_name": "Weaver, MBA",
                "company_domain": "https://www.ACME.example/x",
                "employee_count": 620.0,
                "growth_rate": "25%",
                "work_email": "Robin@ACME.example",
                "linkedin_id": "https://www.linkedin.com/in/Robin-Weaver/",
                "country": "Deutschland",
                "work_phone": "+49 89 1234567",
                "notes": "met\u00a0 at a fair",
            }
        ),
        import_settings,
    )

    assert landed(result.rows) == [
        {
            "part": "Data",
            "row_number": 2,
            "verdict": "accepted",
            "first_name": "Robin",
            "last_name": "Weaver",
            "full_name": "Robin Weaver",
            "company_domain": "acme.example",
            "employee_count": 620,
            "growth_rate": 0.25,
            "work_email": "robin@acme.example",
            "linkedin_id": "robin-weaver",
            "country": "DE",
            "work_phone": "+49891234567",
            "notes": "met at a fair",
            "email_kind": "personal",
        }
    ]
    assert refusals(result) == []


def test_a_value_that_cannot_be_read_is_dropped_and_noted_and_its_row_stays(import_settings: ImportSettings) -> None:
    result = land_gtm(
        part(
            {"full_name": "Robin Weaver", "work_email": "robin", "employee_count": "many", "country": "Atlantis"},
            {"full_name": "Ann Lee", "work_email": "ann@acme.example", "linkedin_id": "ann"},
        ),
        import_settings,
    )

    assert list(result.rows["verdict"]) == ["accepted", "accepted"]
    assert list(result.rows["work_email"].isna()) == [True, False]
    assert refusals(result) == [
        ("Data", 2, "employee_count", "not a number of employees"),
        ("Data", 2, "work_email", "not an e-mail address"),
        ("Data", 3, "linkedin_id", "not the address of a LinkedIn profile (…/in/name)"),
        ("Data", 2, "country", "not a country that country_names in imports.yaml knows"),
    ]


@pytest.mark.parametrize("null", ["", "n/a", "N/A", "None", "-", "--", "?", "Unknown", "TBD", "#N/A", "  -  "])
def test_cells_that_mean_nothing_are_nothing(import_settings: ImportSettings, null: str) -> None:
    result = land_gtm(part({"full_name": "Robin Weaver", "work_email": null, "title": null, "growth_rate": null}), import_settings)

    assert list(result.rows.loc[0, ["work_email", "title", "growth_rate"]].isna()) == [True] * 3
    assert refusals(result) == []


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({"first_name": "Robin", "last_name": "Weaver"}, ("Robin", "Weaver", "Robin Weaver")),
        ({"full_name": "Robin van Weaver"}, ("Robin", "van Weaver", "Robin van Weaver")),
        ({"full_name": "Weaver, Robin"}, ("Robin", "Weaver", "Robin Weaver")),
        ({"full_name": "Cher"}, (None, "Cher", "Cher")),
        ({"last_name": "Weaver"}, (None, "Weaver", "Weaver")),
        ({"first_name": "Robin"}, ("Robin", None, "Robin")),
        ({"first_name": "Robin", "full_name": "R. Weaver"}, ("Robin", None, "R. Weaver")),
    ],
)
def test_names_complete_each_other(import_settings: ImportSettings, raw: dict[str, object], names: tuple[str | None, ...]) -> None:
    row = landed(land_gtm(part(raw), import_settings).rows)[0]

    assert tuple(row.get(name) for name in ("first_name", "last_name", "full_name")) == names


def test_a_row_without_a_name_is_rejected(import_settings: ImportSettings) -> None:
    result = land_gtm(part({"full_name": "🙂", "title": "VP"}, {"full_name": "Ann Lee", "title": None}), import_settings)

    assert list(result.rows["verdict"]) == ["rejected", "accepted"]
    assert refusals(result) == [("Data", 2, None, "no name")]


def test_a_connection_that_holds_only_a_date_is_a_closed_or_hidden_profile(import_settings: ImportSettings) -> None:
    result = land_linkedin(
        part(
            {"first_name": "", "last_name": "", "company_name": "", "connected_on": "08 Feb 2026"},
            {"first_name": "", "last_name": "", "company_name": "Acme", "connected_on": "08 Feb 2026"},
            {"first_name": "Robin", "last_name": "Weaver", "company_name": "Acme", "connected_on": "4-Apr-21"},
        ),
        import_settings,
    )

    assert list(result.rows["verdict"]) == ["rejected", "rejected", "accepted"]
    assert refusals(result) == [
        ("Data", 2, None, "closed or hidden profile: LinkedIn left only the date"),
        ("Data", 3, None, "no name"),
    ]
    assert list(result.rows["connected_on"]) == ["2026-02-08", "2026-02-08", "2021-04-04"]


@pytest.mark.parametrize(
    ("text", "code"), [("us", "US"), ("U.S.A.", "US"), ("united kingdom", "GB"), ("Österreich", "AT"), ("Norge", "NO"), ("zz", "ZZ")]
)
def test_countries_become_codes(import_settings: ImportSettings, text: str, code: str) -> None:
    assert landed(land_gtm(part({"full_name": "Robin", "country": text}), import_settings).rows)[0]["country"] == code


def test_a_table_without_rows_lands_without_rows(import_settings: ImportSettings) -> None:
    empty = to_part("Data", ["full_name"], [], {0: "full_name"})

    for land in (land_gtm, land_linkedin):
        assert land(empty, import_settings).rows.empty
        assert land(empty, import_settings).rejections.empty


def test_a_row_that_repeats_the_header_is_told_from_people_who_are_called_so(import_settings: ImportSettings) -> None:
    header = ["First Name", "Last Name", "Title", "Company", "Industry"]
    fields = ["first_name", "last_name", "title", "company_name", "industry"]
    rows: list[Sequence[object]] = [
        ["Robin", "Weaver", "VP", "Acme", None],
        [*header],
        ["First Name", "Last Name", "Title", None, None],
        [None, "Company", "Title", None, None],
    ]
    read = to_part("Data", header, enumerate(rows, start=2), dict(enumerate(fields)))
    result = land_gtm(read, import_settings)

    assert list(result.rows["verdict"]) == ["accepted", "rejected", "rejected", "accepted"]
    assert list(result.rejections["reason"]) == ["repeats the header"] * 2


def test_landed_columns_have_fixed_types(import_settings: ImportSettings) -> None:
    full = part(
        {"full_name": "Robin", "employee_count": "5", "growth_rate": "5%", "work_email": "r@acme.example", "work_phone": "+14155550100"}
    )
    for source in (
        full,
        to_part("Data", ["Full Name"], [(2, ["Robin"])], {0: "full_name"}),
        to_part("Data", ["Full Name"], [], {0: "full_name"}),
    ):
        types = {str(name): str(dtype) for name, dtype in land_gtm(source, import_settings).rows.dtypes.items()}

        assert (types.pop("employee_count"), types.pop("growth_rate"), types.pop("row_number")) == ("Int64", "Float64", "int64")
        assert set(types.values()) == {"str"}


def test_text_of_a_link_is_what_it_shows(import_settings: ImportSettings) -> None:
    row: dict[str, object] = {
        "full_name": '=HYPERLINK("https://linkedin.com/in/robin","Robin Weaver")',
        "company_name": "[Acme](https://acme.example)",
    }
    row |= {"linkedin_id": '=HYPERLINK("https://linkedin.com/in/robin","Profile")'}
    (found,) = landed(land_gtm(part(row), import_settings).rows)

    assert (found["full_name"], found["company_name"], found["linkedin_id"]) == ("Robin Weaver", "Acme", "robin")


@pytest.mark.parametrize(
    ("cells", "growth"), [(["1.5", "20"], [0.015, 0.2]), (["0.1", "1.5"], [0.1, 1.5]), (["(1,5)", "20"], [-0.015, 0.2])]
)
def test_plain_growth_is_in_percent_where_one_of_its_column_must_be(
    import_settings: ImportSettings, cells: list[str], growth: list[float]
) -> None:
    result = land_gtm(part(*[dict[str, object](full_name="Robin", growth_rate=cell) for cell in cells]), import_settings)

    assert list(result.rows["growth_rate"]) == growth


def test_a_rejection_names_the_row_the_column_and_the_class_of_the_value_and_never_the_value(import_settings: ImportSettings) -> None:
    header = ["Name", "Title", "Business Email"]
    read = to_part(
        "Data", header, [(7, ["Robin", "VP", "r@x.example"]), (9, ["Ann", "CEO", "secret@"])], {0: "full_name", 1: "title", 2: "work_email"}
    )

    assert land_gtm(read, import_settings).rejections.to_dict("records") == [
        {
            "part": "Data",
            "row_number": 9,
            "row_index": 1,
            "field_name": "work_email",
            "column_name": "Business Email",
            "value_class": "address-like",
            "reason": "not an e-mail address",
        }
    ]


def test_of_several_columns_of_one_field_the_first_value_that_can_be_read_counts_and_those_before_it_are_noted(
    import_settings: ImportSettings,
) -> None:
    fields = dict(enumerate(["full_name", "work_email", "work_email", "growth_rate", "growth_rate"]))
    rows: list[list[object]] = [
        ["Ann Lee", "foo@", "ann@acme.example", "much", "25%"],
        ["Bob Day", "bob@acme.example", "bar@", "10%", "more"],
        ["Cy Moss", None, "cy@acme.example", None, None],
        ["Di Fox", "foo@", "bar@", None, "5%"],
    ]
    table = to_part("Data", ["Name", "Email", "Mail", "Growth", "YoY"], enumerate(rows, start=2), fields)

    result = land_gtm(table, import_settings)

    assert list(result.rows["work_email"].fillna("")) == ["ann@acme.example", "bob@acme.example", "cy@acme.example", ""]
    assert list(result.rows["growth_rate"].fillna(0)) == [0.25, 0.1, 0, 0.05]
    noted = result.rejections[["row_number", "column_name"]].to_numpy().tolist()
    assert sorted(noted) == [[2, "Email"], [2, "Growth"], [5, "Email"], [5, "Mail"]]


def test_a_constant_does_not_stand_in_for_values_that_were_refused(import_settings: ImportSettings) -> None:
    settings = ImportSettings.model_validate(import_settings.model_dump() | {"files": {"*": {"work_email": "desk@acme.example"}}})
    rows: list[list[object]] = [["Ann Lee", "foo@", None], ["Bob Day", None, None]]
    fields = {0: "full_name", 1: "work_email", 2: "work_email"}

    result = land_gtm(to_part("Data", ["Name", "Email", "Mail"], enumerate(rows, start=2), fields), settings, "a.csv")

    assert list(result.rows["work_email"].fillna("")) == ["", "desk@acme.example"]
    assert list(result.rejections["column_name"]) == ["Email"]
