"""What every record shares: folded search, history, idempotency keys, counters, settings, rates, files."""
from alembic import op

revision = "0004_records"
down_revision = "0003_security"
branch_labels = None
depends_on = None

PUNCTUATION = r"""@.-_/:,;()[]{}<>"'&+*#!?|\=%$~^`"""

TABLES = """
CREATE SCHEMA IF NOT EXISTS records;

CREATE TABLE house.history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  module_id text NOT NULL,
  record_id bigint NOT NULL,
  version integer NOT NULL,
  verb text NOT NULL,
  at timestamptz NOT NULL,
  actor_id bigint,
  channel text NOT NULL,
  import_id bigint,
  changed jsonb NOT NULL
);
CREATE INDEX history_of_record ON house.history (module_id, record_id, id DESC);
CREATE INDEX history_of_import ON house.history (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE house.idempotency (
  actor_id bigint NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  answer jsonb,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_at ON house.idempotency (at);

CREATE TABLE house.counter (
  name text PRIMARY KEY,
  last bigint NOT NULL
);

CREATE TABLE house.setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL
);

CREATE TABLE house.rate (
  currency text NOT NULL,
  from_date date NOT NULL,
  rate numeric(30, 12) NOT NULL CHECK (rate > 0),
  PRIMARY KEY (currency, from_date)
);

CREATE TABLE house.file (
  id text PRIMARY KEY,
  sha256 text NOT NULL,
  name text NOT NULL,
  size bigint NOT NULL,
  type text NOT NULL,
  uploaded_by bigint,
  at timestamptz NOT NULL DEFAULT now(),
  module_id text,
  field_id text,
  record_id bigint
);
CREATE INDEX file_of_record ON house.file (module_id, record_id) WHERE record_id IS NOT NULL;
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(TABLES)
    connection.exec_driver_sql(r"""
CREATE OR REPLACE FUNCTION house.fold(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT translate(lower(regexp_replace(normalize(given, NFD), '[\u0300-\u036f]', '', 'g')), 'đĐ', 'dd')
$$""")
    quoted = PUNCTUATION.replace("'", "''")
    connection.exec_driver_sql(f"""
CREATE OR REPLACE FUNCTION house.words(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT translate(house.fold(given), '{quoted}', repeat(' ', {len(PUNCTUATION)}))
$$""".replace("%", "%%"))
    connection.exec_driver_sql(r"""
CREATE OR REPLACE FUNCTION house.prefixes(given text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT to_tsquery('simple', string_agg(quote_literal(word) || ':*', ' & '))
  FROM regexp_split_to_table(house.words(given), '\s+') AS word WHERE word <> ''
$$""")


def downgrade() -> None:
    for function in ("prefixes", "words", "fold"):
        op.execute(f"DROP FUNCTION IF EXISTS house.{function}(text)")
    for table in ("history", "idempotency", "counter", "setting", "rate", "file"):
        op.execute(f"DROP TABLE IF EXISTS house.{table}")
