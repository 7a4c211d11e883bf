"""What one look-up may cost and did cost: credits for each of its attempts that the provider may charge for."""

from liendea_assets.enrichment.spending import Purse, Reserved


class Payment:
    """Credits set aside for a request, which may be sent more than once.

    An attempt that broke off may have been charged for, and so may the next one: it has credits of its own. A provider answered 504
    twice and then found somebody, which it charged three times and was counted once.

    Args:
        is_charged_once: whether the provider knows the request again, and charges for it once however often it is sent.
    """

    def __init__(self, purse: Purse, operation: str, reserved: Reserved, *, is_charged_once: bool) -> None:
        self._purse = purse
        self._operation = operation
        self._is_charged_once = is_charged_once
        self._reserved = reserved
        self._is_in_doubt = False

    @property
    def id(self) -> int:
        """Of what was set aside for the attempt that is under way."""
        return self._reserved.id

    def note_doubt(self) -> None:
        """An attempt came to nothing, and the provider may have charged for it."""
        self._is_in_doubt = True

    def begin_again(self) -> None:
        """The request is about to be sent once more.

        Raises:
            BudgetUsedUp: there are no credits for that.
        """
        if self._is_in_doubt and not self._is_charged_once:
            again = self._purse.reserve_again(self._operation, self._reserved.most)
            self._purse.leave(self._reserved.id)
            self._reserved, self._is_in_doubt = again, False

    def settle(self, spent: float) -> None:
        """The answer is there, and cost so much."""
        self._purse.settle(self._reserved.id, spent)

    def call_off(self) -> None:
        """There will be no answer: what was refused costs nothing, and of what broke off nobody knows."""
        if self._is_in_doubt:
            self.leave()
        else:
            self.settle(0.0)

    def leave(self) -> None:
        """What it cost is not known, or not yet."""
        self._purse.leave(self._reserved.id)
