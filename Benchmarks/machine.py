"""Where the figures come from."""
import os
import platform
import re
import subprocess
import tempfile

from servers import find


def processor():
    return next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")


def memory_gib():
    line = next(line for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return round(int(line.split()[1]) / 1_048_576)


def machine():
    return f"{os.cpu_count()} cores ({processor()}), Linux {platform.release()}, everything on this one machine"


def wrk_version():
    done = subprocess.run([find("wrk"), "-v"], text=True, capture_output=True)
    return re.search(r"wrk (?:debian/)?([\d.]+)", done.stdout + done.stderr).group(1)


def flushes():
    """How many times a second 8 kB are written and flushed where temporary files are, one after the other; `None` where
    pg_test_fsync is missing."""
    try:
        program = find("pg_test_fsync")
    except SystemExit:
        return None
    with tempfile.TemporaryDirectory(prefix="fsync-") as folder:
        process = subprocess.Popen(
            [program, "-s", "2", "-f", f"{folder}/file"], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            for line in process.stdout:
                found = re.match(r"\s+fdatasync\s+([\d.]+) ops/sec", line)
                if found:
                    return float(found.group(1))
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
    return None


def busy():
    """Processes that ran or waited on average in the last minute."""
    return os.getloadavg()[0]


def facts(postgres_version, redis_version, litellm_version):
    rate = flushes()
    return [
        f"- {machine()}, {memory_gib()} GiB of memory"
        + (f"; the disk flushes 8 kB {rate:,.0f} times a second (fdatasync)" if rate else ""),
        f"- PostgreSQL {postgres_version}, Redis {redis_version}, wrk {wrk_version()}, LiteLLM {litellm_version}",
        f"- {busy():.1f} processes ran or waited in the minute before"]
