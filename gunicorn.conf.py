"""How gunicorn serves the app, wherever it is started from this folder; its command line goes before.

docs/deploy.md says what can be set; decision: docs/adr/0024-a-service-that-withstands.md.
"""

worker_class = "necapp.worker.GatheringWorker"
workers = 2
threads = 8
worker_connections = 1000  # of a worker; the one that has waited longest makes room
keepalive = 15
timeout = 60  # a worker that does not answer its parent is started anew
graceful_timeout = 30
# A second server beside the first that nobody uses: it fails in a home that cannot be written, and says so as an error.
control_socket_disable = True
# Not the address with its question, which may be anything that somebody typed.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(L)ss'
