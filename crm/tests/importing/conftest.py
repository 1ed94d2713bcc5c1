from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"


@pytest.fixture
def shared():
    """A function from a name to a file of the shared data; skips the test where that is not at hand."""

    def find(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"shared data are not here: {name}")
        return path

    return find
