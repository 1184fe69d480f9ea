"""What a pull request's conversation adds to a report: where each finding is already said, and what is left quiet."""

from collections.abc import Mapping

from pydantic import Field

from reviewbot.facts import Fact


class Standing(Fact):
    """Facts of the conversation, as the summary tells them. Findings are named by their ids."""

    comments: Mapping[str, str] = Field(default_factory=dict)
    """Finding to the URL of the comment that says it, posted now or on an earlier push."""
    quiet: Mapping[str, str] = Field(default_factory=dict)
    """Finding to the reason why nobody is asked of it again: "dismissed by a person", "its thread is resolved".

    What was only answered stays live, and its comment is in `comments`.
    """
    open_before: Mapping[str, str] = Field(default_factory=dict)
    """URL to title of earlier comments of ours that are still open and that this run did not raise again."""
    resolved: int = 0
    """Threads of ours closed by this run, because their code changed and nothing of them is left."""
    since: str | None = None
    """The head of the last review, where only what changed since was read. Without seats: nothing had to be."""
    unchanged: tuple[str, ...] = ()
    """Paths reviewed at `since` and not changed after it."""
    source_url: str = ""
    """The address of the repository's files at the reviewed head, a slash at the end: links may lead below it."""
    notices: tuple[str, ...] = ()
    """What else a reader has to know, a sentence each: a policy that does not hold, keys a fork does not get."""
    up: int = 0
    down: int = 0
    """What people's reactions say of our comments."""
