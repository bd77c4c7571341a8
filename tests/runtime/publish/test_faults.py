"""A publish killed anywhere leaves the old version or the new one, never something between; no value is lost."""
import os
import traceback
from dataclasses import replace

import sqlalchemy as sa

from metadata import bundle, store
from metadata.definitions import Definitions
from runtime import publish
from runtime.db import engine as engines
from runtime.db.transaction import reading, transaction
from runtime.publish.reconcile import drift
from runtime.tables import conversion, published
from runtime.values import HOUSE
from tests.builders import a_field, a_module, publish_all


def publish_killed(folder, at):
    """Publish a bundle in a child of this process that dies at that point. Whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            os.environ["FAULT_AT"] = at
            definitions, seed = publish.of_folder(folder)
            publish.publish(HOUSE, definitions, seed=seed)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "The child refused, see its output."
    return os.WIFEXITED(status)


def test_killed_at_every_statement_it_is_old_or_new_and_the_second_try_succeeds(make_database, tmp_path):
    engines.use(make_database())
    size = a_field("size", of="deals")
    live = publish_all(a_module("deals", size, a_field("fax", of="deals")), a_module("gone"))
    with transaction() as tx:
        tx.execute(sa.insert(live.table("deals")), [{"name": f"n{n}", "size": str(n), "fax": "f"} for n in range(50)])
    draft = [a_module("deals", replace(size, type="integer"), a_field("link", "lookup", of="deals", settings={"module": "calls"})),
             a_module("calls")]
    draft = Definitions.of_documents(draft)
    bundle.write(draft, tmp_path)
    for path in ("modules/gone",):
        draft = draft.with_document(live.definitions.documents[path])
    killed, point = 0, 0
    while True:
        point += 1
        if publish_killed(tmp_path, f"publish:{point}"):
            break
        killed += 1
        with reading() as connection:
            number, now = store.published(connection)
            assert now == live.definitions and number == live.number
            assert drift(connection) == []
            assert connection.scalar(sa.text("SELECT count(*) FROM records.deals WHERE size IS NOT NULL")) == 50
    assert killed >= 10
    with reading() as connection:
        assert store.published(connection) == (live.number + 1, draft)
        assert drift(connection) == []
        assert connection.scalar(sa.text("SELECT sum(size) FROM records.deals")) == sum(range(50))
    publish.rollback(HOUSE, live.number)
    with reading() as connection:
        assert list(connection.scalars(sa.text("SELECT size FROM records.deals ORDER BY id"))) == [str(n) for n in range(50)]
    engines.use(None)


def test_a_change_of_type_that_was_killed_goes_on_where_it_stopped(make_database, tmp_path):
    engines.use(make_database())
    size = a_field("size", of="deals")
    live = publish_all(a_module("deals", size))
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO records.deals (name, size) SELECT 'n', n FROM generate_series(1, 7000) AS n"))
    bundle.write(Definitions.of_documents([a_module("deals", replace(size, type="integer"))]), tmp_path)

    assert not publish_killed(tmp_path, "conversion:2")
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT last_id FROM house.metadata_conversion")) == 2 * conversion.BATCH
        assert drift(connection) == []
    with transaction() as tx:       # meanwhile people work on
        tx.execute(sa.update(live.table("deals")).where(live.table("deals").c.id == 5).values(size="5000"))
        tx.execute(sa.text("INSERT INTO records.deals (name, size) VALUES ('new', '8000')"))
    assert publish_killed(tmp_path, "")

    with reading() as connection:
        assert connection.scalar(sa.text("SELECT sum(size) FROM records.deals")) == 7000 * 7001 // 2 - 5 + 5000 + 8000
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'conversion%'")) == 0
        assert drift(connection) == []
    engines.use(None)


def test_a_change_of_type_nobody_wants_any_more_leaves_nothing(make_database):
    engines.use(make_database())
    size = a_field("size", of="deals")
    live = publish_all(a_module("deals", size))
    wanted = conversion.Conversion(live.module("deals"), "deals", size, replace(size, type="integer"), {"": "size"})
    conversion.prepare(wanted, live.catalogue)

    publish_all(a_module("deals", size, a_field("other", of="deals")))

    with reading() as connection:
        assert drift(connection) == []
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_attribute "
                                         "WHERE attrelid = 'records.deals'::regclass AND attname LIKE 'pending%'")) == 0
    assert published.current().number == live.number + 1
    engines.use(None)
