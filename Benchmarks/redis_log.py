"""The sliding log in Redis: one Lua script, driven by redis-benchmark without pipelining over a unix socket."""
import os
import re
import subprocess
import time

from servers import HERE, find, sh

WINDOW = 3_600_000_000
# Enough calls to tell how many fill the time that was asked for; many connections make no fewer than that a second.
WARM_UP = 10_000
LEAST_RATE = 20_000
COUNT = """
local n = 0
for _, key in ipairs(redis.call('KEYS', 'user:*')) do n = n + redis.call('ZCARD', key) end
return n"""
# Members of the last half hour, as many as ARGV[1], the last of them that of ARGV[2].
FILL = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
for i = tonumber(ARGV[2]) + 1, tonumber(ARGV[1]) do
    local at = now - 1800000000 + i * 1000
    redis.call('ZADD', KEYS[1], at, string.format('%.0f', at))
end"""


def version():
    return re.search(r"v=([\d.]+)", sh(find("redis-server"), "--version")).group(1)


class Redis:
    """As delivered, but for what is kept on disk: nothing, or each write before its answer (`appendfsync always`)."""

    def __init__(self, folder, durable=False):
        self.socket = f"{folder}/redis.sock"
        self.log = open(f"{folder}/redis.log", "w")
        kept = ["--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"] if durable else [
            "--appendonly", "no"]
        self.process = subprocess.Popen(
            [find("redis-server"), "--port", "0", "--unixsocket", self.socket, "--dir", folder, "--save", "", *kept],
            stdout=self.log, stderr=self.log)
        while not os.path.exists(self.socket):
            if self.process.poll() is not None:
                raise SystemExit(f"Redis did not start: {open(self.log.name).read()}")
            time.sleep(0.05)
        if durable and self.cli("CONFIG", "GET", "appendfsync").split() != ["appendfsync", "always"]:
            raise SystemExit("Redis does not flush each write, the figures would be void")
        self.script = self.cli("SCRIPT", "LOAD", (HERE / "peers/sliding_log.lua").read_text())

    def cli(self, *words):
        return sh(find("redis-cli"), "-s", self.socket, *words).strip()

    def rate(self, in_flight, seconds, users, quota, rows=0):
        """Calls of random users for about `seconds`, beside `rows` older ones of the first user."""
        self.cli("FLUSHALL")
        # Of one user's key nothing is random.
        key = "user:__rand_int__" if users > 1 else "user:000000000000"
        for done in range(0, rows, 100_000):
            self.cli("EVAL", FILL, "1", key, str(min(rows, done + 100_000)), str(done))

        def load(calls):
            out = sh(
                find("redis-benchmark"), "-s", self.socket, "-c", str(in_flight), "-n", str(calls), "-r",
                str(users if users > 1 else 10**9), "--csv", "EVALSHA", self.script, "1", key, str(WINDOW), str(quota),
                "__rand_int__")
            fields = [field.strip('"') for field in out.strip().splitlines()[-1].split('","')]
            return {"rate": float(fields[1]), "p50_ms": float(fields[4]), "p99_ms": float(fields[6]), "calls": calls}

        warm_up = load(WARM_UP if in_flight > 1 else WARM_UP // 10)
        rate = max(warm_up["rate"], LEAST_RATE if in_flight > 16 else 0)
        answer = load(int(rate * seconds))
        self.check(rows + warm_up["calls"] + answer["calls"], users, quota)
        return answer

    def check(self, calls, users, quota):
        """That the script let in what it should: all, or as many of the one user as the quota says."""
        wanted = min(calls, quota) if users == 1 else calls
        found = int(self.cli("EVAL", COUNT, "0"))
        if found != wanted:
            raise SystemExit(f"Redis holds {found} calls in place of {wanted}; the figures are void")

    def stop(self):
        self.process.terminate()
        self.process.wait()
