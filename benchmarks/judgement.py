"""What merging and ranking are worth, beside naive ways and goals. Reads files, prints figures, needs no key.

COUNCIL.jsonl   findings of several review tools on the same pull requests, each matched to the defects that people
                wrote down (`reviewbot eval council` reads the same rows). No places: text and votes decide.
--aacr          comments with places that annotators called valid and distinct: each one merged away is an error.
--lenses        answers of one model to three lenses, with --diffs, a folder of ID.diff, and --claims, another model's
                word for which of them one fix would resolve.
--fit           print the weights fitted on all rows, beside those of the modules, and nothing else.

Cross-validated: the pull requests in five folds; weights and bar are fitted without the fold that they judge. As it
ships: the product as it is; its weights were fitted on these rows, so its figures flatter it. A simulated challenger
judges the first 12 problems. TRI is the mean over all councils of three of eight tools. Exits with 1 when a goal of
JUDGEMENT section 1 is missed. Two processes, under three minutes.
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import fmean

from judgement_data import CGP, TRI, Judge, Skill, challenged, everything, exact, product, tf_idf
from judgement_fit import f1, fit, fitted_to, shipped
from judgement_places import merged_lenses, swallowed

from reviewbot.evals.recorded import RecordedPull, read_recorded
from reviewbot.evals.score import Tally

FOLDS = 5
CHALLENGED = 12
TRIAL = Skill(0.75, 1.0)
"""The verifier of JUDGEMENT 2.2."""
SKILLS = (TRIAL, Skill(0.75, 0.75), Skill(0.75), Skill(0.65, 0.75), Skill(0.5, 0.5))
DRAWS = 1_000
BETTER = 1e-9

Tallies = Mapping[tuple[str, ...], Sequence[Tally]]
"""By council, one for each pull request."""
Goal = tuple[str, float, float]
"""A name, the figure, and the least it should be."""


def main() -> None:
    """Print the tables; exit 1 on a missed goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("council", type=Path)
    parser.add_argument("--fit", action="store_true")
    for flag in ("--aacr", "--lenses", "--diffs", "--claims"):
        parser.add_argument(flag, type=Path)
    given = parser.parse_args()
    rows = read_recorded(given.council)
    if given.fit:
        print(f"in the modules  {shipped()}\nfitted          {fit(rows)}")
        return
    missed = compare(rows)
    if given.aacr:
        missed += reached([("distinct comments kept (AACR)", 1 - swallowed(given.aacr), 0.92)])
    if given.lenses and given.diffs:
        print(merged_lenses(given.lenses, given.diffs, given.claims))
    sys.exit(1 if missed else 0)


def compare(rows: Sequence[RecordedPull]) -> int:
    """Everything that the recorded findings tell; the number of missed goals."""
    with ProcessPoolExecutor(2) as pool:
        folds = [pool.submit(judge_fold, rows, held) for held in folds_of(len(rows))]
        ways = {
            "everything posted": everything, "same words, 2 votes": exact, "TF-IDF, 2 votes": tf_idf,
            "as it ships": product,
        } | {
            f"ships, {skill}": partial(challenged, skill=skill, most=CHALLENGED) for skill in SKILLS
        }  # fmt: skip
        named = {name: pool.submit(judge_all, rows, way) for name, way in ways.items()}
        alone = judge_all(rows, everything, tuple({(tool,) for tools in TRI for tool in tools}))
        best = {tools: max((alone[tool,] for tool in tools), key=f1) for tools in TRI}
        print(f"{'TRI':34} pair F1   P   certain   CGP   strict F1  P@5  posted  better than best member (mean, 95 %)")
        print(row("best member alone", best, best))
        heard = [fold.result() for fold in folds]
        plain, trial = (_whole([fold[n] for fold in heard], len(rows)) for n in (0, 1))
        for name, judged in named.items():
            print(row(name, judged.result(), best))
    print(row("cross-validated", plain, best))
    print(row(f"cross-validated, {TRIAL}", trial, best))
    print(f"bars chosen in the folds: {', '.join(str(fold[2]) for fold in heard)}\n")
    return reached([*goals("no model call", plain, best), *goals("challenged", trial, best)])


