# Authlib at Xero's own addresses: client credentials, a login with PKCE, the ID token by the published keys, a refresh.

import os

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt

from say import attempt

CALLBACK = "http://localhost:8765/callback"
state = {}


def discovery():
    state["server"] = requests.get("https://identity.xero.com/.well-known/openid-configuration").json()
    assert state["server"]["issuer"] == "https://identity.xero.com"


def client_credentials():
    session = OAuth2Session(os.environ["XERO_CLIENT_ID"], os.environ["XERO_CLIENT_SECRET"])
    session.fetch_token(state["server"]["token_endpoint"], grant_type="client_credentials")
    session.get("https://api.xero.com/api.xro/2.0/Organisation", headers={"Accept": "application/json"}).raise_for_status()


def login():
    session = OAuth2Session(
        os.environ["LOCAL_WEB_ID"],
        os.environ["LOCAL_WEB_SECRET"],
        scope="openid email offline_access accounting.settings",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )
    verifier = "v" * 64
    address, own = session.create_authorization_url(state["server"]["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
    answer = requests.get(address, allow_redirects=False)
    state["token"] = session.fetch_token(
        state["server"]["token_endpoint"], authorization_response=answer.headers["Location"], state=own, code_verifier=verifier
    )
    state["session"] = session


def id_token():
    keys = JsonWebKey.import_key_set(requests.get(state["server"]["jwks_uri"]).json())
    claims = jwt.decode(state["token"]["id_token"], keys)
    claims.validate()
    assert claims["nonce"] == "n-1" and claims["iss"] == "https://identity.xero.com"


def refresh():
    state["session"].refresh_token(state["server"]["token_endpoint"])


def connections():
    state["session"].get("https://api.xero.com/connections").raise_for_status()


def revoke():
    state["session"].revoke_token(state["server"]["revocation_endpoint"], token_type_hint="refresh_token").raise_for_status()


for act in [discovery, client_credentials, login, id_token, refresh, connections, revoke]:
    attempt(act.__name__, act)
