"""GraphQL over the world: GitHub's own schema executes the query, and these values answer its fields.

What goes wrong comes with status 200 and `errors`, each with a type, as GitHub does it. Without the schema installed
(`contracts.available`) there is no GraphQL here, and the reply says so.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import graphql
from hub import contracts, talk
from hub.connections import connection
from hub.facts import page, utc
from hub.permissions import require
from hub.pulls import base_tip, find_pull, head_as_read
from hub.records import Account, Grant, Pull, Review, Said, Thread
from hub.rejection import Rejection, not_found
from hub.reviews import listed_reviews
from hub.threads import place_now, submitted_comments
from hub.world import World

Values = dict[str, Any]
CONTENTS: Final = {
    "THUMBS_UP": "+1",
    "THUMBS_DOWN": "-1",
    "LAUGH": "laugh",
    "CONFUSED": "confused",
    "HEART": "heart",
    "HOORAY": "hooray",
    "ROCKET": "rocket",
    "EYES": "eyes",
}
TYPES: Final = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}
NEVER: Final = (
    "addPullRequestReview",
    "submitPullRequestReview",
    "mergePullRequest",
    "enablePullRequestAutoMerge",
    "enqueuePullRequest",
)


def first_field(document: str) -> str:
    """What a document asks first: "repository", "resolveReviewThread"; empty for one that does not parse."""
    try:
        definition = _parsed(document).definitions[0]
    except graphql.GraphQLSyntaxError:
        return ""
    selected = definition.selection_set.selections if isinstance(definition, graphql.OperationDefinitionNode) else ()
    return next((each.name.value for each in selected if isinstance(each, graphql.FieldNode)), "")


@lru_cache(maxsize=256)
def _parsed(document: str) -> graphql.DocumentNode:
    return graphql.parse(document)


def execute(world: World, grant: Grant, document: str, variables: Mapping[str, Any]) -> Values:
    """The body of the reply. Raises Rejection 501 where GitHub's schema is not installed."""
    if not contracts.available():
        raise Rejection(501, contracts.WHY)
    root = {**_queries(world, grant), **_mutations(world, grant)}
    schema, run = contracts.graphql_schema(), graphql.graphql_sync
    if not contracts.check_query(document):  # known to hold: reading it again takes longer than answering it
        document, run = _parsed(document), graphql.execute_sync
    done = run(schema, document, root, variable_values=dict(variables))
    body: Values = {"data": done.data}
    return body | ({"errors": [_error(error) for error in done.errors]} if done.errors else {})


def _error(error: graphql.GraphQLError) -> Values:
    shown: Values = {"message": error.message, **({"path": error.path} if error.path else {})}
    cause = error.original_error
    if isinstance(cause, Rejection):
        said = ", ".join(map(str, cause.errors)) or cause.message
        return shown | {"message": said, "type": TYPES.get(cause.status, "INTERNAL")}
    return shown | {"extensions": {"code": "undefinedField"}}


def _queries(world: World, grant: Grant) -> Values:
    def repository(_: Any, owner: str, name: str, **__: Any) -> Values:
        if f"{owner}/{name}" not in {world.repository.name, *world.former_names}:
            raise not_found()
        require(grant, "read", "pull_requests")
        return {
            "nameWithOwner": world.repository.name,
            "databaseId": world.repository.id,
            "pullRequest": lambda _, number: pull_request(world, grant, find_pull(world, number)),
        }

    def node(_: Any, id: str) -> Values:  # noqa: A002
        if id.startswith("PRRT_"):
            pull, one = talk.find_thread(world, id)
            return thread(world, grant, pull, one)
        found = talk.find_node(world, id)
        return said(world, grant, _pull_of(world, found), found)

    viewer = {"login": grant.account.login, "databaseId": grant.account.id, "id": f"U_{grant.account.id}"}
    return {"viewer": viewer, "repository": repository, "node": node}


def _mutations(world: World, grant: Grant) -> Values:
    def resolve(*, resolved: bool) -> Callable[..., Values]:
        def mutate(_: Any, input: Mapping[str, Any]) -> Values:  # noqa: A002
            talk.set_resolved(world, grant, input["threadId"], resolved=resolved)
            pull, one = talk.find_thread(world, input["threadId"])
            return {"thread": thread(world, grant, pull, one), **_echo(input)}

        return mutate

    def minimize(_: Any, input: Mapping[str, Any]) -> Values:  # noqa: A002
        one = talk.minimize(world, grant, input["subjectId"], input["classifier"])
        return {"minimizedComment": said(world, grant, _pull_of(world, one), one), **_echo(input)}

    def react(_: Any, input: Mapping[str, Any]) -> Values:  # noqa: A002
        one = talk.find_node(world, input["subjectId"])
        made, _new = talk.add_reaction(world, grant, one, CONTENTS[input["content"]])
        reaction = {"content": input["content"], "databaseId": made.id, "user": {"login": made.account.login}}
        return {"reaction": reaction, "subject": said(world, grant, _pull_of(world, one), one), **_echo(input)}

    return {
        "resolveReviewThread": resolve(resolved=True),
        "unresolveReviewThread": resolve(resolved=False),
        "minimizeComment": minimize,
        "addReaction": react,
        **{name: _never(world, grant, name) for name in NEVER},
    }


