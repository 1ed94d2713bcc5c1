"""The broker of files loses nobody: half a message is never seen, and a broken one stops no worker."""

import pytest
from kombu import Connection
from kombu.transport.virtual import Empty

import config.celery  # noqa: F401 - names the broker


@pytest.fixture
def broker(tmp_path):
    folders = {"data_folder_in": tmp_path / "queue", "data_folder_out": tmp_path / "queue"}
    folders |= {"control_folder": tmp_path / "control", "processed_folder": tmp_path / "done"}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    options = {name: str(folder) for name, folder in folders.items()}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield connection.default_channel


def test_what_is_put_is_got_once(broker):
    broker._put("celery", {"body": "one"})

    assert broker._get("celery") == {"body": "one"}
    with pytest.raises(Empty):
        broker._get("celery")


def test_a_message_that_is_not_whole_yet_is_not_seen_and_an_empty_one_is_passed_over(broker, tmp_path):
    (tmp_path / "queue" / "1_half.celery.msg").write_bytes(b"")
    (tmp_path / "queue" / ".2_begun.celery.msg.begun").write_bytes(b"{")
    broker._put("celery", {"body": "whole"})

    assert broker._get("celery") == {"body": "whole"}
    with pytest.raises(Empty):
        broker._get("celery")


def test_the_house_speaks_through_it(broker):
    assert type(broker).__module__ == "config.file_broker"
