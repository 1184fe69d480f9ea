"""Reviews: made whole or not at all, never an approval; and the pending one that keeps others from being made."""

from typing import NamedTuple

from hub.pulls import diff_base, find_pull
from hub.records import Account, Grant, Pull, Review, ReviewComment, Thread, Write
from hub.rejection import Rejection, forbidden, not_found, unprocessable
from hub.threads import NewPlace, check_place, hunk_text
from hub.world import World


class NewComment(NamedTuple):
    place: NewPlace
    body: str


class NewReview(NamedTuple):
    commit: str | None
    body: str
    comments: tuple[NewComment, ...] = ()
    event: str | None = "COMMENT"
    """None leaves it pending."""


def may_write(world: World, grant: Grant, pull: Pull | None = None) -> None:
    """Raises Rejection 403 where this token can change nothing (THREATS G25, G33)."""
    if world.state == "archived":
        raise Rejection(403, "Repository was archived so is read-only.")
    if not grant.writes:
        raise forbidden()
    if pull is not None and pull.locked and world.permissions.get(grant.account.login) in {"read", "none", None}:
        raise Rejection(403, "Unable to create comment because issue is locked.")


def create_review(world: World, grant: Grant, number: int, review: NewReview) -> Review:
    """Create a review with its comments. Raises Rejection 403, 404, 422; then nothing was made (THREATS G12-G19)."""
    pull = find_pull(world, number)
    may_write(world, grant, pull)
    if review.event not in {"COMMENT", None}:
        world.forbidden.append(f"{review.event} of #{number} by {grant.account.login}")
        raise unprocessable("reviewbot must never send this event")
    _check(world, grant.account, pull, review)
    commit = review.commit or pull.head_sha
    for comment in review.comments:
        check_place(world, pull, commit, comment.place)
    made = Review(
        world.new_id(), grant.account, review.body, world.clock.now(), world.shown(),
        state="COMMENTED" if review.event else "PENDING", commit_id=commit,
    )  # fmt: skip
    pull.reviews.append(made)
    lost, world.lose_next = world.lose_next, ()
    for position, comment in enumerate(review.comments):
        if position not in lost:
            _begin_thread(world, pull, made, comment)
    world.wrote(Write("review", number, grant.account.login, made.id, review.body))
    return made


def _check(world: World, account: Account, pull: Pull, review: NewReview) -> None:
    if own_pending(pull, account):
        raise unprocessable("User can only have one pending review per pull request", reason="pending_review")
    if review.commit and review.commit not in commits(world, pull):
        raise unprocessable("Commit OID is not part of the pull request", reason="stale_commit")
    if review.event and not review.body and not review.comments:
        raise unprocessable("Review body can't be blank")
    if max(len(review.body), *(len(comment.body) for comment in review.comments), 0) > world.limits.body:
        sentence = f"Body is too long (maximum is {world.limits.body} characters)"
        raise unprocessable(sentence, reason="too_long")
    if any(not comment.body.strip() for comment in review.comments):
        raise unprocessable("Body can't be blank")
    refused, world.refuse_next = world.refuse_next, ()
    for position in refused:
        place = review.comments[position].place
        world.refused_anchors.add((place.path, place.side, place.line or 0))


def commits(world: World, pull: Pull) -> tuple[str, ...]:
    """The commits of a pull request; after a force-push the old ones are none of it (THREATS G18)."""
    return world.store.between(world.branches[pull.base_ref], pull.head_sha)


def own_pending(pull: Pull, account: Account) -> Review | None:
    """The review of this account that was never submitted (THREATS G15)."""
    return next((one for one in pull.reviews if one.state == "PENDING" and one.author == account), None)


def delete_pending(world: World, grant: Grant, number: int, review_id: int) -> Review:
    """Delete one's own pending review. Raises Rejection 404; 422 for a submitted one."""
    pull = find_pull(world, number)
    may_write(world, grant)
    review = find_review(pull, review_id, grant.account)
    if review.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    pull.reviews.remove(review)
    gone = {comment.thread for comment in pull.review_comments if comment.review == review.id}
    pull.review_comments = [comment for comment in pull.review_comments if comment.review != review.id]
    pull.threads = [thread for thread in pull.threads if thread.id not in gone]
    world.wrote(Write("drop", number, grant.account.login, review.id))
    return review


def find_review(pull: Pull, review_id: int, reader: Account) -> Review:
    """Raises Rejection 404, also for somebody else's pending one."""
    for review in pull.reviews:
        if review.id == review_id and (review.state != "PENDING" or review.author == reader):
            return review
    raise not_found()


def listed_reviews(world: World, pull: Pull, reader: Account) -> list[Review]:
    """Submitted reviews that lists show by now, and the reader's own pending one."""
    shown = [review for review in pull.reviews if review.visible_from <= world.clock.now()]
    return [review for review in shown if review.state != "PENDING" or review.author == reader]


def listed_review_comments(world: World, pull: Pull, reader: Account) -> list[ReviewComment]:
    """The comments of all listed reviews, replies included; those of a pending review are in no list."""
    reviews = {review.id for review in pull.reviews if review.state != "PENDING" or review.author == reader}
    now = world.clock.now()
    return [one for one in pull.review_comments if one.review in reviews and one.visible_from <= now]


def _begin_thread(world: World, pull: Pull, review: Review, comment: NewComment) -> None:
    place = comment.place
    thread = Thread(
        id=world.new_id(), path=place.path, side=place.side, start_line=place.start_line, line=place.line or 0,
        base=diff_base(world, pull, review.commit_id), commit=review.commit_id,
        hunk=hunk_text(world, pull, review.commit_id, place),
    )  # fmt: skip
    pull.threads.append(thread)
    pull.review_comments.append(
        ReviewComment(
            world.new_id(), review.author, comment.body, review.created, review.visible_from,
            review=review.id, thread=thread.id, commit_id=review.commit_id,
        )
    )  # fmt: skip
