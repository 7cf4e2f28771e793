"""Whether the server on this machine answers an address with 200; for a container's health check, without curl."""

import http.client
import os
import sys

PORT = int(os.environ.get("PORT", "8000"))


def status(path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=4)
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
    return connection.getresponse().status


if __name__ == "__main__":
    try:
        sys.exit(status(sys.argv[1]) != 200)
    except OSError as error:
        sys.exit(str(error))
