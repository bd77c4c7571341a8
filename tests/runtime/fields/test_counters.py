"""Numbers without gaps, whoever counts at the same time and whatever fails."""
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from runtime.db.transaction import transaction
from runtime.fields import counters
from runtime.values import Actor, Change
from tests.field_samples import CATALOGUE, field_of


def test_a_failed_save_gives_its_number_back(database):
    def save(fail):
        with transaction() as tx:
            number = counters.take(tx.connection, "fld_a", first=10)[0]
            if fail:
                raise RuntimeError("refused")
            return number

    assert save(False) == 10
    with pytest.raises(RuntimeError):
        save(True)
    assert save(False) == 11


def test_many_at_once_leave_no_gap_and_no_pair(database):
    def save(number):
        try:
            with transaction() as tx:
                taken = counters.take(tx.connection, "fld_b")[0]
                if number % 3 == 0:
                    raise RuntimeError("refused")
                return taken
        except RuntimeError:
            return None

    with ThreadPoolExecutor(6) as together:
        taken = [number for number in together.map(save, range(60)) if number is not None]

    assert sorted(taken) == list(range(1, 41))


def test_a_block_of_numbers_is_taken_at_once_and_a_raised_start_skips(database):
    with transaction() as tx:
        assert list(counters.take(tx.connection, "fld_c", count=3)) == [1, 2, 3]
        assert list(counters.take(tx.connection, "fld_c", count=2)) == [4, 5]
        assert list(counters.take(tx.connection, "fld_c", first=100)) == [100]
        assert list(counters.take(tx.connection, "fld_c", first=100)) == [101]


def test_a_new_record_gets_its_number_and_keeps_it(database):
    kind = CATALOGUE.get("field_types", "auto_number")
    field = field_of(kind, settings={"format": "INV-{0000}", "start": 42})
    actor = Actor(1, "Lan")
    with transaction() as tx:
        new = Change(actor, SimpleNamespace(id="mod_invoice"), "create", None, {}, {})
        kind.derive(tx, field, new)
        changed = Change(actor, new.module, "update", 1, new.after, dict(new.after))
        kind.derive(tx, field, changed)

    assert new.after == {"thing": "INV-0042"} == changed.after
