"""Files: tells the uploads that a new record claimed which record it became."""
from typing import Any

from runtime.files import store
from runtime.kinds.record_step import RecordStep
from runtime.values import Change


class Files(RecordStep):
    name = "files"
    label = "Uploaded files"

    def after(self, tx: Any, change: Change) -> None:
        if (claimed := change.notes.get("files")) and change.record_id is not None:
            store.settle(tx.connection, claimed, change.record_id)
