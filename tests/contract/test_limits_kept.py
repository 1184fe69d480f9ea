"""An hour of posting meets no limit of GitHub's, because the adapter paces itself (THREATS G08)."""

from pathlib import Path

from contract.forge_scene import over_http
from hub.limiter import Limiter

from reviewbot.forge.model import NewComment, NewReview

PULLS, FINDINGS = 50, 20


def test_a_thousand_findings_on_fifty_pull_requests_in_an_hour_meet_no_limit(tmp_path: Path) -> None:
    with over_http(tmp_path, "") as scene:
        world, forge, begun = scene.world, scene.forge, scene.clock.now()
        world.limiter = Limiter()
        numbers = [world.open_pull("main", scene.head).number for _ in range(PULLS)]
        for number in numbers:
            comments = tuple(
                NewComment(path="new.py", body=f"Finding {n}", line=1 + n % 12, side="RIGHT") for n in range(FINDINGS)
            )
            forge.post_review(number, NewReview(commit=scene.head, body="Reviewed.", comments=comments))
            forge.post_comment(number, "The summary.")
        assert world.limiter.refused == 0
        assert sum(write.kind == "review" for write in world.writes) == PULLS
        assert sum(len(pull.review_comments) for pull in world.pulls.values()) == PULLS * FINDINGS
        assert scene.clock.now() - begun <= 3_600
