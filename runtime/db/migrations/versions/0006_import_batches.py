"""Imports: rows wait in batches, a list of lists in one piece, stored as they are; compressing them costs more than it saves."""
from alembic import op

revision = "0006_import_batches"
down_revision = "0005_exchange"


def upgrade() -> None:
    op.execute("ALTER TABLE house.import_row ALTER COLUMN cells SET STORAGE EXTERNAL")
    op.execute("UPDATE house.import_row SET cells = '[' || cells || ']'")


def downgrade() -> None:
    op.execute("WITH gone AS (DELETE FROM house.import_row RETURNING *) INSERT INTO house.import_row (import_id, row_no, cells) "
               "SELECT import_id, row_no + place - 1, one::text "
               "FROM gone, json_array_elements(cells::json) WITH ORDINALITY AS each(one, place)")
    op.execute("ALTER TABLE house.import_row ALTER COLUMN cells SET STORAGE EXTENDED")
