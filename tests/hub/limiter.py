"""GitHub's secondary limits to the letter (THREATS G08): points and content by the minute, content by the hour."""

from collections import deque
from typing import NamedTuple

from hub.records import Request
from hub.rejection import secondary_limit

MINUTE, HOUR = 60.0, 3600.0
QUERIES = {"/graphql/repository", "/graphql/viewer", "/graphql/node"}


class Caps(NamedTuple):
    points_a_minute: int = 900
    """A read is 1 point, a write 5."""
    content_a_minute: int = 80
    content_an_hour: int = 500


class Limiter:
    """Counts what one identity asks for; a refused request counts too, as on GitHub."""

    def __init__(self, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self.refused = 0
        """Requests that were answered with a limit."""
        self._points: deque[tuple[float, int]] = deque()
        self._content: deque[float] = deque()

    def count(self, request: Request, now: float) -> None:
        """Take a request at this time. Raises Rejection 403 beyond a limit."""
        reading = request.method == "GET" or request.path in QUERIES
        self._points.append((now, 1 if reading else 5))
        if request.method == "POST" and not reading:
            self._content.append(now)
        while self._points and self._points[0][0] <= now - MINUTE:
            self._points.popleft()
        while self._content and self._content[0] <= now - HOUR:
            self._content.popleft()
        lately = sum(moment > now - MINUTE for moment in self._content)
        if (
            sum(points for _, points in self._points) > self.caps.points_a_minute
            or lately > self.caps.content_a_minute
            or len(self._content) > self.caps.content_an_hour
        ):
            self.refused += 1
            raise secondary_limit()
