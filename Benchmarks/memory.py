"""The resident memory of a process while something goes on."""
import statistics
import threading
import time


class Memory(threading.Thread):
    """Looks each second, in MiB."""

    def __init__(self, pid, pause=1):
        super().__init__(daemon=True)
        self.pid, self.pause, self.curve, self.begin = pid, pause, [], time.monotonic()
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(self.pause):
            status = dict(line.split(":", 1) for line in open(f"/proc/{self.pid}/status"))
            sizes = [int(status[name].split()[0]) / 1_024 for name in ("VmRSS", "RssAnon")]
            self.curve.append((time.monotonic() - self.begin, *sizes))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()

    def points(self, count=11):
        """As many, evenly over the time: seconds and MiB."""
        last = len(self.curve) - 1
        chosen = sorted({round(last * index / (count - 1)) for index in range(count)})
        return {f"{self.curve[index][0]:.0f} s": round(self.curve[index][1], 1) for index in chosen}

    def slope(self):
        """How it rises in the second half, by the least squares, in MiB per hour."""
        half = self.curve[len(self.curve) // 2:]
        return round(statistics.linear_regression([at for at, *_ in half], [size for _, size, _ in half]).slope * 3_600, 1)
