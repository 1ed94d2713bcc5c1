"""The broker of files, made safe to write and read at the same moment.

The package writes a message where it is read from: whoever reads too early finds an empty file, and a worker that meets
one ends. Here a message is whole when it is seen, and what cannot be read is passed over: the truth stands in the
database, and a sweep finds what was not woken.
"""

import uuid
from pathlib import Path
from time import monotonic

import structlog
from kombu.exceptions import ChannelError
from kombu.transport.filesystem import Channel as FileChannel
from kombu.transport.filesystem import Transport as FileTransport
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

log = structlog.get_logger("recare.broker")


class Channel(FileChannel):
    def _put(self, queue, payload, **kwargs):
        """Write a message beside the queue, under a name that nobody looks for, and move it in."""
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        begun = folder / f".{name}.begun"
        try:
            begun.write_bytes(str_to_bytes(dumps(payload)))
            begun.replace(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error

    def _get(self, queue):
        """The next message that can be read."""
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                log.warning("broken message passed over", queue=queue)


class Transport(FileTransport):
    Channel = Channel
