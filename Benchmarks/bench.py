"""Everything that measurements need, each server started when the first of them asks for it."""
import contextlib
import functools
import os
import shutil
import signal
import tempfile

import environment
import gateway
from library import Library
from litellm_proxy import LiteLLM
from redis_log import Redis
from servers import Postgres


class Bench(contextlib.ExitStack):
    """As a context, it stops what was started and removes the folder at its end, whatever ends it."""

    def __init__(self, programs):
        super().__init__()
        self.programs = programs
        self.folder = tempfile.mkdtemp(prefix="sluice-bench-")
        os.chmod(self.folder, 0o755)
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def __exit__(self, *failure):
        # A second Ctrl-C would leave servers behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return super().__exit__(*failure)

    def subfolder(self, name):
        folder = tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder)
        os.chmod(folder, 0o755)
        return folder

    def stopping(self, server):
        self.callback(server.stop)
        return server

    @functools.cached_property
    def postgres(self):
        return self.stopping(Postgres(self.subfolder("pg")))

    @functools.cached_property
    def redis(self):
        return self.stopping(Redis(self.subfolder("redis")))

    @functools.cached_property
    def durable_redis(self):
        return self.stopping(Redis(self.subfolder("redis"), durable=True))

    @functools.cached_property
    def library(self):
        return Library(self.programs["sluice-bench"], self.postgres)

    @functools.cached_property
    def stand(self):
        return self.stopping(gateway.Stand(self.programs, self.postgres, self.folder))

    @functools.cached_property
    def litellm(self):
        self.stand.ready()
        proxy = self.stopping(LiteLLM(environment.folder(), self.stand.model, self.subfolder("litellm")))
        # Its first calls import modules.
        with proxy.awake():
            self.stand.call(proxy.port, connections=gateway.CONNECTIONS, seconds=1)
        return proxy

    def completion(self, seconds):
        """Plain completions through Sluice, as fast as they are answered."""
        self.stand.ready()
        with self.stand.enforcing() as counts:
            answer = self.answered(self.stand.call("gateway", connections=gateway.CONNECTIONS, seconds=seconds))
            counts.append(sum(answer["statuses"].values()))
        return answer

    def litellm_completion(self, seconds):
        """The same through LiteLLM's proxy."""
        with self.litellm.awake():
            return self.answered(self.stand.call(self.litellm.port, connections=gateway.CONNECTIONS, seconds=seconds))

    def answered(self, answer):
        if answer["failed"] or set(answer["statuses"]) != {"200"}:
            raise SystemExit(f"not all completions were answered, the figures are void: {answer}")
        return answer
