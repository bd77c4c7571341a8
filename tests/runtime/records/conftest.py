"""A small published CRM: accounts and deals, a rep who sees everything, one who sees only their own."""
import pytest

from tests.builders import a_role, accounts, deals, publish_all


@pytest.fixture(scope="module")
def crm(database):
    own = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": False, "export": False, "give": False}
    blind = {"read": "all", "create": True, "edit": "all", "delete": "no", "import": True, "export": True, "give": True,
             "fields": {"fld_deals_amount": "hidden"}}
    return publish_all(accounts(), deals(), a_role("rep"), a_role("junior", deals=own), a_role("blind", deals=blind))
