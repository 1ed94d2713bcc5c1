"""How well an answer is found in an e-mail: pairs of real letters and the answers in them, as people saw these."""

import time
from pathlib import Path

from inbox.email_replies import trim_reply

DEFAULT = Path("../shared/data/email_replies")
LARGE = 767_000  # bytes of one quote
LEAST_EXACT, MOST_LOST = 0.8, 0
LOST = 0.5  # share of the answer's words that are missing


def measure(paths):
    """Print the share of answers found exactly and of those lost, and the time that a very long quote takes."""
    folder = Path(paths[0]) if paths else DEFAULT
    wrong, lost, names = [], [], sorted(path.name for path in (folder / "emails").iterdir())
    for name in names:
        found = trim_reply((folder / "emails" / name).read_text()).text
        expected = (folder / "trimmed" / name).read_text()
        if plain(found) != plain(expected):
            wrong.append(name)
        if share_missing(expected, found) > LOST:
            lost.append(name)
    exact = 1 - len(wrong) / len(names)
    one, two = seconds_for(LARGE // 2), seconds_for(LARGE)
    print(f"letters {len(names)}, exact {exact:.1%} (at least {LEAST_EXACT:.0%}), lost {len(lost)}")
    print(f"not exact: {', '.join(wrong) or 'none'}")
    print(f"a quote of {LARGE // 1000} kB: {two * 1000:.0f} ms, half of it {one * 1000:.0f} ms")
    return exact >= LEAST_EXACT and len(lost) <= MOST_LOST and two < 4 * one + 0.05


def plain(text):
    return " ".join(text.split())


def share_missing(expected, found):
    words, left = expected.split(), set(found.split())
    return sum(word not in left for word in words) / len(words) if words else 0


def seconds_for(size):
    quote = "> On 2026-01-02 the visit: Monday <a@b.example> wrote, the visit wrote: On\n"
    letter = "Friday is fine.\n\nOn Monday, Desk <desk@clinic.example> wrote:\n" + quote * (size // len(quote))
    started = time.perf_counter()
    trim_reply(letter)
    return time.perf_counter() - started
