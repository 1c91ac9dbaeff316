# Calls the API with Xero's own package for Python, through the base that it is given.
import sys
import time
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token

base, token = sys.argv[1:]
client = ApiClient(Configuration(oauth2_token=OAuth2Token(client_id="id", client_secret="none")))
known = {
    "access_token": token,
    "token_type": "Bearer",
    "expires_in": 1800,
    "expires_at": time.time() + 1800,
    "refresh_token": "none",
    "scope": ["accounting.invoices"],
}
client.oauth2_token_getter(lambda: known)
client.oauth2_token_saver(lambda token: None)
api = AccountingApi(client, base_url=base + "/api.xro/2.0")
print(len(api.get_invoices("").invoices))
