"""REST routes that talk: reviews and their comments, issue comments, reactions, check runs."""

from typing import Any, Final

from hub import bodies, checks, reviews, talk
from hub.call import Act, Call, Reply, page_of
from hub.checks import CheckChange
from hub.pulls import find_pull
from hub.reviews import NewComment, NewReview
from hub.threads import NewPlace


def list_reviews(call: Call) -> Reply:
    pull = find_pull(call.world, call.number)
    page = page_of(call, reviews.listed_reviews(call.world, pull, call.grant.account))
    return Reply(200, [bodies.review(call.world, pull, one) for one in page.items], page.headers)


def create_review(call: Call) -> Reply:
    comments = tuple(_new_comment(comment) for comment in call.body.get("comments") or ())
    asked = NewReview(call.body.get("commit_id"), call.body.get("body") or "", comments, call.body.get("event"))
    made = reviews.create_review(call.world, call.grant, call.number, asked)
    return Reply(200, bodies.review(call.world, find_pull(call.world, call.number), made))


def _new_comment(comment: dict[str, Any]) -> NewComment:
    place = NewPlace(
        path=comment["path"],
        line=comment.get("line"),
        side=comment.get("side", "RIGHT"),
        start_line=comment.get("start_line"),
        start_side=comment.get("start_side"),
    )
    return NewComment(place, comment["body"])


def delete_review(call: Call) -> Reply:
    gone = reviews.delete_pending(call.world, call.grant, call.number, int(call.parts[1]))
    return Reply(200, bodies.review(call.world, find_pull(call.world, call.number), gone))


def list_comments_of_review(call: Call) -> Reply:
    pull = find_pull(call.world, call.number)
    review = reviews.find_review(pull, int(call.parts[1]), call.grant.account)
    page = page_of(call, [one for one in pull.review_comments if one.review == review.id])
    return Reply(200, [bodies.review_comment(call.world, pull, one) for one in page.items], page.headers)


def list_review_comments(call: Call) -> Reply:
    pull = find_pull(call.world, call.number)
    submitted = {review.id for review in pull.reviews if review.state != "PENDING"}
    listed = reviews.listed_review_comments(call.world, pull, call.grant.account)
    page = page_of(call, [one for one in listed if one.review in submitted])
    return Reply(200, [bodies.review_comment(call.world, pull, one) for one in page.items], page.headers)


def create_reply(call: Call) -> Reply:
    made = talk.create_reply(call.world, call.grant, call.number, int(call.parts[1]), call.body["body"])
    return Reply(201, bodies.review_comment(call.world, find_pull(call.world, call.number), made))


def list_comments(call: Call) -> Reply:
    page = page_of(call, talk.listed_comments(call.world, call.number))
    pull = find_pull(call.world, call.number)
    return Reply(200, [bodies.said(call.world, pull, one) for one in page.items], page.headers)


def create_comment(call: Call) -> Reply:
    made = talk.create_comment(call.world, call.grant, call.number, call.body["body"])
    return Reply(201, bodies.said(call.world, find_pull(call.world, call.number), made))


def get_comment(call: Call) -> Reply:
    return Reply(200, bodies.said(call.world, *talk.find_comment(call.world, call.number)))


def edit_comment(call: Call) -> Reply:
    talk.edit_comment(call.world, call.grant, call.number, call.body["body"])
    return get_comment(call)


def create_reaction(call: Call) -> Reply:
    _, said = talk.find_comment(call.world, call.number)
    made, new = talk.add_reaction(call.world, call.grant, said, call.body["content"])
    return Reply(201 if new else 200, bodies.reaction(made, call.world.clock.now()))


def create_check(call: Call) -> Reply:
    return Reply(201, bodies.check_run(call, checks.create_check(call.world, call.grant, _check_change(call))))


def update_check(call: Call) -> Reply:
    check = checks.update_check(call.world, call.grant, call.number, _check_change(call))
    return Reply(200, bodies.check_run(call, check))


def _check_change(call: Call) -> CheckChange:
    output, body = call.body.get("output") or {}, call.body
    return CheckChange(
        name=body.get("name"),
        head_sha=body.get("head_sha"),
        external_id=body.get("external_id"),
        status=body.get("status"),
        conclusion=body.get("conclusion"),
        title=output.get("title"),
        summary=output.get("summary"),
        text=output.get("text"),
        annotations=tuple(output.get("annotations") or ()),
    )


def get_check(call: Call) -> Reply:
    return Reply(200, bodies.check_run(call, checks.find_check(call.world, call.number)))


def list_annotations(call: Call) -> Reply:
    page = page_of(call, checks.find_check(call.world, call.number).annotations)
    return Reply(200, list(page.items), page.headers)


def list_checks(call: Call) -> Reply:
    latest = call.query.get("filter", "latest") == "latest"
    found = checks.listed_checks(call.world, call.parts[0], name=call.query.get("check_name"), latest=latest)
    page = page_of(call, found)
    listed = [bodies.check_run(call, check) for check in page.items]
    return Reply(200, {"total_count": len(found), "check_runs": listed}, page.headers)


ROUTES: Final[tuple[tuple[str, str, Act], ...]] = (
    ("GET", r"/pulls/(\d+)/reviews", list_reviews),
    ("POST", r"/pulls/(\d+)/reviews", create_review),
    ("DELETE", r"/pulls/(\d+)/reviews/(\d+)", delete_review),
    ("GET", r"/pulls/(\d+)/reviews/(\d+)/comments", list_comments_of_review),
    ("GET", r"/pulls/(\d+)/comments", list_review_comments),
    ("POST", r"/pulls/(\d+)/comments/(\d+)/replies", create_reply),
    ("GET", r"/issues/(\d+)/comments", list_comments),
    ("POST", r"/issues/(\d+)/comments", create_comment),
    ("GET", r"/issues/comments/(\d+)", get_comment),
    ("PATCH", r"/issues/comments/(\d+)", edit_comment),
    ("POST", r"/issues/comments/(\d+)/reactions", create_reaction),
    ("POST", r"/check-runs", create_check),
    ("PATCH", r"/check-runs/(\d+)", update_check),
    ("GET", r"/check-runs/(\d+)", get_check),
    ("GET", r"/check-runs/(\d+)/annotations", list_annotations),
    ("GET", r"/commits/([^/]+)/check-runs", list_checks),
)
"""Below /repos/{owner}/{repo}."""
