"""`python -m tests.standins`: every stand-in vendor on its fixed port, until Ctrl-C; with `NAME PORT` only that one.

Prints what to put into the environment of `make run`. `--organization URL` says which organisation their webhooks go to.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()  # the stand-ins hear and speak with the embedded engine, which reads settings
    from tests.standins.vendors import FIXED_PORTS, environment, report_to, stand_in

    parser = argparse.ArgumentParser(prog="python -m tests.standins", description="Stand-in vendors on loopback.")
    parser.add_argument("name", nargs="?", choices=sorted(FIXED_PORTS))
    parser.add_argument("port", nargs="?", type=int)
    parser.add_argument("--organization", default=f"http://localhost:{os.environ.get('PORT', '8000')}/org/acme")
    wanted = parser.parse_args()
    ports = {wanted.name: wanted.port or FIXED_PORTS[wanted.name]} if wanted.name else FIXED_PORTS

    stands = []
    for name, port in ports.items():
        stand = stand_in(name)
        report_to(stand, wanted.organization)
        thread = threading.Thread(target=stand.serve, args=(port,), daemon=True)
        thread.start()
        while not stand.base_url:
            if not thread.is_alive():
                print(f"{name}: port {port} is taken", file=sys.stderr)
                return 1
            time.sleep(0.01)
        stands.append(stand)

    print(f"{len(stands)} stand-in vendors are serving; webhooks go to {wanted.organization}.")
    print("Start Parley with these, and with VOICE_PROVIDER set to the one that is to speak:\n")
    for stand in stands:
        print("\n".join(f"{key}={value}" for key, value in environment(stand).items()))
    print('\nMisbehaviour on demand:\n  curl -d \'{"fault": "limit_429"}\' URL/__standin__/misbehave')
    print("Ctrl-C stops them.", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    # Blocked before any thread starts, so that the one that waits is the one that gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    sys.exit(main())
