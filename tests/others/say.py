# The report of an attempt: a line of JSON. The runner answers with a line when it has looked at what the local Xero sent.

import json
import sys


def say(name, error=None, **more):
    line = {"name": name, "ok": error is None, **more}
    if error is not None:
        text = str(error) if isinstance(error, str) else type(error).__name__ + ": " + str(error)
        line["error"] = text[:200]
    print(json.dumps(line), flush=True)
    sys.stdin.readline()


def attempt(name, act):
    """Tries something and reports it. Returns its value, or None if it failed."""
    try:
        value = act()
    except Exception as error:
        say(name, error)
        return None
    say(name)
    return value
