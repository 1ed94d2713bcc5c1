"""Repeating an act and saying how long it took: medians and tails in milliseconds."""

import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """p50 and p95 in milliseconds over `count` repetitions; `size` is the bytes of the last answer."""

    p50: float
    p95: float
    count: int
    size: int = 0


def timed(act, *, count=200, warm=5):
    """Run `act` (returns bytes or a number of bytes) `warm` times unmeasured, then `count` times measured."""
    for _turn in range(warm):
        act()
    taken, size = [], 0
    for _turn in range(count):
        started = time.perf_counter()
        answer = act()
        taken.append((time.perf_counter() - started) * 1000)
        size = len(answer) if isinstance(answer, bytes) else answer or 0
    taken.sort()
    return Timing(statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.95))], count, size)


@dataclass(frozen=True)
class Result:
    """One line of the table: ours beside the floor, with what was to be reached."""

    case: str
    ours: Timing
    target: str
    passed: bool
    floor: Timing | None = None
    statements: int | None = None

    def as_dict(self):
        return {
            "case": self.case,
            "p50_ms": round(self.ours.p50, 1),
            "p95_ms": round(self.ours.p95, 1),
            "bytes": self.ours.size,
            "repetitions": self.ours.count,
            "floor_p50_ms": round(self.floor.p50, 1) if self.floor else None,
            "ratio": round(self.ours.p50 / self.floor.p50, 2) if self.floor else None,
            "statements": self.statements,
            "target": self.target,
            "passed": self.passed,
        }
