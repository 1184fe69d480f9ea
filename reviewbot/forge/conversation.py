"""What was said on a pull request, by GraphQL: REST does not tell a resolved thread, nor whether a comment is ours.

Every page is read, of threads and of the remarks in each: what is missed would be posted a second time. Accounts that
are gone and entries that are null are no reason to fail (THREATS G36).
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from reviewbot.forge.client import Client
from reviewbot.forge.model import Conversation, Remark, Thread

_REMARK: Final = """
  id fullDatabaseId body viewerDidAuthor createdAt url isMinimized
  author { login __typename }
  reactionGroups { content reactors { totalCount } }
"""
_PAGE: Final = "pageInfo { hasNextPage endCursor }"
_THREAD: Final = f"""
  id path line isResolved isOutdated
  comments(first: 50) {{ nodes {{ {_REMARK} }} {_PAGE} }}
"""
_OF_PULL: Final = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { page: %s(first: 50, after: $after) { nodes { %s } %s } }
  }
}"""
_THREADS: Final = _OF_PULL % ("reviewThreads", _THREAD, _PAGE)
_COMMENTS: Final = _OF_PULL % ("comments", _REMARK, _PAGE)
_REVIEWS: Final = _OF_PULL % ("reviews", f"state {_REMARK}", _PAGE)
_OF_THREAD: Final = f"""
query($id: ID!, $after: String) {{
  node(id: $id) {{
    ... on PullRequestReviewThread {{ page: comments(first: 50, after: $after) {{ nodes {{ {_REMARK} }} {_PAGE} }} }}
  }}
}}"""

_UP: Final = frozenset({"THUMBS_UP", "HEART"})
_DOWN: Final = frozenset({"THUMBS_DOWN", "CONFUSED"})

N = TypeVar("N")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class _Author(_Read):
    login: str
    kind: Annotated[str, Field(alias="__typename")]


class _Reactors(_Read):
    total_count: int


class _Reactions(_Read):
    content: str
    reactors: _Reactors


class _Remark(_Read):
    id: str
    full_database_id: int | None
    body: str
    viewer_did_author: bool
    is_minimized: bool
    created_at: str
    url: str
    author: _Author | None
    reaction_groups: tuple[_Reactions, ...] | None
    state: str | None = None
    """Of a review."""


class _PageInfo(_Read):
    has_next_page: bool
    end_cursor: str | None


class _Page(_Read, Generic[N]):
    nodes: tuple[N | None, ...] | None
    page_info: _PageInfo


class _Thread(_Read):
    id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    comments: _Page[_Remark]


class _Holder(_Read, Generic[N]):
    """Whatever the page is a page of."""

    page: _Page[N]


class _Repository(_Read, Generic[N]):
    pull_request: _Holder[N]


class _PullData(_Read, Generic[N]):
    repository: _Repository[N]


class _PullReply(_Read, Generic[N]):
    data: _PullData[N]


class _NodeData(_Read):
    node: _Holder[_Remark]


class _NodeReply(_Read):
    data: _NodeData


def read_conversation(client: Client, repository: str, number: int) -> Conversation:
    """Three questions, and one more for each further page."""
    owner, name = repository.split("/")
    pull = {"owner": owner, "name": name, "number": number}

    def threads(after: str | None) -> _Page[_Thread]:
        reply = client.graphql(_THREADS, {**pull, "after": after}, _PullReply[_Thread])
        return reply.data.repository.pull_request.page

    def remarks(document: str) -> Callable[[str | None], _Page[_Remark]]:
        def page(after: str | None) -> _Page[_Remark]:
            reply = client.graphql(document, {**pull, "after": after}, _PullReply[_Remark])
            return reply.data.repository.pull_request.page

        return page

    return Conversation(
        threads=tuple(_thread(client, thread) for thread in _all(threads)),
        comments=tuple(_remark(remark) for remark in _all(remarks(_COMMENTS))),
        reviews=tuple(_remark(remark) for remark in _all(remarks(_REVIEWS)) if remark.state != "PENDING"),
    )


def _all(ask: Callable[[str | None], _Page[N]], page: _Page[N] | None = None) -> Iterator[N]:
    """The entries of every page; `page` is the first where it is known already."""
    page = page or ask(None)
    while True:
        yield from (node for node in page.nodes or () if node is not None)
        if not page.page_info.has_next_page:
            return
        page = ask(page.page_info.end_cursor)


def _thread(client: Client, thread: _Thread) -> Thread:
    first = next(iter(thread.comments.nodes or ()), None)

    def page(after: str | None) -> _Page[_Remark]:
        return client.graphql(_OF_THREAD, {"id": thread.id, "after": after}, _NodeReply).data.node.page

    return Thread(
        id=thread.id,
        path=thread.path,
        line=thread.line,
        resolved=thread.is_resolved or (first is not None and first.is_minimized),
        outdated=thread.is_outdated,
        remarks=tuple(_remark(remark) for remark in _all(page, thread.comments)),
    )


def _remark(remark: _Remark) -> Remark:
    groups = remark.reaction_groups or ()
    return Remark(
        id=remark.full_database_id or 0,
        node_id=remark.id,
        body=remark.body,
        ours=remark.viewer_did_author,
        author=remark.author.login if remark.author else "",
        author_is_bot=remark.author is not None and remark.author.kind == "Bot",
        created=remark.created_at,
        url=remark.url,
        up=sum(group.reactors.total_count for group in groups if group.content in _UP),
        down=sum(group.reactors.total_count for group in groups if group.content in _DOWN),
    )
