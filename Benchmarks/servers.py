"""Servers that the measurements start for themselves, on unix sockets and the loopback, and how programs are run."""
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / "Benchmarks"
PACKAGES = {"redis-server": "redis-server", "redis-cli": "redis-tools", "redis-benchmark": "redis-tools", "wrk": "wrk"}


def sh(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode:
        raise SystemExit(f"{os.path.basename(command[0])} failed with {done.returncode}: {done.stderr.strip()[-2_000:]}")
    return done.stdout


def find(program):
    found = shutil.which(program) or next(
        iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"), reverse=True)), None)
    if not found:
        raise SystemExit(f"{program} is missing: apt-get install {PACKAGES.get(program, 'postgresql')}")
    return found


class Postgres:
    """A private cluster with default settings (fsync on), but for connections and what is asked for."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.data = f"{folder}/data"
        self.settings = {"listen_addresses": "", "max_connections": "300", **settings}
        self.account = []
        if os.geteuid() == 0:
            name = next(n for n in ("postgres", "nobody") if any(u.pw_name == n for u in pwd.getpwall()))
            shutil.chown(folder, name)
            self.account = ["setpriv", "--reuid", name, "--regid", str(pwd.getpwnam(name).pw_gid), "--clear-groups"]
        self.admin("initdb", "-D", self.data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def start(self):
        log = open(f"{self.folder}/postgres.log", "a")
        settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [*self.account, find("postgres"), "-D", self.data, "-k", self.folder, *settings], stdout=log, stderr=log, cwd="/")
        for _ in range(600):
            if subprocess.run([find("pg_isready"), "-h", self.folder, "-q"]).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL did not start: {open(log.name).read()}")

    def admin(self, program, *arguments):
        return sh(*self.account, find(program), *arguments, cwd="/")

    def psql(self, sql, database="postgres"):
        return sh(find("psql"), "-h", self.folder, "-U", "bench", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1",
                  "-c", sql).strip()

    def url(self, name):
        return f"host={self.folder} user=bench dbname={name}"

    def fresh(self, name, template="template1"):
        self.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.psql("CHECKPOINT")
        return self.url(name)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def restart(self):
        self.stop()
        self.start()
