"""The exchange room: imports, their rows in waiting, and what was wrong with which cell."""
from alembic import op

revision = "0005_exchange"
down_revision = "0004_records"

TABLES = """
CREATE TABLE house.import_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor_id bigint,
  module_id text NOT NULL,
  file_name text NOT NULL,
  file_path text NOT NULL,
  file_hash text NOT NULL,
  state text NOT NULL DEFAULT 'new',
  headers jsonb NOT NULL DEFAULT '[]',
  mapping jsonb NOT NULL DEFAULT '{}',
  rows bigint NOT NULL DEFAULT 0,
  done_to bigint NOT NULL DEFAULT 0,
  created bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  warned bigint NOT NULL DEFAULT 0,
  undone bigint NOT NULL DEFAULT 0,
  kept bigint NOT NULL DEFAULT 0,
  problem text,
  begun_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE UNIQUE INDEX import_once ON house.import_run (module_id, file_hash) WHERE state IN ('staged', 'running');

CREATE TABLE house.import_row (
  import_id bigint NOT NULL REFERENCES house.import_run ON DELETE CASCADE,
  row_no bigint NOT NULL,
  cells text NOT NULL,
  PRIMARY KEY (import_id, row_no)
);

CREATE TABLE house.import_problem (
  import_id bigint NOT NULL REFERENCES house.import_run ON DELETE CASCADE,
  row_no bigint NOT NULL,
  kind text NOT NULL,
  heading text NOT NULL DEFAULT '',
  value text NOT NULL DEFAULT '',
  reason text NOT NULL,
  record_id bigint
);
CREATE INDEX import_problem_row ON house.import_problem (import_id, row_no);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)


def downgrade() -> None:
    for table in ("import_problem", "import_row", "import_run"):
        op.execute(f"DROP TABLE IF EXISTS house.{table}")
