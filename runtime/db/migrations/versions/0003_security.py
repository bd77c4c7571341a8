"""Accounts (Flask-AppBuilder's tables, as its version 5.3 has them), people as a view, sessions, API keys, profiles."""
from alembic import op

revision = "0003_security"
down_revision = "0002_metadata"
branch_labels = None
depends_on = None

SEQUENCES = ("group", "permission", "register_user", "role", "user", "view_menu", "api_key", "group_role",
             "permission_view", "user_group", "user_role", "permission_view_role")

ACCOUNTS = """
CREATE TABLE IF NOT EXISTS public.ab_group (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_group_id_seq'),
  name varchar(100) NOT NULL UNIQUE, label varchar(150), description varchar(512)
);
CREATE TABLE IF NOT EXISTS public.ab_permission (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_permission_id_seq'),
  name varchar(100) NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS public.ab_register_user (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_register_user_id_seq'),
  first_name varchar(64) NOT NULL, last_name varchar(64) NOT NULL, username varchar(128) NOT NULL UNIQUE,
  password varchar(256), email varchar(320) NOT NULL UNIQUE, registration_date timestamp, registration_hash varchar(256)
);
CREATE TABLE IF NOT EXISTS public.ab_role (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_role_id_seq'),
  name varchar(64) NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS public.ab_user (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_user_id_seq'),
  first_name varchar(64) NOT NULL, last_name varchar(64) NOT NULL, username varchar(128) NOT NULL UNIQUE,
  password varchar(256), active boolean, email varchar(320) NOT NULL UNIQUE, last_login timestamp,
  login_count integer, fail_login_count integer, created_on timestamp, changed_on timestamp,
  created_by_fk integer REFERENCES public.ab_user (id), changed_by_fk integer REFERENCES public.ab_user (id)
);
CREATE TABLE IF NOT EXISTS public.ab_view_menu (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_view_menu_id_seq'),
  name varchar(250) NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS public.ab_api_key (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_api_key_id_seq'),
  uuid varchar(36) NOT NULL UNIQUE, name varchar(256) NOT NULL, key_hash varchar(256) NOT NULL,
  lookup_hash varchar(256) UNIQUE, key_prefix varchar(16) NOT NULL,
  user_id integer NOT NULL REFERENCES public.ab_user (id) ON DELETE CASCADE, scopes text, active boolean NOT NULL,
  created_on timestamp, expires_on timestamp, revoked_on timestamp, last_used_on timestamp
);
CREATE UNIQUE INDEX IF NOT EXISTS idx_api_key_lookup_hash ON public.ab_api_key (lookup_hash);
CREATE INDEX IF NOT EXISTS idx_api_key_prefix ON public.ab_api_key (key_prefix);
CREATE INDEX IF NOT EXISTS idx_api_key_user_id ON public.ab_api_key (user_id);
CREATE TABLE IF NOT EXISTS public.ab_group_role (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_group_role_id_seq'),
  group_id integer REFERENCES public.ab_group (id) ON DELETE CASCADE,
  role_id integer REFERENCES public.ab_role (id) ON DELETE CASCADE, UNIQUE (group_id, role_id)
);
CREATE INDEX IF NOT EXISTS idx_group_id ON public.ab_group_role (group_id);
CREATE INDEX IF NOT EXISTS idx_group_role_id ON public.ab_group_role (role_id);
CREATE TABLE IF NOT EXISTS public.ab_permission_view (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_permission_view_id_seq'),
  permission_id integer NOT NULL REFERENCES public.ab_permission (id),
  view_menu_id integer NOT NULL REFERENCES public.ab_view_menu (id), UNIQUE (permission_id, view_menu_id)
);
CREATE INDEX IF NOT EXISTS idx_permission_id ON public.ab_permission_view (permission_id);
CREATE INDEX IF NOT EXISTS idx_view_menu_id ON public.ab_permission_view (view_menu_id);
CREATE TABLE IF NOT EXISTS public.ab_user_group (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_user_group_id_seq'),
  user_id integer REFERENCES public.ab_user (id) ON DELETE CASCADE,
  group_id integer REFERENCES public.ab_group (id) ON DELETE CASCADE, UNIQUE (user_id, group_id)
);
CREATE INDEX IF NOT EXISTS idx_user_group_id ON public.ab_user_group (group_id);
CREATE INDEX IF NOT EXISTS idx_user_id ON public.ab_user_group (user_id);
CREATE TABLE IF NOT EXISTS public.ab_user_role (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_user_role_id_seq'),
  user_id integer REFERENCES public.ab_user (id) ON DELETE CASCADE,
  role_id integer REFERENCES public.ab_role (id) ON DELETE CASCADE, UNIQUE (user_id, role_id)
);
CREATE TABLE IF NOT EXISTS public.ab_permission_view_role (
  id integer PRIMARY KEY DEFAULT nextval('public.ab_permission_view_role_id_seq'),
  permission_view_id integer REFERENCES public.ab_permission_view (id) ON DELETE CASCADE,
  role_id integer REFERENCES public.ab_role (id) ON DELETE CASCADE, UNIQUE (permission_view_id, role_id)
);
CREATE INDEX IF NOT EXISTS idx_permission_view_id ON public.ab_permission_view_role (permission_view_id);
CREATE INDEX IF NOT EXISTS idx_role_id ON public.ab_permission_view_role (role_id);
INSERT INTO public.ab_role (name) VALUES ('Admin') ON CONFLICT DO NOTHING;
"""

