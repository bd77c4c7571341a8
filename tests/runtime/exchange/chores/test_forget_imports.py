"""What was sent and never taken in does not lie there for good."""
import io
import os
from datetime import timedelta

from runtime.db import clock, embedded
from runtime.db.transaction import transaction
from runtime.exchange import keeping, service
from runtime.exchange.chores.forget_imports import KEPT, ForgetImports
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders


def test_old_files_that_no_import_has_go_and_no_others(database):
    builders.publish_all(builders.a_module("deals"))
    published.refresh()
    old = (clock.now() - KEPT - timedelta(days=1)).timestamp()
    begun = service.upload(HOUSE, "deals", io.BytesIO(b"Name\nOne that is looked at\n"), "deals.csv")
    left, fresh = (keeping.keep(io.BytesIO(b"Name\n" + name))[0].path for name in (b"Left\n", b"Fresh\n"))
    half = embedded.home() / "imports" / "tmp-cut-off"
    half.write_bytes(b"Na")
    for place in (left, half, embedded.home() / "imports" / begun.file_hash):
        os.utime(place, (old, old))

    with transaction() as tx:
        ForgetImports().run(tx)

    assert not left.exists() and not half.exists()
    assert fresh.exists() and os.path.exists(service.find(HOUSE, begun.id).file_path)
