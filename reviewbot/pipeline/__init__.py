"""The story on one page: a change is heard by the council, and what was heard is judged.

`hear` asks and waits; its record holds everything that was said. `judge` is a pure function of the record, so a
recorded run gives the same report again.
"""

from collections.abc import Sequence

from reviewbot.change import Change
from reviewbot.council import Invited, Progress
from reviewbot.pipeline.hearing import hear, unwatched
from reviewbot.pipeline.judging import judge
from reviewbot.report import Report
from reviewbot.settings import Operator

__all__ = ["hear", "judge", "review_change"]


async def review_change(
    change: Change, settings: Operator, council: Sequence[Invited], progress: Progress = unwatched
) -> Report:
    """A change from its diff to a ranked report.

    A seat that fails is in the report. Raises NoCouncil when nobody who sits can look through the lenses asked for,
    BadSettings for a lens that does not exist, BadPrompt for one that does not hold.
    """
    return judge(await hear(change, settings, council, progress))
