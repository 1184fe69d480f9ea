"""Issue comments, replies, resolutions and reactions: who may write them, and what GitHub takes."""

from hub.permissions import require
from hub.pulls import find_pull
from hub.records import Account, Grant, Permission, Pull, Reaction, Review, ReviewComment, Said, Thread, Write
from hub.rejection import Rejection, invalid, not_found, too_long
from hub.reviews import may_write, own_pending
from hub.world import World

CONTENTS = {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}


def listed_comments(world: World, number: int) -> list[Said]:
    """The issue comments that lists show by now, oldest first. Raises Rejection 404."""
    pull = find_pull(world, number)
    return [said for said in pull.comments if said.visible_from <= world.clock.now()]


def create_comment(world: World, grant: Grant, number: int, body: str) -> Said:
    """Raises Rejection 403, 404, 422 (THREATS G19)."""
    pull = find_pull(world, number)
    may_write(world, grant, pull)
    _check_body(world, "IssueComment", body)
    said = Said(world.new_id(), grant.account, body, world.clock.now(), world.shown())
    pull.comments.append(said)
    world.wrote(Write("comment", number, grant.account.login, said.id, body))
    return said


def find_comment(world: World, comment_id: int) -> tuple[Pull, Said]:
    """An issue comment and where it stands. Raises Rejection 404."""
    for pull in world.pulls.values():
        for said in pull.comments:
            if said.id == comment_id:
                return pull, said
    raise not_found()


def edit_comment(world: World, grant: Grant, comment_id: int, body: str) -> Said:
    """Change an issue comment, one's own or as somebody with write access. Raises Rejection 403, 404, 422."""
    pull, said = find_comment(world, comment_id)
    may_write(world, grant)
    if said.author != grant.account and permission(world, grant.account.login) not in {"admin", "maintain", "write"}:
        raise Rejection(403, "Must have admin rights to Repository.")
    _check_body(world, "IssueComment", body)
    said.body, said.edited, said.editor = body, world.clock.now(), grant.account
    world.wrote(Write("edit", pull.number, grant.account.login, said.id, body))
    return said


def create_reply(world: World, grant: Grant, number: int, comment_id: int, body: str) -> ReviewComment:
    """Answer in a thread; GitHub makes a review around it. Raises Rejection 404; 422 for an answer to an answer."""
    pull = find_pull(world, number)
    may_write(world, grant, pull)
    first = next((one for one in pull.review_comments if one.id == comment_id), None)
    if first is None:
        raise not_found()
    if first.in_reply_to is not None:
        raise invalid("PullRequestReviewComment", "in_reply_to", "in_reply_to must be a top-level comment")
    if own_pending(pull, grant.account):
        sentence = "user_id can only have one pending review per pull request"
        raise invalid("PullRequestReview", "user_id", sentence, "pending_review")
    _check_body(world, "PullRequestReviewComment", body)
    now = world.clock.now()
    around = Review(world.new_id(), grant.account, "", now, world.shown(), commit_id=pull.head_sha)
    reply = ReviewComment(
        world.new_id(), grant.account, body, now, world.shown(),
        review=around.id, thread=first.thread, commit_id=first.commit_id, in_reply_to=first.id,
    )  # fmt: skip
    pull.reviews.append(around)
    pull.review_comments.append(reply)
    world.wrote(Write("reply", number, grant.account.login, reply.id, body))
    return reply


def find_thread(world: World, node_id: str) -> tuple[Pull, Thread]:
    """Raises Rejection 404."""
    for pull in world.pulls.values():
        for thread in pull.threads:
            if thread.node_id == node_id:
                return pull, thread
    raise not_found()


def set_resolved(world: World, grant: Grant, node_id: str, *, resolved: bool) -> Thread:
    """Resolve or open a thread: writers of the repository, and the author of the pull request.

    Of an App GitHub asks `contents: write` for that, though it touches no content (github/gh-aw#35726).
    """
    pull, thread = find_thread(world, node_id)
    may_write(world, grant)
    require(grant, "write", "contents")
    writers = {"admin", "maintain", "write"}
    if permission(world, grant.account.login) not in writers and pull.author != grant.account:
        raise Rejection(403, "Resource not accessible by integration")
    thread.resolved, thread.resolved_by = resolved, grant.account if resolved else None
    word = "resolve" if resolved else "unresolve"
    world.wrote(Write(word, pull.number, grant.account.login, thread.id))
    return thread


def minimize(world: World, grant: Grant, node_id: str, why: str) -> Said:
    """Hide a comment behind a word. Raises Rejection 403, 404."""
    may_write(world, grant)
    require(grant, "write", "pull_requests")
    said = find_node(world, node_id)
    said.minimized = why.lower()
    world.wrote(Write("minimize", None, grant.account.login, said.id))
    return said


def find_node(world: World, node_id: str) -> Said:
    prefix, _, number = node_id.partition("_")
    said = world.find_said(int(number)) if number.isdigit() else None
    if said is None or said.prefix != prefix:
        raise not_found()
    return said


def add_reaction(world: World, grant: Grant, said: Said, content: str) -> tuple[Reaction, bool]:
    """A reaction, and whether it is new. Raises Rejection 422 for one that GitHub does not have."""
    may_write(world, grant)
    require(grant, "write", "pull_requests", "issues")
    if content not in CONTENTS:
        raise invalid("Reaction", "content", "content is not one of the reactions")
    before = len(said.reactions)
    reaction = world.react(said.id, grant.account.login, content)
    if len(said.reactions) > before:
        world.wrote(Write("reaction", None, grant.account.login, reaction.id, content))
    return reaction, len(said.reactions) > before


def permission(world: World, login: str) -> Permission:
    """What somebody may do: nobody known reads a public repository."""
    return world.permissions.get(login, "none" if world.repository.private else "read")


def find_account(world: World, login: str) -> Account:
    """Raises Rejection 404."""
    if login not in world.accounts:
        raise not_found()
    return world.accounts[login]


def _check_body(world: World, resource: str, body: str) -> None:
    if not body.strip():
        raise invalid(resource, "body", "Body can't be blank")
    if len(body) > world.limits.body:
        raise too_long(resource, world.limits.body)
