"""A replica of Sluice."""
import os
import subprocess


class Replica:
    """`sluice serve`, which ends with its standard input. Its journal and log are in `folder`."""

    def __init__(self, program, url, folder, **settings):
        environment = {
            "PATH": os.environ["PATH"], "DATABASE_URL": url, "LISTEN_PORT": "0", "RATE_LIMIT_REQUESTS": "0",
            "SLUICE_JOURNAL_DIR": f"{folder}/journal", "SLUICE_DATA_DIR": folder, "SLUICE_LOG_LEVEL": "warning",
            **settings}
        self.log = open(f"{folder}/sluice.log", "a")
        self.process = subprocess.Popen(
            [program, "serve", "--supervised"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"the replica did not start: {open(self.log.name).read()}")
        self.port = int(line.split()[1])

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
