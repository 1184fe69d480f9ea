"""`reviewbot app manifest`: what GitHub must know of the App, and how it is made from that.

GitHub takes a manifest only from a form on a page that its owner sends: so the page can be written too. Sends nothing.
"""

import json
import os
import re
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from reviewbot.doors.output import write_file
from reviewbot.errors import BadSettings, Exit
from reviewbot.forge.access import LOOPBACK, addresses, check_url
from reviewbot.forge.manifest import manifest

LONGEST_NAME: Final = 34
"""Characters that GitHub allows."""
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Make the GitHub App {name}</title>
<h1>Make the GitHub App {name}</h1>
<form action="{action}" method="post">
<input type="hidden" name="manifest" value="{manifest}">
<button>Make it</button>
</form>
<p>Then:</p>
<ol>
{steps}
</ol>
</html>
"""


def print_manifest(url: str, *, name: str, organization: str | None, page: Path | None = None) -> Exit:
    """The manifest on stdout, what to do with it on stderr; with `page` a file with the form, too.

    `url` is where GitHub reaches the service, `organization` who is to own the App; None is whoever sends the form.
    Raises BadSettings.
    """
    url = check_url("--url", url.strip())
    server, api, _ = addresses(os.environ)
    if urlsplit(url).hostname in LOOPBACK and urlsplit(server).hostname not in LOOPBACK:
        raise BadSettings("--url", f"{server} cannot reach {url}", "give it the address that others see")
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise BadSettings("--name", f"{name[:100]!r} is no name of an App", f"take 1 to {LONGEST_NAME} characters")
    if organization is not None and not _ACCOUNT.fullmatch(organization):
        raise BadSettings(
            "--org", f"{organization[:100]!r} is no name of one", "write it as in the organisation's address"
        )
    owner = f"/organizations/{organization}" if organization else ""
    action = f"{server}{owner}/settings/apps/new"
    text = json.dumps(manifest(url, name.strip()), indent=2)
    steps = _steps(url, api)
    if page is not None:
        write_file(page, _page(name.strip(), action, text, steps))
        first = f"Open {page} in a browser and press its button."
    else:
        first = f"Send it, in a form's field `manifest`, to {action}; --page FILE writes a page that does."
    click.echo(text)
    for number, step in enumerate((first, *steps), start=1):
        click.echo(f"{number}. {step}", err=True)
    return Exit.REVIEWED


def _steps(url: str, api: str) -> tuple[str, ...]:
    """From the form to a service that runs. The code is good for an hour, and once."""
    return (
        f"Confirm the name. GitHub then leads you to {url}?code=CODE; nothing has to answer there yet.",
        f"Within an hour, with that code: curl -fsS -X POST {api}/app-manifests/CODE/conversions -o app.json",
        "Set GITHUB_APP_ID to its `id`, GITHUB_APP_PRIVATE_KEY to `pem`, GITHUB_WEBHOOK_SECRET to `webhook_secret`.",
        "Keep app.json where nobody else reads it, or delete it.",
        "Install the App from its page, `html_url` in app.json, on the repositories it is to review.",
    )


def _page(name: str, action: str, text: str, steps: tuple[str, ...]) -> str:
    listed = "\n".join(f"<li>{escape(step)}</li>" for step in steps)
    return _PAGE.format(name=escape(name), action=escape(action), manifest=escape(text), steps=listed)
