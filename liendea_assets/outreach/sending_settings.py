"""How often a message is tried."""

from datetime import timedelta

from pydantic import PositiveInt

from liendea_assets.core.settings import Settings


class SendingSettings(Settings):
    """The key `sending` of outreach.yaml.

    Attributes:
        attempts: after so many that came to nothing a message has failed.
        retry_minutes: until the second attempt, and twice as long before each further one. Servers that greylist want 5 to 15 minutes.
        longest_retry_minutes: never longer than that.
    """

    attempts: PositiveInt = 6
    retry_minutes: PositiveInt = 15
    longest_retry_minutes: PositiveInt = 720

    def pause(self, attempts: int) -> timedelta:
        """How long a message rests after so many attempts."""
        return timedelta(minutes=min(self.retry_minutes * 2 ** min(attempts - 1, 20), self.longest_retry_minutes))
