# pyxero: every manager of every API, its lists, one record, and the writes that it offers.

import os
import time

from xero import Xero
from xero.auth import OAuth2Credentials
import requests

from say import attempt

asked = requests.post(
    "https://identity.xero.com/connect/token",
    data={"grant_type": "client_credentials"},
    auth=(os.environ["XERO_CLIENT_ID"], os.environ["XERO_CLIENT_SECRET"]),
)
token = {**asked.json(), "expires_at": time.time() + 1700}
credentials = OAuth2Credentials(os.environ["XERO_CLIENT_ID"], os.environ["XERO_CLIENT_SECRET"], token=token)
credentials.tenant_id = os.environ["LOCAL_TENANT"]
xero = Xero(credentials)

NOWHERE = "00000000-0000-4000-8000-000000000000"
BODIES = {
    "Contacts": {"Name": "Kea Outdoor Hire"},
    "Accounts": {"Code": "9001", "Name": "Of a trial", "Type": "EXPENSE"},
    "Items": {"Code": "KAYAK", "Name": "A kayak"},
    "ContactGroups": {"Name": "Hirers"},
    "TrackingCategories": {"Name": "Of a trial"},
    "Invoices": {"Type": "ACCREC", "Contact": {"Name": "Kea"}, "LineItems": [{"Description": "x", "Quantity": 1, "UnitAmount": 1, "AccountCode": "200"}]},
}
for area, owner in [("accounting", xero), ("files", xero.filesAPI), ("payroll", xero.payrollAPI), ("projects", xero.projectsAPI)]:
    for name in owner.OBJECT_LIST:
        manager = getattr(owner, name.lower())
        rows = attempt(area + "." + name + ".all", manager.all) if hasattr(manager, "all") else None
        first = rows[0] if isinstance(rows, list) and rows else {}
        key = next((key for key in first if key.endswith("ID") or key.endswith("Id")), None)
        if hasattr(manager, "get"):
            attempt(area + "." + name + ".get", lambda: manager.get(first.get(key) or NOWHERE))
        if hasattr(manager, "filter"):
            attempt(area + "." + name + ".filter", lambda: manager.filter(page=1))
        if name in BODIES and area == "accounting":
            attempt(area + "." + name + ".put", lambda: manager.put(BODIES[name]))
