"""Draws what reviewbot leaves on a pull request over five pushes, as a page in the manner of GitHub.

    python benchmarks/conversation.py docs/conversation.html [--screenshot docs/conversation.png]

The pull request and its two scripted voices are those of tests/e2e/story.py; the reviews go through the same door as
any other, to the fake GitHub of the tests. The screenshot takes Chromium. The page asks nobody for anything.
"""

import argparse
import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from e2e.pushes import Story  # noqa: E402  tests/ is on the path only now
from e2e.story import BODY, PUSHES  # noqa: E402

from reviewbot.forge.model import Remark, Thread  # noqa: E402

STYLE = """
body { font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2328; background: #fff; margin: 24px auto;
  width: 860px }
h1 { font-weight: 400; font-size: 26px; margin: 0 0 16px }
h1 small { color: #59636e }
.event { color: #59636e; margin: 14px 0 14px 20px; padding-left: 22px; border-left: 2px solid #d1d9e0 }
.event b { color: #1f2328 }
.box { border: 1px solid #d1d9e0; border-radius: 6px; margin: 14px 0; overflow: hidden }
.who { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 7px 14px; color: #59636e }
.who b { color: #1f2328 }
.text { padding: 12px 16px }
.text > :first-child { margin-top: 0 } .text > :last-child { margin-bottom: 0 }
.file { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 7px 14px; font: 12px ui-monospace, monospace }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; overflow: auto; font: 12px/1.45 ui-monospace, monospace }
code { background: #818b981f; border-radius: 6px; padding: .1em .35em; font: 85% ui-monospace, monospace }
pre code { background: none; padding: 0; font-size: 100% }
table { border-collapse: collapse; font-size: 13px } th, td { border: 1px solid #d1d9e0; padding: 4px 10px }
blockquote { border-left: 4px solid #d1d9e0; color: #59636e; margin: 0 0 12px; padding: 0 14px }
h2 { font-size: 19px; border-bottom: 1px solid #d1d9e0; padding-bottom: 4px } h3 { font-size: 16px }
sub { font-size: 12px; color: #59636e; line-height: 1.4; vertical-align: baseline } summary { cursor: pointer }
a { color: #0969da; text-decoration: none }
"""
MARKDOWN = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])


def page(root: Path) -> str:
    """The conversation after the fifth push, in the order it came about."""
    story = Story(root)
    parts = [f"<h1>Sell credit <small>#{story.number}</small></h1>", _box("ada", "opened this", MARKDOWN.render(BODY))]
    for number, push in enumerate(PUSHES, start=1):
        before = {remark.id for remark in _remarks(story)}
        was_resolved = {thread.id for thread in story.threads if thread.resolved}
        if number > 1:
            story.step(number)
        parts.append(f"<p class=event><b>ada</b> {push.did}, <code>{story.head[:7]}</code></p>")
        said = story.review().said
        parts += [_new(thread, story) for thread in story.threads if thread.remarks[0].id not in before]
        for thread in story.threads:
            if thread.resolved and thread.id not in was_resolved:
                parts.append(f"<p class=event><b>reviewbot</b> resolved the conversation on {_at(thread)}</p>")
        parts.append(f"<p class=event><b>reviewbot</b> {html.escape(said)}</p>")
    summary = story.conversation.comments[0]
    parts.append(_box("reviewbot", "one comment, made at the first review and edited since", _rendered(summary)))
    return f"<!doctype html><meta charset=utf-8><title>Sell credit</title><style>{STYLE}</style>{''.join(parts)}\n"


def _remarks(story: Story) -> Iterator[Remark]:
    for thread in story.threads:
        yield from thread.remarks


def _at(thread: Thread) -> str:
    return f"<code>{html.escape(thread.path)}</code>"


def _new(thread: Thread, story: Story) -> str:
    remark = thread.remarks[0]
    place = f"{html.escape(thread.path)}, line {thread.line}"
    lines = PUSHES[story.at].files[thread.path].split("\n")
    code = html.escape("\n".join(lines[max(0, (thread.line or 1) - 3) : thread.line]))
    return (
        f"<div class=box><div class=file>{place}</div><pre>{code}</pre><div class=text>{_rendered(remark)}</div></div>"
    )


def _rendered(remark: Remark) -> str:
    return str(MARKDOWN.render(remark.body.rpartition("<!-- reviewbot")[0]))


def _box(who: str, did: str, text: str) -> str:
    return f"<div class=box><div class=who><b>{who}</b> {did}</div><div class=text>{text}</div></div>"


def shoot(page_file: Path, picture: Path, height: int) -> None:
    """A screenshot of the page. Raises SystemExit where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium here: install Debian's package chromium")
    with tempfile.TemporaryDirectory() as profile:
        flags = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
        )
        size = (f"--user-data-dir={profile}", f"--window-size=920,{height}", f"--screenshot={picture.resolve()}")
        subprocess.run([chromium, *flags, *size, page_file.resolve().as_uri()], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--height", type=int, default=2310, help="of the screenshot, in pixels")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        words.page.write_text(page(Path(root)), encoding="utf-8")
    if words.screenshot:
        shoot(words.page, words.screenshot, words.height)


if __name__ == "__main__":
    main()
