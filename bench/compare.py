#!/usr/bin/env python3
"""Runs two builds of one Google Benchmark binary alternately and prints the ratio of their times.

usage: compare.py BEFORE AFTER [--rounds N] [-- BENCHMARK_OPTIONS...]
"""
import json
import statistics
import subprocess
import sys


def parse(arguments):
    options = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, options = arguments[:at], arguments[at + 1:]
    rounds = 5
    if "--rounds" in arguments:
        at = arguments.index("--rounds")
        rounds = int(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2:]
    if len(arguments) != 2 or rounds < 1:
        sys.exit(__doc__)
    return arguments, rounds, options


def times(binary, options):
    done = subprocess.run([binary, "--benchmark_format=json", *options], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = json.loads(done.stdout)["benchmarks"]
    return {row["name"]: row["real_time"] for row in rows
            if row.get("run_type") != "aggregate" and not row.get("error_occurred")}


def main():
    binaries, rounds, options = parse(sys.argv[1:])
    samples = [{}, {}]
    for round_index in range(rounds):
        # Who goes first alternates too.
        for side in ((0, 1) if round_index % 2 == 0 else (1, 0)):
            for name, value in times(binaries[side], options).items():
                samples[side].setdefault(name, []).append(value)
    print(f"{'case':<50} {'before/after':>12} {'spread':>16}")
    for name in samples[0]:
        if name not in samples[1]:
            continue
        before, after = samples[0][name], samples[1][name]
        ratios = [b / a for b, a in zip(before, after)]
        ratio = statistics.median(before) / statistics.median(after)
        print(f"{name:<50} {ratio:>12.3f} {min(ratios):>8.3f}-{max(ratios):.3f}")


if __name__ == "__main__":
    main()