def goals(name: str, judged: Tallies, best: Tallies) -> list[Goal]:
    wins, mean, low, _ = against(judged, best)
    fewer, certain, precision = (
        fmean(map(figure, judged.values())) for figure in (pair_f1, certain_f1, pair_precision)
    )
    strict, first = fmean(map(f1, judged.values())), fmean(map(precision_5, judged.values()))
    if name == "challenged":
        figures = [("pair F1", fewer, 0.78), ("strict F1", strict, 0.50), ("councils that win", wins, 50),
                   ("low end of the mean gain", low, BETTER), ("P@5", first, 0.30)]  # fmt: skip
    else:
        figures = [("pair F1", fewer, 0.66), ("pair F1, CGP", pair_f1(judged[CGP]), 0.63),
                   ("pair precision", precision, 0.55), ("pair F1, certain", certain, 0.82),
                   ("strict F1", strict, 0.43), ("councils that win", wins, 30), ("mean gain", mean, 0.0),
                   ("P@5", first, 0.285)]  # fmt: skip
    return [(f"{name}: {figure}", value, goal) for figure, value, goal in figures]


def reached(figures: Sequence[Goal]) -> int:
    """Print each beside its goal; how many are missed."""
    for name, value, goal in figures:
        print(f"{name:42} {value:7.3f}  goal {goal:6.3f}  {'reached' if value >= goal else 'MISSED'}")
    return sum(value < goal for _, value, goal in figures)


def judge_fold(rows: Sequence[RecordedPull], held: Sequence[int]) -> tuple[Tallies, Tallies, float]:
    """The held pull requests, without a challenge and with, by weights and a bar from the others; and the bar."""
    others = [row for index, row in enumerate(rows) if index not in held]
    ours = [rows[index] for index in held]
    with fitted_to(others) as bar:
        return judge_all(ours, product), judge_all(ours, partial(challenged, skill=TRIAL, most=CHALLENGED)), bar


def judge_all(rows: Sequence[RecordedPull], way: Judge, councils: Sequence[tuple[str, ...]] = TRI) -> Tallies:
    return {tools: [way(row, tools) for row in rows] for tools in councils}


def folds_of(count: int) -> list[list[int]]:
    order = random.Random(0).sample(range(count), count)  # noqa: S311  a repeatable trial
    return [order[n::FOLDS] for n in range(FOLDS)]


def _whole(parts: Sequence[Tallies], count: int) -> Tallies:
    """The folds as one, in the order of the rows."""
    places = [index for held in folds_of(count) for index in held]
    whole = {}
    for tools in TRI:
        tallies = [one for part in parts for one in part[tools]]
        whole[tools] = [one for _, one in sorted(zip(places, tallies, strict=True), key=lambda placed: placed[0])]
    return whole


def row(name: str, judged: Tallies, best: Tallies) -> str:
    wins, mean, low, high = against(judged, best)
    pairs = [fmean(map(figure, judged.values())) for figure in (pair_f1, pair_precision, certain_f1)]
    posted = fmean(one.posted for tallies in judged.values() for one in tallies)
    return (
        f"{name:34}  {pairs[0]:.3f}  {pairs[1]:.3f}  {pairs[2]:.3f}   {pair_f1(judged[CGP]):.3f}    "
        f"{fmean(map(f1, judged.values())):.3f}    {fmean(map(precision_5, judged.values())):.3f}  {posted:4.1f}    "
        f"{wins:2} of {len(TRI)} ({mean:+.3f}, {low:+.3f} to {high:+.3f})"
    )


def against(judged: Tallies, best: Tallies) -> tuple[int, float, float, float]:
    """Councils better than the best of their members, the mean difference, and its paired interval over the rows."""
    wins = sum(f1(judged[tools]) > f1(best[tools]) for tools in TRI)
    chance = random.Random(0)  # noqa: S311  a repeatable trial
    count = len(judged[TRI[0]])
    gains = sorted(_gain(judged, best, chance.choices(range(count), k=count)) for _ in range(DRAWS))
    return wins, _gain(judged, best, range(count)), gains[DRAWS // 40], gains[-DRAWS // 40]


def _gain(judged: Tallies, best: Tallies, drawn: Sequence[int]) -> float:
    return fmean(
        f1([judged[tools][index] for index in drawn]) - f1([best[tools][index] for index in drawn]) for tools in TRI
    )


def pair_f1(tallies: Sequence[Tally]) -> float:
    right = sum(one.joined_right for one in tallies)
    return 2 * right / max(1, sum(one.joined + one.duplicates for one in tallies))


def certain_f1(tallies: Sequence[Tally]) -> float:
    """Of pairs where both tell of something known."""
    right = sum(one.joined_right for one in tallies)
    return 2 * right / max(1, sum(one.certain_joined + one.duplicates for one in tallies))


def pair_precision(tallies: Sequence[Tally]) -> float:
    return sum(one.joined_right for one in tallies) / max(1, sum(one.joined for one in tallies))


def precision_5(tallies: Sequence[Tally]) -> float:
    return fmean(one.precision_5 for one in tallies)


if __name__ == "__main__":
    main()
