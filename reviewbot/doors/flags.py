"""The flags that every review takes, whatever it reviews."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reviewbot.doors.output import check_folder
from reviewbot.findings import Severity
from reviewbot.settings import Operator, TierName, load_operator


class Flags(NamedTuple):
    """As the command line gives them: the council, its ceilings, and where the outcome goes."""

    models: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    sarif: tuple[Path, ...] = ()
    tier: TierName | None = None
    offline: bool = False
    max_usd: float | None = None
    max_tokens: int | None = None
    policy: Path | None = None
    record: Path | None = None
    form: str = "text"
    output: Path | None = None
    fail_on: Severity | None = None
    quiet: bool = False

    def operator(self, environ: Mapping[str, str]) -> Operator:
        """What the operator decides, flags over environment.

        Raises BadSettings, also where a file named for the outcome cannot be written or is one that is read: before
        anything is paid for.
        """
        for path in filter(None, (self.output, self.record)):
            check_folder(path, *self.sarif, *filter(None, (self.policy,)))
        ceilings = (("usd", self.max_usd), ("tokens", self.max_tokens))
        given = {
            "models": self.models or None,
            "lenses": self.lenses or None,
            "sarif": self.sarif or None,
            "tier": self.tier,
            "offline": self.offline or None,
            "budget": {name: value for name, value in ceilings if value is not None},
        }
        return load_operator(environ, flags=given)
