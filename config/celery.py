"""The background engine: Celery only wakes workers; what is to be done stands in the database."""

import os
import signal
from pathlib import Path

from celery import Celery
from celery.signals import worker_process_init
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["filesystem"] = "config.file_broker:Transport"

app = Celery("recare")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="telling")  # more of the inbox


@app.on_after_configure.connect
def make_broker_folders(sender: Celery, **kwargs: object) -> None:
    """Create the folders of the file broker, private to us; other brokers have none."""
    for name, folder in sender.conf.broker_transport_options.items():
        if "folder" in name:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


@worker_process_init.connect
def finish_the_task_in_hand(**kwargs: object) -> None:
    """Leave SIGTERM, which a stop sends to the whole group, to the main process: it lets running tasks end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
