"""What a request without an answer means, in our own terms, whichever library carried it."""

import email.utils
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.exceptions import ModelConnectionError, ModelTimeoutError

_CARRIERS = ("aiohttp", "anthropic", "botocore", "google", "httpcore", "httpx", "openai", "urllib3")

_REFUSES = (
    r"unsupported|not.{0,12}support|unknown|unrecogni|unexpected|not permitted|invalid|deprecated|instead|extra"
)
# What endpoints say when they refuse a request because of a setting, and the mend.
_SETTINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), mend)
    for pattern, mend in (
        (
            r"response.?format|json_schema|json_object|output_?config|structured output|response_?schema",
            'this endpoint does not take the form in which answers are asked for; set `structured` to "tools", '
            '"json_object" or "prompt", or to "auto" to find out which works',
        ),
        (
            r"tool.?choice|tool.?config|function calling|support tools|support tool use",
            'this endpoint does not take tools; set `structured` to "json_schema" or "prompt", or to "auto"',
        ),
        (
            r"max_completion_tokens.{0,3} instead",
            'this model wants another name for the limit; set `omit = ["max_tokens"]` and '
            "`extra = { max_completion_tokens = N }` with the same number as `max_tokens`",
        ),
        (
            rf"temperature.{{0,80}}({_REFUSES})|({_REFUSES}).{{0,40}}temperature",
            'this model does not take that temperature; set `omit = ["temperature"]`',
        ),
        (
            rf"\bseed\b.{{0,80}}({_REFUSES})|({_REFUSES}).{{0,40}}\bseed\b",
            'this endpoint does not take seeds; set `omit = ["seed"]`',
        ),
    )
)


class TransportError(Exception):
    """One request that got no answer: the status and what the server said, or the connection's trouble."""

    def __init__(
        self,
        message: str,
        status: int | None = None,
        retry_after: float | None = None,
        timed_out: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.timed_out = timed_out

    @property
    def mend(self) -> str | None:
        """The setting that a refused request calls for, if what the server said names one."""
        if self.status not in (400, 404, 422, 501):
            return None
        return next((mend for pattern, mend in _SETTINGS if pattern.search(str(self))), None)


def failure_of(problem: Exception) -> TransportError | None:
    """A library's exception as a TransportError; None for one that is no failure of the request."""
    if isinstance(problem, TransportError):
        return problem
    said = one_line(str(problem) or type(problem).__name__)
    if isinstance(problem, TimeoutError | ModelTimeoutError) or "Timeout" in type(problem).__name__:
        return TransportError(said, timed_out=True)
    for link in _chain(problem):
        status = _status(link)
        if status is not None:
            return TransportError(said, status, retry_after(_headers(link)))
    if "Credentials" in type(problem).__name__:
        return TransportError(said, 401)
    if isinstance(problem, ModelConnectionError | OSError) or type(problem).__module__.startswith(_CARRIERS):
        return TransportError(said)
    if isinstance(problem, ValueError):  # the library refuses before it asks: a setting that it cannot send
        return TransportError(said, 400)
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait, given as seconds, milliseconds or a date; None if it does not."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        asked = headers.get(name) or headers.get(name.title())
        if not asked:
            continue
        try:
            return max(float(asked) / unit, 0.0)
        except ValueError:
            date = email.utils.parsedate_tz(asked)
            if date is not None:
                return max(email.utils.mktime_tz(date) - time.time(), 0.0)
    return None


def one_line(text: str, most: int = 300) -> str:
    """A text short enough for one line of a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]} ..."


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """The exception and those that it was raised from: a library's own may hide the one with the status."""
    link: BaseException | None = problem
    while link is not None:
        yield link
        link = link.__cause__


def _status(problem: BaseException) -> int | None:
    """The HTTP status, where each SDK keeps it."""
    for name in ("status_code", "code"):
        found = getattr(problem, name, None)
        if isinstance(found, int):
            return found
    found = _aws(problem).get("HTTPStatusCode")
    return found if isinstance(found, int) else None


def _headers(problem: BaseException) -> Mapping[str, str]:
    headers = getattr(getattr(problem, "response", None), "headers", None)
    found = headers if headers is not None else _aws(problem).get("HTTPHeaders")
    return found if isinstance(found, Mapping) else {}


def _aws(problem: BaseException) -> Mapping[str, Any]:
    """What botocore keeps of the response; its `response` is a dict."""
    response = getattr(problem, "response", None)
    return response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
