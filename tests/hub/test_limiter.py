import pytest
from hub.limiter import Caps, Limiter
from hub.records import Request
from hub.rejection import Rejection
from hub.scene import Scene

READ, WRITE = Request("GET", "/user"), Request("POST", "/repos/o/r/issues/1/comments")
QUERY, MUTATION = Request("POST", "/graphql/repository"), Request("POST", "/graphql/resolveReviewThread")
PATCH = Request("PATCH", "/repos/o/r/check-runs/1")


def passed(limiter: Limiter, request: Request, moments: list[float]) -> int:
    """How many requests, one at each of these times, are let through."""
    count, refusals = 0, []
    for moment in moments:
        try:
            limiter.count(request, moment)
        except Rejection as no:
            refusals.append((no.status, no.headers["Retry-After"]))
        else:
            count += 1
    assert set(refusals) <= {(403, "60")}
    return count


@pytest.mark.parametrize(("request_", "limit"), [(READ, 900), (QUERY, 900), (PATCH, 180), (WRITE, 80), (MUTATION, 80)])
def test_a_minute_holds_so_many(request_: Request, limit: int) -> None:
    limiter = Limiter()
    assert passed(limiter, request_, [0.0] * (limit + 5)) == limit
    assert limiter.refused == 5
    assert passed(limiter, request_, [60.0]) == 1


def test_an_hour_holds_500_that_make_content() -> None:
    assert passed(Limiter(), WRITE, [number * 2.0 for number in range(900)]) == 500
    assert passed(Limiter(), WRITE, [number * 7.5 for number in range(600)]) == 600


def test_the_world_counts_what_it_serves(scene: Scene) -> None:
    scene.world.limiter = Limiter(Caps(content_a_minute=2))
    for number in range(3):
        scene.forge.post_comment(scene.number, str(number))
    assert scene.world.limiter.refused == 1
    assert len(scene.world.pulls[scene.number].comments) == 3
