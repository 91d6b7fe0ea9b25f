"""`python -m config.runtime.healthy`: exit 0 where the web process of this machine answers that all is well."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


def answers_healthy(port: int, site_url: str) -> bool:
    """Ask `/health` on loopback, under the site's own name so that the host is allowed."""
    host = urlsplit(site_url).netloc
    request = urllib.request.Request(f"http://127.0.0.1:{port}/health", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    sys.exit(not answers_healthy(port, os.environ.get("SITE_URL", f"http://localhost:{port}")))
