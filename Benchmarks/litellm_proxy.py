"""LiteLLM's proxy as its documentation starts it: one worker, no database, and here nobody asked for a key."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

CONFIGURATION = {
    "model_list": [{"model_name": "bench-1", "litellm_params": {"model": "openai/bench-1", "api_key": "sk-bench"}}],
    "litellm_settings": {"telemetry": False},
}
START_SECONDS = 180


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class LiteLLM:
    def __init__(self, environment, model, folder):
        configuration = json.loads(json.dumps(CONFIGURATION))
        configuration["model_list"][0]["litellm_params"]["api_base"] = f"http://127.0.0.1:{model.port}/v1"
        # JSON is YAML.
        with open(f"{folder}/litellm.yaml", "w") as file:
            json.dump(configuration, file)
        self.port = free_port()
        self.log = open(f"{folder}/litellm.log", "w")
        self.process = subprocess.Popen(
            [f"{environment}/bin/litellm", "--config", f"{folder}/litellm.yaml", "--host", "127.0.0.1", "--port",
             str(self.port), "--num_workers", "1", "--telemetry", "False"],
            env={"PATH": f"{environment}/bin:{os.environ['PATH']}", "HOME": folder, "NO_PROXY": "*",
                 "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            cwd=folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait()

    def wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/liveliness", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        self.stop()
        raise SystemExit(f"LiteLLM did not start: {open(self.log.name).read()[-2_000:]}")

    @contextlib.contextmanager
    def awake(self):
        """It stands still but within, so that what it does in the background takes nothing from others."""
        self.process.send_signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGSTOP)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
