"""What can go wrong, split by who acts on it: a person, the run, or the loop itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodata.schemas import Item


class AutodataError(Exception):
    """A failure with one clear sentence for the person; `exit_status` is what the command ends with."""

    exit_status = 1


class UsageError(AutodataError):
    """A command, configuration or document that a person must mend."""

    exit_status = 2


class BudgetSpentError(AutodataError):
    """A cap on calls, cost or tokens would be passed by the next call; a larger cap goes on."""

    exit_status = 3


class EndpointError(AutodataError):
    """An endpoint is down or refuses the key or the model; the run can be resumed once it is mended."""

    exit_status = 4


class RequestRefusedError(EndpointError):
    """An endpoint does not take what a request holds, such as the way in which its answer's form is asked for."""


class RunConflictError(AutodataError):
    """The run directory belongs to another manifest or to another process."""

    exit_status = 5


class InterruptedRunError(AutodataError):
    """A person stopped the run; it can be gone on with."""

    exit_status = 130


class LedgerError(AutodataError):
    """The ledger cannot be opened, read or written; what was committed before is intact."""

    exit_status = 5


class ReplyError(AutodataError):
    """A model's answer could not be read; it is asked again, then the attempt or round is invalid."""


class ItemError(ReplyError):
    """A readable answer that makes no valid item; the message goes back to the challenger.

    `item` is what the answer came to, where it came to an item that a check then refused.
    """

    def __init__(self, message: str, item: "Item | None" = None) -> None:
        super().__init__(message)
        self.item = item


class UnsuitableError(AutodataError):
    """Nothing of the domain's kind can be asked of a document; it ends with that verdict, at no further cost."""
