"""Waking workers: one start is enough for all that was kept within a moment, and none of it is passed over."""

import pytest

from clinics import background
from clinics.background import PAUSE, wake_for_all


@pytest.fixture
def started(monkeypatch, settings, clinic):
    """The starts of tasks, as seconds after the first moment; the clock stands where `at` says."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    at, starts = [100.0], []

    class Timer:
        def __init__(self, wait, _act, _arguments):
            self.wait = wait

        def start(self):
            starts.append(round(at[0] + self.wait - 100, 3))

    monkeypatch.setattr(background, "_planned", {})
    monkeypatch.setattr(background, "Timer", Timer)
    monkeypatch.setattr(background, "_start", lambda *_arguments: starts.append(round(at[0] - 100, 3)))
    monkeypatch.setattr(background.time, "monotonic", lambda: at[0])
    return at, starts


def test_many_at_once_start_the_task_now_and_once_more_for_the_rest(started, django_capture_on_commit_callbacks):
    at, starts = started

    for moment in (0, 0.01, 0.02, PAUSE + 0.01, 3):
        at[0] = 100 + moment
        with django_capture_on_commit_callbacks(execute=True):
            wake_for_all("crm.tasks.process_submissions")

    assert starts == [0, PAUSE, 2 * PAUSE, 3]


def test_each_task_and_clinic_is_started_for_itself(started, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        wake_for_all("one")
        wake_for_all("two")

    assert started[1] == [0, 0]
