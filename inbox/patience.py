"""How long the sender waits for what. The first three hang together: see docs/sending.md before changing one."""

from datetime import timedelta

TIMEOUT = timedelta(seconds=10)  # of one call to a carrier, connecting and reading together
LEASE = timedelta(seconds=30)  # of a message in the hand of a worker that calls; at least twice the TIMEOUT
GRACE = timedelta(seconds=60)  # until a carrier is asked: longer than it takes to accept what it has begun to read
HELD = timedelta(seconds=60)  # of messages that a worker has claimed together and not handed over yet

# A message that a carrier could not take just now, or that did not arrive for a passing reason: tried again after.
TRY_AGAIN = [
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
]
# A message of which nobody knows whether it went: its carrier is asked again after; then a person decides.
ASK_AGAIN = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=6),
]
STUCK_AFTER = timedelta(minutes=10)  # due for longer than this and not gone, without a reason: admins are told
EARLY_REPORTS_KEPT = timedelta(days=7)


def next_pause(pauses, tries):
    """The pause after so many tries, or None when it is enough."""
    return pauses[tries - 1] if 0 < tries <= len(pauses) else None
