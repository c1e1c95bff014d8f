"""The one exception that ends a run with something its user can mend."""

from tunesmith.optim.errors import OptimError
from tunesmith.protocol import UserError


class RunError(OptimError):
    """What failed, where (`file:line`), and the next step. `error` is what the user sees."""

    def __init__(
        self, message: str, *, where: str | None = None, next_step: str | None = None, traceback: str | None = None
    ) -> None:
        self.error = UserError(message=message, where=where, next_step=next_step, traceback=traceback)
        super().__init__(str(self.error))
