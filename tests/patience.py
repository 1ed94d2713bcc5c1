"""How long something may take, on a machine that may be busy with other tests as well."""

import os


def unhurried(seconds):
    """A limit of so many seconds, which holds where the machine is not busy; five times as long where it is."""
    return seconds if os.getloadavg()[0] < (os.cpu_count() or 1) else 5 * seconds
