"""The border of every request: what a user can mend is answered in full, what is ours is logged and answered."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams

from tunesmith.protocol import ProtocolError, UserError
from tunesmith.server.client import log_file
from tunesmith.server.errors import ServerError
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.workspace import UnknownTarget

T = TypeVar("T")
Handler = Callable[[TunesmithServer, Any], Awaitable[T]]

log = logging.getLogger(__name__)


def guarded(handler: Handler[T]) -> Handler[T]:
    """A handler that raises JSON-RPC errors only."""

    @functools.wraps(handler)
    async def guard(ls: TunesmithServer, params: Any) -> T:
        try:
            return await handler(ls, params)
        except JsonRpcException:
            raise
        except ServerError as error:
            raise refused(error.user_error) from error
        except (ProtocolError, UnknownTarget) as error:
            raise refused(UserError(message=str(error))) from error
        except msgspec.ValidationError as error:
            raise JsonRpcInvalidParams(str(error)) from error
        except Exception as error:
            log.exception("%s failed", handler.__name__)
            raise JsonRpcInternalError(f"Something unexpected happened. Details: {log_file()}") from error

    return guard


def refused(error: UserError) -> JsonRpcException:
    """The request was understood and cannot be done; `data` is the `UserError`."""
    return JsonRpcException(str(error), LSPErrorCodes.RequestFailed.value, msgspec.to_builtins(error))
