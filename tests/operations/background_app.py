"""The product's own Celery app with one task more, for the worker that tests start as a process of its own."""

from pathlib import Path

from config.celery import app


@app.task(name="tests.leave_mark")
def leave_mark(path: str) -> None:
    """Write a line into a file, which is how the test sees that the worker worked."""
    with Path(path).open("a") as file:
        file.write("done\n")
