# The Singer tap for Xero: one run for each stream of its catalogue. An attempt is good if the tap wrote a record.

import json
import os
import subprocess
import sys
from pathlib import Path

from say import say

tap = str(Path(__file__).parent / "tap/bin/tap-xero")
with open("login.json") as file:
    login = json.load(file)
config = {
    "client_id": login["clientId"],
    "client_secret": login["clientSecret"],
    "refresh_token": login["refresh_token"],
    "tenant_id": login["tenant"],
    "start_date": "2020-01-01T00:00:00Z",
    "user_agent": "trial",
}
Path("config.json").write_text(json.dumps(config))
# The tap sends prepared requests, for which `requests` reads no variable about certificates.
Path("sitecustomize.py").write_text('import certifi, os\ncertifi.where = lambda: os.environ["SSL_CERT_FILE"]\n')
env = {**os.environ, "PYTHONPATH": os.getcwd()}


def run(*args):
    return subprocess.run([tap, "--config", "config.json", *args], capture_output=True, text=True, timeout=300, env=env)


found = run("--discover")
if found.returncode != 0:
    say("discover", found.stderr[-200:])
    sys.exit(0)
say("discover")
catalog = json.loads(found.stdout)
for stream in catalog["streams"]:
    for entry in stream["metadata"]:
        if entry["breadcrumb"] == []:
            entry["metadata"]["selected"] = True
    Path("catalog.json").write_text(json.dumps({"streams": [stream]}))
    ran = run("--catalog", "catalog.json")
    records = sum('"type": "RECORD"' in line or '"type":"RECORD"' in line for line in ran.stdout.splitlines())
    say(stream["stream"], ran.stderr[-200:] if ran.returncode != 0 else None, count=records)
