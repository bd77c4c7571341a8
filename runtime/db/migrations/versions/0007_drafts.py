"""Drafts keep their steps, so that each can be taken back and done again."""
from alembic import op

revision = "0007_drafts"
down_revision = "0006_import_batches"


def upgrade() -> None:
    op.execute("ALTER TABLE house.metadata_draft ADD COLUMN step int NOT NULL DEFAULT 0")
    op.execute("""
        CREATE TABLE house.metadata_draft_step (
            owner_id bigint NOT NULL,
            name text NOT NULL,
            number int NOT NULL,
            sentence text NOT NULL,
            changes jsonb NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (owner_id, name, number),
            FOREIGN KEY (owner_id, name) REFERENCES house.metadata_draft ON UPDATE CASCADE ON DELETE CASCADE
        )""")
    op.execute("COMMENT ON COLUMN house.metadata_draft_step.changes IS '{path: [hash before, hash after]}; NULL: not there.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.metadata_draft_step")
    op.execute("ALTER TABLE house.metadata_draft DROP COLUMN step")
