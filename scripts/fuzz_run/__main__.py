"""Command line of the fuzz: see ./scripts/fuzz."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from random import SystemRandom
import sys
from time import monotonic

from scripts.seeded_chunks import MAX_FAILURES, add_arguments, run_chunks

from .worker import run_chunk

INPUTS_PER_SEED = 250
"""One Home Assistant receives all inputs of a seed."""


def main() -> int:
    """Send the inputs: half of them are the same in each run, half are new."""
    parser = ArgumentParser(description=__doc__)
    add_arguments(parser, name="inputs")
    parser.set_defaults(examples=10_000)
    arguments = parser.parse_args()
    half = arguments.examples // 2
    new_seed = SystemRandom().randrange(10**6, 10**9)
    started = monotonic()
    answers: Counter[str] = Counter()
    failed: list[int] = []
    for seed, inputs in (
        (arguments.seed, arguments.examples - half),
        (new_seed, half),
    ):
        part = Namespace(**vars(arguments) | {"seed": seed, "examples": inputs})
        for result in run_chunks(run_chunk, part, size=INPUTS_PER_SEED):
            answers += result.answers
            if result.failure:
                failed.append(result.seed)
                print(f"\nSeed {result.seed}:\n{result.failure}", flush=True)
            if len(failed) >= MAX_FAILURES:
                break
    print("\n| answer | times |\n|---|--:|")
    for answer, times in sorted(answers.items()):
        print(f"| {answer} | {times} |")
    minutes = (monotonic() - started) / 60
    print(
        f"\n{answers.total()} inputs, from seed {arguments.seed} and {new_seed}",
        end=" ",
    )
    print(f"in {minutes:.1f} minutes; {len(failed)} seeds failed {failed or ''}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
