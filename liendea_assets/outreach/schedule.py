"""When a message may reach somebody: their working days and hours, in their time zone, without their country's public holidays."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

import holidays

from liendea_assets.outreach.settings import WindowSettings

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Nobody rests for longer: a window and a list of holidays that leave no day free are looked at again then.
_LONGEST_WAIT_DAYS = 60


@dataclass(frozen=True, slots=True)
class Slot:
    """The first moment that suits the recipient, and why it is this one (no personal data)."""

    send_after: datetime
    reason: str


class Schedule:
    """Finds moments within one window; moments are aware and in UTC.

    Args:
        mailbox_zone: of the mailbox that sends, for people whose time zone is not known, unless the window names one for them.
    """

    def __init__(self, window: WindowSettings, mailbox_zone: str) -> None:
        self._default_zone = window.default_time_zone or mailbox_zone
        self._start, self._end = time.fromisoformat(window.start), time.fromisoformat(window.end)
        self._weekdays = frozenset(_DAYS.index(day) for day in window.days)
        self._has_holidays = window.holidays

    def place(self, time_zone: str | None, country: str | None, earliest: datetime) -> Slot:
        """The first moment from `earliest` on.

        Args:
            time_zone: of the recipient (`Europe/Berlin`); what is no time zone counts as not known.
            country: of the recipient (ISO 3166-1, two letters).
        """
        name, source = find_time_zone(time_zone, country, earliest.year) or (
            self._default_zone,
            "the sender's; the recipient's is not known",
        )
        zone, first = ZoneInfo(name), earliest.astimezone(ZoneInfo(name)).date()
        holiday, off = None, False
        for day in (first + timedelta(days=number) for number in range(_LONGEST_WAIT_DAYS)):
            if self._is_holiday(day, country):
                holiday = holiday or day
            elif not self._is_weekday(day, country):
                off = True
            else:
                opens, closes = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in (self._start, self._end))
                moment = max(opens, earliest)
                if moment < closes:
                    local = moment.astimezone(zone)
                    told = [f"{local:%a %Y-%m-%d %H:%M} {name} ({source})"]
                    told += [f"not on {holiday}, a public holiday in {country}"] if holiday else []
                    told += ["not on days off"] if off else []
                    return Slot(moment, "; ".join(told))
        return Slot(earliest + timedelta(days=_LONGEST_WAIT_DAYS), f"no working day within {_LONGEST_WAIT_DAYS} days ({name}, {source})")

    def is_open(self, time_zone: str | None, country: str | None, moment: datetime) -> bool:
        """Whether the moment is within the recipient's working hours."""
        return self.place(time_zone, country, moment).send_after == moment

    def _is_weekday(self, day: date, country: str | None) -> bool:
        # where people rest on Friday, Friday is no day for mail; a window of such days alone is meant as it says
        rest = _weekend(country) if country else frozenset()
        return day.weekday() in (self._weekdays - rest or self._weekdays)

    def _is_holiday(self, day: date, country: str | None) -> bool:
        return bool(self._has_holidays and country) and day in _holidays(str(country), day.year)


def find_time_zone(time_zone: str | None, country: str | None, year: int) -> tuple[str, str] | None:
    """The recipient's time zone and how it is known; None where neither it nor the country says which.

    Args:
        year: in which it is wanted: zones of a country whose clocks agree all year are one.
    """
    if time_zone and time_zone in _zone_names():
        return time_zone, "the recipient's"
    only = _only_zone(country.upper(), year) if country else None
    return (only, f"that of {country}") if only else None


@cache
def _only_zone(country: str, year: int) -> str | None:
    zones = _zones().get(country, [])
    clocks = {tuple(datetime(year, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in range(1, 13)) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zones() -> dict[str, list[str]]:
    """Country → its time zones, by the table that comes with the IANA database."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country].append(zone)
    return dict(found)


@cache
def _weekend(country: str) -> frozenset[int]:
    try:
        return frozenset(holidays.country_holidays(country.upper()).weekend)
    except NotImplementedError:
        return frozenset()


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    """Of the whole country; those of its parts are left out, since nobody's part is known. Empty where the package has no list."""
    try:
        return frozenset(holidays.country_holidays(country.upper(), years=year))
    except NotImplementedError:
        return frozenset()
