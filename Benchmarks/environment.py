"""A throw-away Python environment for what comes from PyPI, made once and kept in the user's cache."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

from servers import HERE

REQUIREMENTS = HERE / "requirements.txt"


def folder():
    """Where it is; it is made when it is not there, or when it was made of other requirements."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    environment = cache / "sluice-benchmarks" / wanted
    if not (environment / "complete").exists():
        make(environment)
    return environment


def make(environment):
    print(f"making a Python environment of {REQUIREMENTS.name}, once", file=sys.stderr, flush=True)
    shutil.rmtree(environment, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(environment)])
    run([f"{environment}/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", str(REQUIREMENTS)])
    (environment / "complete").touch()


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise SystemExit(f"{' '.join(map(str, command))} failed: {last}")


def version(package):
    """Of a package that the requirements name."""
    lines = REQUIREMENTS.read_text().splitlines()
    return next(line.split("==")[1] for line in lines if line.split("[")[0].split("==")[0] == package)
