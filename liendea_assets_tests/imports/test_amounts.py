import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.amounts import parse_employee_count, parse_growth_rate, parse_revenue_range


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("620", 620),
        ("0", 0),
        ("1,200", 1200),
        ("1.200", 1200),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1,234,567", 1_234_567),
        ("1.2k", 1200),
        ("1,5K", 1500),
        ("2m", 2_000_000),
        ("~620", 620),
        ("620 employees", 620),
        ("620 People", 620),
        ("5000+", 5000),
        ("10,001+ employees", 10_001),
        ("51-200", 125),
        ("51 – 200", 125),
        ("51 to 200 FTE", 125),
        ("1-5k", 3000),
        ("500-1k", 750),
        ("1k-5k", 3000),
        ("1,001-5,000 employees", 3000),
    ],
)
def test_a_number_of_employees_in_every_spelling(text: str, count: int) -> None:
    assert parse_employee_count(text) == count


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("many", "not a number of employees"),
        ("-5", "not a number of employees"),
        ("1.2.3", "not a number of employees"),
        ("1,200.50.1", "not a number of employees"),
        ("99999999999999999999", "not a number of employees"),
        ("1950-10-01 00:00:00", "not a number of employees"),
        ("200-51", "not a range of employees: its end is below its start"),
    ],
)
def test_what_is_no_number_of_employees_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_employee_count(text)
    assert str(caught.value) == reason


@given(st.integers(min_value=0, max_value=10_000_000))
def test_a_whole_number_is_read_as_itself_with_and_without_separators(number: int) -> None:
    assert parse_employee_count(str(number)) == parse_employee_count(f"{number:,}") == number


@given(st.text(alphabet="0123456789.,' km-+to~", max_size=30))
def test_a_number_of_employees_fits_the_database_or_is_refused_in_our_words(text: str) -> None:
    reason = "not a number"
    count = 0
    try:
        count = parse_employee_count(text)
    except ValueError as error:
        reason = str(error)
    assert 0 <= count < 2**31
    assert reason.startswith("not a ")


@pytest.mark.parametrize(
    ("cell", "growth"),
    [
        ("0.2", 0.2),
        ("20%", 0.2),
        ("20.0 %", 0.2),
        ("20", 0.2),
        ("12,5%", 0.125),
        ("-5%", -0.05),
        ("+8%", 0.08),
        ("150%", 1.5),
        ("1.5", 1.5),
        ("2", 2.0),
        ("2.1", 0.021),
        ("-0%", 0.0),
        (0.25, 0.25),
    ],
)
def test_growth_is_a_fraction(cell: object, growth: float) -> None:
    assert parse_growth_rate(cell) == growth
    assert str(parse_growth_rate(cell)) == str(growth)


@pytest.mark.parametrize("text", ["high", "%", "20%-30%", "1e5", "", "9" * 400])
def test_what_is_no_growth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a growth rate$"):
        parse_growth_rate(text)


@given(st.floats(min_value=-2, max_value=2))
def test_a_fraction_and_its_percentage_are_one_growth(fraction: float) -> None:
    assert parse_growth_rate(f"{fraction:.4f}") == pytest.approx(parse_growth_rate(f"{100 * fraction:.2f}%"), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "count"),
    [("~300", 300), ("approx. 300", 300), ("<50", 50), (">1,000", 1000), ("10,001 employees+", 10_001), ("51-200 employees", 125)],
)
def test_a_number_of_employees_may_be_about(text: str, count: int) -> None:
    assert parse_employee_count(text) == count


@pytest.mark.parametrize(
    ("text", "growth"),
    [("+12%", 0.12), ("(5%)", -0.05), ("(5)%", -0.05), ("−3,5 %", -0.035), ("–3%", -0.03), ("1,200%", 12.0), ("(0.05)", -0.05)],
)
def test_growth_has_several_signs_of_minus(text: str, growth: float) -> None:
    assert parse_growth_rate(text) == pytest.approx(growth)


@pytest.mark.parametrize(
    ("text", "revenue"),
    [
        ("$10M - $50M", "$10M-$50M"),
        ("$50M-$100M", "$50M-$100M"),
        ("10-50M", "10M-50M"),
        ("$10-50 million", "$10M-$50M"),
        ("€5m+", "€5M+"),
        ("5 Mio. EUR", "€5M"),
        ("EUR 2,5 Mrd", "€2.5B"),
        ("1B+", "1B+"),
        ("over $1bn", "$1B+"),
        ("<$1M", "<$1M"),
        ("under 1 million USD", "<$1M"),
        ("$12,500,000", "$12.5M"),
        ("CHF 500k", "CHF 500K"),
        ("$999K to $1.5M", "$999K-$1.5M"),
        ("pre-revenue", "pre-revenue"),
        ("$50M-$10M", "$50M-$10M"),
    ],
)
def test_revenue_has_one_spelling(text: str, revenue: str) -> None:
    assert parse_revenue_range(text) == revenue
    assert parse_revenue_range(revenue) == revenue
