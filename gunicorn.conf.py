"""How gunicorn serves the app, wherever it is started from this folder; its command line goes before.

docs/deploy.md says what can be set; decision: docs/adr/0024-a-service-that-withstands.md.
"""

import os
from pathlib import Path
from typing import Any

worker_class = "necapp.worker.GatheringWorker"
workers = 2
threads = 8
worker_connections = 1000  # of a worker; the one that has waited longest makes room
keepalive = 15
timeout = 60  # a worker that does not answer its parent is started anew
graceful_timeout = 30
# A second server beside the first that nobody uses: it fails in a home that cannot be written, and says so as an error.
control_socket_disable = True
# Neither address nor method, which may be anything that somebody typed: the number is that of the app's own line.
access_log_format = "%(h)s %(t)s %(s)s %(B)s %(L)ss %({x-request-id}o)s"


def on_starting(server: Any) -> None:
    """Workers count in a folder together, if one is named: made here, without what those of before counted."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for file in Path(folder).glob("*.db"):
            file.unlink()
