# Xero's own SDK for Python by every method: plan.json has the values and the bodies.

import importlib
import inspect
import json
import os
import re

from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token

from say import attempt

APIS = {
    "accounting": ("accounting", "AccountingApi"),
    "appStore": ("appstore", "AppStoreApi"),
    "assets": ("assets", "AssetApi"),
    "files": ("file", "FilesApi"),
    "finance": ("finance", "FinanceApi"),
    "payrollAu": ("payrollau", "PayrollAuApi"),
    "payrollAuV2": ("payrollauv2", "PayrollAuV2Api"),
    "payrollNz": ("payrollnz", "PayrollNzApi"),
    "payrollUk": ("payrolluk", "PayrollUkApi"),
    "projects": ("project", "ProjectApi"),
}


def plain(name):
    return re.sub("[^a-z0-9]", "", name.lower())


token = {}
configuration = Configuration(
    oauth2_token=OAuth2Token(client_id=os.environ["XERO_CLIENT_ID"], client_secret=os.environ["XERO_CLIENT_SECRET"])
)
# urllib3 reads neither of the variables.
configuration.proxy = os.environ["HTTPS_PROXY"]
configuration.ssl_ca_cert = os.environ["SSL_CERT_FILE"]
client = ApiClient(
    configuration, oauth2_token_saver=token.update, oauth2_token_getter=lambda: token or None, pool_threads=1
)
attempt("get_client_credentials_token", client.get_client_credentials_token)

with open("plan.json") as file:
    plan = json.load(file)
for call in plan:
    module, name = APIS.get(call["api"], (None, None))
    if not module:
        continue
    api = getattr(importlib.import_module("xero_python." + module), name)(client)
    methods = [own for own in dir(api) if plain(own) == plain(call["id"]) and not own.startswith("_")]
    if not methods:
        continue
    method = getattr(api, methods[0])
    given = {plain(key): value for key, value in call["values"].items()}
    arguments = {}
    for key, parameter in inspect.signature(method).parameters.items():
        if plain(key) in given:
            arguments[key] = given[plain(key)]
        elif key == "xero_tenant_id":
            arguments[key] = os.environ["LOCAL_TENANT"]
        elif parameter.default is inspect.Parameter.empty:
            texts = {"content_type": "text/plain", "mime_type": "text/plain", "body": b"kayak", "name": "kayak.txt", "filename": "kayak.txt"}
            arguments[key] = texts[key] if key in texts and not (key == "body" and "body" in call) else call.get("body")
    attempt(call["api"] + "." + methods[0], lambda: method(**arguments))
