"""Started as a folder (`python config/embedded_postgres`), so that Celery and the settings stay out."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from embedded_postgres.command import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
