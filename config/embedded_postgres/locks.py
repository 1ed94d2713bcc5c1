"""File locks that the operating system gives back when the holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


class FileLock:
    """An advisory lock on a file: shared by many or held by one, for as long as the file stays open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, *, shared: bool = False, wait: float = 0) -> bool:
        """Take the lock, trying for `wait` seconds; False if others hold it."""
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self.file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.05)

    def is_free(self) -> bool:
        """Tell whether nobody else holds the lock, leaving it free."""
        free = self.take()
        if free:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        return free

    def release(self) -> None:
        """Give the lock back and close the file."""
        os.close(self.file)
