"""`python -m config.runtime.audit`: known vulnerabilities of what the lock files name.

A service that cannot be reached is said and does not fail the check; a vulnerability does. `IGNORED` holds advisories that
do not concern us, each with the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .frontend import node_path
from .places import ROOT

IGNORED: dict[str, str] = {}
SECONDS = 240


def audit_python() -> bool:
    """Whether the locked Python packages are free of known vulnerabilities; True too where nobody could be asked."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        export = ["uv", "export", "--frozen", "--quiet", "--no-emit-project", "--no-hashes", "-o", str(requirements)]
        subprocess.run([sys.executable, "-m", *export], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        command = ["pip_audit", "-r", str(requirements), "--disable-pip", "--no-deps", "--progress-spinner=off"]
        command += ["--format=json", "--timeout=15", *(f"--ignore-vuln={name}" for name in IGNORED)]
        try:
            result = subprocess.run(
                [sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            print("Python packages were not audited: the advisory service did not answer in time.")
            return True
    try:
        dependencies = json.loads(result.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        reason = (result.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"Python packages were not audited: {reason[:200]}")
        return True
    found = [(package, flaw) for package in dependencies for flaw in package.get("vulns", [])]
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "none yet"
        print(f"{package['name']} {package['version']}: {flaw['id']}, fixed in: {fixed}")
    print(f"Python packages: {len(dependencies)} audited, {len(found)} vulnerabilities.")
    return not found


def audit_npm() -> bool:
    """The same for the npm packages that reach a browser."""
    environment = {**os.environ, "PATH": node_path() or os.defpath}
    command = ["npm", "audit", "--omit=dev", "--json"]
    try:
        result = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        total = json.loads(result.stdout)["metadata"]["vulnerabilities"]["total"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        print("npm packages were not audited: the advisory service gave no answer.")
        return True
    if total:
        print(result.stdout)
    print(f"npm packages: audited, {total} vulnerabilities.")
    return not total


if __name__ == "__main__":
    sys.exit(not all([audit_python(), audit_npm()]))
