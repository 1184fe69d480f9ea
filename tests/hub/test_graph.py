import pytest
from hub import contracts
from hub.asking import ask, query
from hub.graph import first_field
from hub.scene import Scene
from hub.server import HubServer
from hub.world import PERSON

pytestmark = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)

CONVERSATION = """
query($number: Int!, $after: String) {
  viewer { login databaseId }
  repository(owner: "octo", name: "shop") { pullRequest(number: $number) {
    reviewThreads(first: 2, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { id isResolved isOutdated path line resolvedBy { login } comments(first: 10) { nodes {
        id databaseId fullDatabaseId body viewerDidAuthor author { login __typename } createdAt lastEditedAt url
        reactionGroups { content reactors { totalCount } users { totalCount } }
      } } }
    }
    comments(first: 10) { nodes { id body viewerDidAuthor lastEditedAt author { login } } }
    reviews(last: 1) { nodes { state body viewerDidAuthor } }
  } }
}"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"


def test_a_conversation_is_read_with_who_wrote_what(scene: Scene, hub: HubServer) -> None:
    scene.forge.post_review(7, scene.at(10))
    said = scene.world.say(7, "ada", "hello")
    scene.world.edit(said.id, "ada", "hello again")
    scene.world.say(7, None, "gone")
    data = query(hub, CONVERSATION, number=7).json["data"]
    pull = data["repository"]["pullRequest"]
    (thread,) = pull["reviewThreads"]["nodes"]
    remark = thread["comments"]["nodes"][0]
    assert data["viewer"]["login"] == "reviewbot[bot]"
    assert (thread["line"], thread["isOutdated"], thread["resolvedBy"]) == (10, False, None)
    assert remark["author"] == {"login": "reviewbot", "__typename": "Bot"}
    assert (remark["viewerDidAuthor"], remark["databaseId"]) == (True, None)
    assert int(remark["fullDatabaseId"]) > 2**31
    first, second = pull["comments"]["nodes"]
    assert (first["body"], first["lastEditedAt"] is None, second["author"]) == ("hello again", False, None)
    assert pull["reviews"]["nodes"] == [{"state": "COMMENTED", "body": "Reviewed.", "viewerDidAuthor": True}]


def test_cursors_lead_through_all_pages(scene: Scene, hub: HubServer) -> None:
    for line in (8, 9, 10, 11, 12):
        scene.forge.post_review(7, scene.at(line))
    after, lines, more = None, [], True
    while more:
        data = query(hub, CONVERSATION, number=7, after=after).json["data"]
        threads = data["repository"]["pullRequest"]["reviewThreads"]
        lines.append([thread["line"] for thread in threads["nodes"]])
        more, after = threads["pageInfo"]["hasNextPage"], threads["pageInfo"]["endCursor"]
    assert lines == [[8, 9], [10, 11], [12]]


def test_threads_are_resolved_and_opened(scene: Scene, hub: HubServer) -> None:
    scene.forge.post_review(7, scene.at(10))
    thread = scene.world.pulls[7].threads[0]
    reply = query(hub, RESOLVE, id=thread.node_id)
    assert reply.json["data"]["resolveReviewThread"]["thread"]["isResolved"]
    shown = query(hub, CONVERSATION, number=7).json["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"][0]
    assert shown["resolvedBy"]["login"] == "reviewbot[bot]"
    query(hub, RESOLVE.replace("resolveR", "unresolveR", 1), id=thread.node_id)
    assert not thread.resolved
    assert [write.kind for write in scene.world.writes] == ["review", "resolve", "unresolve"]


def test_reactions_and_hidden_comments(scene: Scene, hub: HubServer) -> None:
    said = scene.world.say(7, "ada", "hello")
    react = "mutation($id: ID!) { addReaction(input: {subjectId: $id, content: EYES}) { reaction { content } } }"
    assert query(hub, react, id=said.node_id).json["data"]["addReaction"] == {"reaction": {"content": "EYES"}}
    hide = """mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
      minimizedComment { isMinimized minimizedReason } } }"""
    hidden = query(hub, hide, id=said.node_id).json["data"]["minimizeComment"]["minimizedComment"]
    assert hidden == {"isMinimized": True, "minimizedReason": "outdated"}
    node = "query($id: ID!) { node(id: $id) { __typename ... on IssueComment { body } } }"
    assert query(hub, node, id=said.node_id).json["data"]["node"] == {"__typename": "IssueComment", "body": "hello"}


@pytest.mark.parametrize(("token", "thread", "kind"), [("reader", None, "FORBIDDEN"), (PERSON, "PRRT_1", "NOT_FOUND")])
def test_what_goes_wrong_comes_with_status_200(
    scene: Scene, hub: HubServer, token: str, thread: str | None, kind: str
) -> None:
    scene.world.token("reader", scene.world.account("reader").login)
    scene.forge.post_review(7, scene.at(10))
    reply = query(hub, RESOLVE, token=token, id=thread or scene.world.pulls[7].threads[0].node_id)
    assert (reply.status, reply.json["errors"][0]["type"]) == (200, kind)
    assert reply.json["data"] == {"resolveReviewThread": None}


def test_a_list_without_a_size_is_refused(hub: HubServer) -> None:
    pull = 'repository(owner: "octo", name: "shop") { pullRequest(number: %d) { comments%s { nodes { body } } } }'
    for number, size, kind in ((7, "", "UNPROCESSABLE"), (7, "(first: 101)", "UNPROCESSABLE"), (9, "", "NOT_FOUND")):
        assert query(hub, "{ %s }" % (pull % (number, size))).json["errors"][0]["type"] == kind


def test_no_verdict_passes_unseen(scene: Scene, hub: HubServer) -> None:
    merge = 'mutation { mergePullRequest(input: {pullRequestId: "PR_1"}) { clientMutationId } }'
    assert query(hub, merge).json["errors"]
    approve = 'mutation { addPullRequestReview(input: {pullRequestId: "PR_1", event: APPROVE}) { clientMutationId } }'
    assert query(hub, approve).json["errors"]
    assert len(scene.world.forbidden) == 2


def test_what_the_schema_does_not_know_is_a_violation(scene: Scene) -> None:
    with HubServer(scene.world) as hub:
        assert query(hub, "{ viewer { shoeSize } }").status == 500
        assert "shoeSize" in hub.violations[0]
        assert ask(hub, "POST", hub.graphql_url, {"query": "{ viewer { login } }"}, token="wrong").status == 401


def test_a_document_is_named_by_its_first_field() -> None:
    assert first_field("query Q { viewer { login } }") == "viewer"
    assert first_field(RESOLVE) == "resolveReviewThread"
    assert first_field("fragment F on User { login }") == first_field("{") == ""
