"""What earlier reviews taught about a member, as a shift of P(real). Pure.

Feedback of a few weeks hardly tells members apart (JUDGEMENT 2.4), so it is bounded, and it lowers nobody of whom there
is not a hundred of it.
"""

import math
from collections.abc import Collection, Iterable
from itertools import count

from reviewbot.findings.model import Cluster, Prior

MOST = 0.5
"""The most that priors add to or take from the log odds."""
STRENGTH = 20
"""Events that weigh as much as what all members together are known for."""
ENOUGH = 100
"""Events of a member through a lens before which it is not lowered. Of all members together a finding that five raised
would count five times."""
TAIL = 0.025
"""What an interval of 95 % leaves out on either side."""
HALVINGS = 40
EXACT = 1e-12


def prior_shift(cluster: Cluster, priors: Iterable[Prior]) -> float:
    """What the best-received voice of the cluster adds to the log odds; 0 where nothing is known."""
    return shift_of({(finding.member, finding.lens) for finding in cluster.findings}, priors)


def shift_of(voices: Collection[tuple[str, str]], priors: Iterable[Prior]) -> float:
    """The same for a problem that these raised, each a member through a lens."""
    known = {(prior.member, prior.lens): prior for prior in priors}
    wanted = sum(prior.wanted for prior in known.values())
    unwanted = sum(prior.unwanted for prior in known.values())
    return max(_shift(known[voice], wanted, unwanted) if voice in known else 0.0 for voice in voices)


def _shift(prior: Prior, wanted: int, unwanted: int) -> float:
    """What it is known for beside what all are known for; alone it is neither better nor worse than that."""
    guess = STRENGTH * (wanted + 1) / (wanted + unwanted + 2)
    told = prior.wanted + prior.unwanted
    own, everybody = (prior.wanted + guess) / (told + STRENGTH), (wanted + guess) / (wanted + unwanted + STRENGTH)
    return min(max(_log_odds(own) - _log_odds(everybody), -MOST if told >= ENOUGH else 0.0), MOST)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def interval(wanted: int, unwanted: int) -> tuple[float, float]:
    """Where the true share of what is wanted lies, to 95 %: of a Beta distribution that knew nothing before."""
    return _quantile(TAIL, wanted, unwanted), 1 - _quantile(TAIL, unwanted, wanted)


def _quantile(part: float, wanted: int, unwanted: int) -> float:
    """The share below which so much of Beta(wanted + 1, unwanted + 1) lies."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle, wanted, unwanted) < part else (low, middle)
    return low


def _below(share: float, wanted: int, unwanted: int) -> float:
    """How much of it lies below: the regularized incomplete beta function, on the side where it converges fast."""
    if share * (wanted + unwanted + 2) > wanted + 1:
        return 1 - _tail(1 - share, unwanted + 1, wanted + 1)
    return _tail(share, wanted + 1, unwanted + 1)


def _tail(x: float, a: int, b: int) -> float:
    """I_x(a, b) for an x of no more than the mean: a continued fraction (DLMF 8.17.22) by Lentz's method."""
    upper, lower, total = 1.0, 0.0, 1.0
    for step in count(1):
        m, odd = divmod(step, 2)
        part = (-(a + m) * (a + b + m) if odd else m * (b - m)) * x / ((a + step - 1) * (a + step))
        upper, lower = 1 + part / upper, 1 / (1 + part * lower)
        total *= upper * lower
        if abs(upper * lower - 1) < EXACT:
            break
    scale = math.lgamma(a + b) - math.lgamma(a + 1) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) / total
