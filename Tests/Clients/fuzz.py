"""Asks a running replica what its OpenAPI document allows, and what it does not, with schemathesis.

Arguments: the replica's address, a credential, how many examples of each operation, the seed. Fails with the reports of answers
that are not as the document says, or say that the service failed.
"""

import os
import subprocess
import sys

address, credential, examples, seed = sys.argv[1:]

# Whether a body is good is for the providers to say; a header of another credential is refused whatever the rest is like.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
]

result = subprocess.run(
    [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"),
        "run",
        f"{address}/openapi.json",
        f"--header=Authorization: Bearer {credential}",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--generation-database=none",
        "--continue-on-failure",
        "--warnings=off",
        "--request-timeout=60",
        "--suppress-health-check=all",
        "--no-color",
    ]
)
sys.exit(result.returncode)
