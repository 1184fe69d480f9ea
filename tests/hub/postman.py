"""Tells the App's webhook what happened in a world, as GitHub does: once, signed, with a GUID of its own.

    app = App(world.clock, webhook_url="http://127.0.0.1:4000/webhook"); app.install(world)
    postman = Postman(app, world)
    postman.opened(world.open_pull("main", head).number).status_code
    world.push(7, newer); postman.pushed(7, before=head)
    postman.commented(7, "/reviewbot review", "grace")      # says it in the world, too

Where an event has a deed of its own (a comment, closing, uninstalling) the deed is done here first; what must be there
before (a pull request, a push) is the world's. The attempt that each gives back is also GitHub's record of it: see
`deliveries`.
"""

import json
import uuid
from typing import Any, Literal

from hub import app_events, contracts, deliveries, webhooks
from hub.apps import App
from hub.deliveries import Attempt, Event
from hub.webhook_objects import Account, Association, Payload, PullRequest
from hub.webhooks import PullRequestAction
from hub.world import World


class Postman:
    """Carries the events of one repository of an installation."""

    def __init__(self, app: App, world: World) -> None:
        installed = app.installed_on(world)
        if installed is None:
            raise ValueError("the App is not installed there, so it is told nothing")
        self.app, self.world, self.installation = app, world, installed

    def send(self, name: str, payload: Payload, *, guid: str | None = None) -> Attempt:
        """Send any event; the same `guid` again is the same event. Raises ValueError for what GitHub cannot send."""
        wrong = contracts.check_event(name, payload) if contracts.available() else []
        if wrong:
            raise ValueError(f"GitHub sends no such event: {'; '.join(wrong)}")
        body = json.dumps(payload, ensure_ascii=False).encode()
        return deliveries.deliver(self.app, Event(name, body, guid or str(uuid.uuid4())))

    # pull requests

    def opened(self, number: int, *, guid: str | None = None) -> Attempt:
        return self.changed("opened", number, guid=guid)

    def pushed(self, number: int, before: str, *, guid: str | None = None) -> Attempt:
        """A push replaced the head `before`."""
        return self.changed("synchronize", number, guid=guid, before=before)

    def retargeted(self, number: int, base_ref: str) -> Attempt:
        """Its base branch becomes another one (THREATS G37)."""
        old, sha = self.world.pulls[number].base_ref, self.pull(number).base_sha
        self.world.retarget(number, base_ref)
        return self.changed("edited", number, changes={"base": {"ref": {"from": old}, "sha": {"from": sha}}})

    def closed(self, number: int) -> Attempt:
        self.world.pulls[number].state = "closed"
        return self.changed("closed", number)

    def drafted(self, number: int) -> Attempt:
        self.world.pulls[number].draft = True
        return self.changed("converted_to_draft", number)

    def readied(self, number: int) -> Attempt:
        self.world.pulls[number].draft = False
        return self.changed("ready_for_review", number)

    def labeled(self, number: int, label: str = "reviewbot") -> Attempt:
        return self.changed("labeled", number, label=label)

    def changed(self, action: PullRequestAction, number: int, *, guid: str | None = None, **more: Any) -> Attempt:
        """A pull_request event of any action, by the author; `more` is of `webhooks.pull_request`."""
        pull = self.pull(number)
        payload = webhooks.pull_request(action, pull, sender=pull.author, **more)
        return self.send("pull_request", payload, guid=guid)

    def commented(self, number: int, body: str, author: str = "ada", *, association: Association = "MEMBER") -> Attempt:
        """Somebody says something on it; one who is not known yet may read the repository."""
        who = self.world.accounts.get(author) or self.world.account(author)
        said = self.world.say(number, author, body)
        payload = webhooks.issue_comment(
            self.pull(number), body, author=Account(*who), association=association, comment_id=said.id
        )
        return self.send("issue_comment", payload)

    def rerequested(self, number: int, sender: str = "ada") -> Attempt:
        """Somebody asks for our newest check run of its head again. Raises LookupError where there is none."""
        head = self.world.pulls[number].head_sha
        check = next((one for one in reversed(self.world.checks.values()) if one.head_sha == head), None)
        if check is None:
            raise LookupError(f"there is no check run of {head}")
        who = Account(*self.world.accounts[sender])
        payload = webhooks.check_run(
            self.pull(number), check.external_id, sender=who, check_id=check.id, name=check.name
        )
        return self.send("check_run", payload)

    # the installation

    def installed(self) -> Attempt:
        return self._told_of_installation("created")

    def uninstalled(self) -> Attempt:
        self.app.uninstall(self.installation)
        return self._told_of_installation("deleted")

    def suspended(self) -> Attempt:
        self.app.suspend(self.installation)
        return self._told_of_installation("suspend")

    def unsuspended(self) -> Attempt:
        self.app.unsuspend(self.installation)
        return self._told_of_installation("unsuspend")

    def removed(self) -> Attempt:
        """The repository is taken out of the installation, which stays."""
        self.installation.worlds.remove(self.world)
        payload = app_events.repositories_removed(self.app, self.installation, (self.world,), self.owner)
        return self.send("installation_repositories", payload)

    def deleted(self) -> Attempt:
        """The repository is deleted."""
        self.installation.worlds.remove(self.world)
        return self.send("repository", app_events.repository_deleted(self.installation, self.world, self.owner))

    def _told_of_installation(self, action: Literal["created", "deleted", "suspend", "unsuspend"]) -> Attempt:
        return self.send("installation", app_events.installation(self.app, self.installation, action, self.owner))

    def pinged(self) -> Attempt:
        return self.send("ping", app_events.ping(self.app))

    @property
    def owner(self) -> Account:
        """Who installed the App."""
        return Account(self.installation.account.login, self.installation.account.id)

    def pull(self, number: int) -> PullRequest:
        """A pull request as an event tells of it now."""
        return webhooks.pull_in(self.world, number)._replace(installation_id=self.installation.id)
