"""The tables of the metadata room: documents by hash, versions, drafts, ids, seeds, retired columns, type changes."""
from alembic import op

revision = "0002_metadata"
down_revision = "0001_outbox"

TABLES = """
CREATE TABLE house.metadata_document (
    hash text PRIMARY KEY,
    path text NOT NULL,
    content text NOT NULL
);

CREATE TABLE house.metadata_version (
    number int PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id bigint,
    base int NOT NULL,
    note text NOT NULL DEFAULT '',
    changes jsonb NOT NULL DEFAULT '[]',
    documents jsonb NOT NULL
);
COMMENT ON COLUMN house.metadata_version.documents IS 'The whole version: {path: hash of its document}.';

CREATE TABLE house.metadata_published (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    number int NOT NULL
);
INSERT INTO house.metadata_published (number) VALUES (0);

CREATE TABLE house.metadata_id (
    id text PRIMARY KEY,
    noun text NOT NULL,
    module_id text,
    name text NOT NULL,
    names text[] NOT NULL DEFAULT '{}',
    document text,
    retired_in int,
    retired_at timestamptz,
    purged_at timestamptz
);
COMMENT ON COLUMN house.metadata_id.document IS 'As it was when it was retired; module_id and document of fields and modules.';
COMMENT ON COLUMN house.metadata_id.names IS 'The names it had before, so that a document that still says one is understood.';
COMMENT ON TABLE house.metadata_id IS 'Every id there ever was. Ids are never used again for something else.';

CREATE TABLE house.metadata_draft (
    owner_id bigint NOT NULL,
    name text NOT NULL DEFAULT '',
    base int NOT NULL,
    documents jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, name)
);

CREATE TABLE house.metadata_seed (
    name text PRIMARY KEY,
    manifest jsonb NOT NULL,
    documents jsonb NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE house.metadata_seed IS 'Each bundle as it was laid down last, so that the next one knows what it no longer holds.';

CREATE TABLE house.metadata_retired_column (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module_id text NOT NULL,
    field_id text NOT NULL,
    field text NOT NULL,
    columns jsonb NOT NULL,
    retired_in int NOT NULL,
    retired_at timestamptz NOT NULL
);
CREATE INDEX metadata_retired_column_of_field ON house.metadata_retired_column (field_id, id DESC);
COMMENT ON COLUMN house.metadata_retired_column.columns IS '{part: column name} in the table of the module.';

CREATE TABLE house.metadata_conversion (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module_id text NOT NULL,
    field_id text NOT NULL,
    key text NOT NULL UNIQUE,
    columns jsonb NOT NULL,
    last_id bigint NOT NULL DEFAULT 0,
    converted bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    at timestamptz NOT NULL
);
COMMENT ON TABLE house.metadata_conversion IS 'A change of type under way: how far its new column is filled.';

CREATE TABLE house.metadata_conversion_row (
    conversion_id bigint NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (conversion_id, record_id)
);

CREATE FUNCTION house.note_conversion_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO house.metadata_conversion_row VALUES (TG_ARGV[0]::bigint, NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)


def downgrade() -> None:
    op.execute("DROP FUNCTION house.note_conversion_row()")
    for table in ("document", "version", "published", "id", "draft", "seed", "retired_column", "conversion",
                  "conversion_row"):
        op.execute(f"DROP TABLE house.metadata_{table}")