def _echo(asked: Mapping[str, Any]) -> Values:
    return {"clientMutationId": asked.get("clientMutationId")}


def _never(world: World, grant: Grant, name: str) -> Callable[..., Values]:
    def refuse(_: Any, input: Mapping[str, Any]) -> Values:  # noqa: A002, ARG001
        world.forbidden.append(f"{name} by {grant.account.login}")
        raise Rejection(422, "reviewbot must never send this")

    return refuse


def _pull_of(world: World, one: Said) -> Pull:
    for pull in world.pulls.values():
        if one in (*pull.comments, *pull.review_comments, *pull.reviews):
            return pull
    raise not_found()


# the objects


def pull_request(world: World, grant: Grant, pull: Pull) -> Values:
    shown = [one for one in pull.threads if submitted_comments(world, pull, one)]
    return {
        "__typename": "PullRequest",
        "id": f"PR_{pull.id}",
        "number": pull.number,
        "title": pull.title,
        "isDraft": pull.draft,
        "headRefOid": head_as_read(world, pull),
        "baseRefOid": base_tip(world, pull),
        "baseRefName": pull.base_ref,
        "url": page(world, pull.number),
        "author": actor(pull.author),
        "reviewThreads": connection("reviewThreads", shown, lambda one: thread(world, grant, pull, one)),
        "comments": connection(
            "comments", talk.listed_comments(world, pull.number), lambda one: said(world, grant, pull, one)
        ),
        "reviews": connection(
            "reviews", listed_reviews(world, pull, grant.account), lambda one: said(world, grant, pull, one)
        ),
    }


def thread(world: World, grant: Grant, pull: Pull, one: Thread) -> Values:
    now = place_now(world, pull, one)
    by = one.resolved_by
    return {
        "__typename": "PullRequestReviewThread",
        "id": one.node_id,
        "isResolved": one.resolved,
        "isOutdated": now is None,
        "isCollapsed": one.resolved,
        "path": one.path,
        "line": now.line if now else None,
        "startLine": now.start_line if now else None,
        "originalLine": one.line,
        "originalStartLine": one.start_line,
        "diffSide": one.side,
        "subjectType": "LINE",
        "viewerCanResolve": not one.resolved,
        "viewerCanReply": True,
        "resolvedBy": {"login": by.login, "__typename": "User"} if by else None,
        "comments": connection(
            "comments", submitted_comments(world, pull, one), lambda remark: said(world, grant, pull, remark)
        ),
    }


def said(world: World, grant: Grant, pull: Pull, one: Said) -> Values:
    """A comment of any kind."""
    kinds = {"PRRC": "PullRequestReviewComment", "PRR": "PullRequestReview", "IC": "IssueComment"}
    values: Values = {
        "__typename": kinds[one.prefix],
        "id": one.node_id,
        "databaseId": one.id if one.id < 2**31 else None,  # the field is an Int; `fullDatabaseId` holds every id
        "fullDatabaseId": str(one.id),
        "body": one.body,
        "viewerDidAuthor": one.author == grant.account,
        "author": actor(one.author),
        "createdAt": utc(one.created),
        "lastEditedAt": utc(one.edited) if one.edited else None,
        "editor": actor(one.editor),
        "url": page(world, pull.number, one),
        "isMinimized": one.minimized is not None,
        "minimizedReason": one.minimized,
        "reactionGroups": [_reactions(one, word, content) for word, content in CONTENTS.items()],
    }
    return values | ({"state": one.state, "commit": {"oid": one.commit_id}} if isinstance(one, Review) else {})


def actor(account: Account | None) -> Values | None:
    """An author. GraphQL names a bot without the "[bot]" that REST shows."""
    if account is None:
        return None
    name = account.bare_login if account.kind == "Bot" else account.login
    return {"__typename": account.kind, "login": name, "databaseId": None, "id": f"U_{account.id}"}


def _reactions(one: Said, word: str, content: str) -> Values:
    count = sum(reaction.content == content for reaction in one.reactions)
    return {"content": word, "reactors": {"totalCount": count}, "users": {"totalCount": count}}
