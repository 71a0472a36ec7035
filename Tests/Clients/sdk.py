"""Calls a service with the official SDK of OpenAI or Anthropic, unmodified, as a plan says.

The plan is the JSON text of the first argument:

    {"sdk": "openai" | "anthropic", "base_url": …, "key": …, "max_retries": 2,
     "steps": [{"call": "chat.completions.create", "arguments": {…}, "key": null}, …]}

A step may have a key of its own.

What comes of it is printed as it comes, one JSON object a line: {"step", "event"} for each event of a stream, then
{"step", "status", "headers", "body"}, where a stream has no body, or {"step", "error", "status", "headers", "body"} with the name
of the exception.
"""

import json
import sys


def tell(step, **members):
    print(json.dumps({"step": step, **members}, sort_keys=True), flush=True)


def make_client(plan):
    if plan["sdk"] == "openai":
        from openai import APIError, OpenAI as Client
    else:
        from anthropic import APIError, Anthropic as Client
    return APIError, Client(
        base_url=plan["base_url"], api_key=plan["key"], max_retries=plan["max_retries"], timeout=300
    )


def resource_of(client, call):
    """The method of the client that a call names, such as chat.completions.create."""
    path, _, method = call.rpartition(".")
    for name in path.split("."):
        client = getattr(client, name)
    return getattr(client.with_raw_response, method)


def run(client, number, step):
    arguments = step["arguments"]
    raw = resource_of(client, step["call"])(**arguments)
    answer = raw.parse()
    body = None
    if arguments.get("stream"):
        for event in answer:
            tell(number, event=event.model_dump(mode="json"))
    else:
        body = answer.model_dump(mode="json")
    tell(number, status=raw.status_code, headers=dict(raw.headers), body=body)


def main():
    plan = json.loads(sys.argv[1])
    api_error, client = make_client(plan)
    for number, step in enumerate(plan["steps"]):
        try:
            run(client.copy(api_key=step["key"]) if step["key"] else client, number, step)
        except api_error as error:
            response = getattr(error, "response", None)
            tell(
                number,
                error=type(error).__name__,
                status=response.status_code if response is not None else None,
                headers=dict(response.headers) if response is not None else {},
                body=getattr(error, "body", None),
            )


main()