OURS = """
CREATE SCHEMA IF NOT EXISTS house;

CREATE OR REPLACE VIEW house.person AS
  SELECT id, username,
         btrim(first_name || ' ' || last_name) AS name,
         CASE WHEN email LIKE '%%.invalid' THEN NULL ELSE email END AS email,
         coalesce(active, false) AS active
  FROM public.ab_user;

CREATE OR REPLACE VIEW house.person_role AS
  SELECT held.user_id, role.name
  FROM public.ab_user_role AS held JOIN public.ab_role AS role ON role.id = held.role_id
  UNION
  SELECT member.user_id, role.name
  FROM public.ab_user_group AS member
  JOIN public.ab_group_role AS held ON held.group_id = member.group_id
  JOIN public.ab_role AS role ON role.id = held.role_id;

CREATE TABLE house.profile (
  user_id integer PRIMARY KEY REFERENCES public.ab_user (id) ON DELETE CASCADE,
  language text,
  time_zone text,
  theme text,
  density text
);

CREATE TABLE house.session (
  token bytea PRIMARY KEY,
  id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  user_id integer NOT NULL REFERENCES public.ab_user (id) ON DELETE CASCADE,
  created timestamptz NOT NULL DEFAULT now(),
  seen timestamptz NOT NULL DEFAULT now(),
  expires timestamptz NOT NULL,
  agent text,
  address text,
  data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX session_of_user ON house.session (user_id);
CREATE INDEX session_expires ON house.session (expires);

CREATE TABLE house.api_key (
  hash bytea PRIMARY KEY,
  id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text NOT NULL,
  start text NOT NULL,
  user_id integer NOT NULL REFERENCES public.ab_user (id) ON DELETE CASCADE,
  created timestamptz NOT NULL DEFAULT now(),
  last_used timestamptz,
  revoked timestamptz
);
CREATE INDEX api_key_of_user ON house.api_key (user_id);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for name in SEQUENCES:
        connection.exec_driver_sql(f"CREATE SEQUENCE IF NOT EXISTS public.ab_{name}_id_seq")
    connection.exec_driver_sql(ACCOUNTS)
    connection.exec_driver_sql(OURS)


def downgrade() -> None:
    """Accounts stay: they are not ours to drop."""
    for view in ("person_role", "person"):
        op.execute(f"DROP VIEW IF EXISTS house.{view}")
    for table in ("api_key", "session", "profile"):
        op.execute(f"DROP TABLE IF EXISTS house.{table}")
