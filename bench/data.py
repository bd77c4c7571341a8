"""The data: made by PostgreSQL itself, the same every time (no random numbers, only arithmetic on the row's number)."""
from collections.abc import Iterator

SYLLABLES = ("ve", "bra", "mu", "so", "lai", "ken", "to", "ri", "pha", "da",
             "nu", "le", "mi", "ga", "zor", "hin", "ta", "wy", "qua", "fel")


def _word(number: str) -> str:
    return "initcap(" + "||".join(f"s[1 + (({number}) / {20 ** at} % 20)::int]" for at in range(3)) + ")"


def statements(accounts: int, deals: int, own: int, other: int) -> Iterator[str]:
    """Fill both tables. Names are two made-up words and a number: each word is in some 250 of a million deals."""
    syllables = "ARRAY[" + ",".join(f"'{each}'" for each in SYLLABLES) + "]"
    search = "to_tsvector('simple', house.words(name))"
    yield "TRUNCATE records.deals, records.accounts RESTART IDENTITY CASCADE"
    yield f"""
INSERT INTO records.accounts (name, industry, city, website, phone, employees, owner, created_at, updated_at, search)
SELECT name, industry, city, website, phone, employees, owner, at, at, {search} FROM (
  SELECT {_word('n * 7919 % 8000')} || ' ' || {_word('n * 104729 % 8000')} || ' ' || n AS name,
    (ARRAY['Trade','Farming','Making','Services'])[1 + n % 4] AS industry,
    (ARRAY['Hà Nội','Đà Nẵng','Huế','Cần Thơ'])[1 + n % 4] AS city, 'https://a' || n || '.example' AS website,
    '+8490' || lpad((n % 10000000)::text, 7, '0') AS phone, n * 37 % 5000 AS employees,
    CASE WHEN n % 2 = 0 THEN {own} ELSE {other} END AS owner, timestamptz '2026-01-01' + n * interval '1 minute' AS at
  FROM generate_series(1::bigint, {accounts}) AS n, (SELECT {syllables} AS s) AS made ORDER BY n) AS row"""
    step = 100_000
    for first in range(1, deals + 1, step):
        yield f"""
INSERT INTO records.deals (name, account, stage, amount, amount__currency, amount__home, close_date, type, probability, source,
  next_step, contact, email, phone, website, seats, discount, score, strategic, last_contact, competitor, description,
  owner, created_at, created_by, updated_at, updated_by, search)
SELECT row.*, {search} FROM (
  SELECT {_word('n * 7919 % 8000')} || ' ' || {_word('n * 104729 % 8000')} || ' ' || (n * 48271 % 100000)
      AS name,
    1 + (n * 7907 % {accounts}) AS account,
    (ARRAY['Qualification','Proposal','Closed Won','Qualification','Closed Lost','Proposal'])[1 + n % 6] AS stage,
    amount, 'USD', amount AS home,
    date '2025-01-01' + (n * 6151 % 700)::int AS close_date,
    (ARRAY['New business','Existing business','Renewal'])[1 + n % 3] AS type, n % 101 AS probability,
    (ARRAY['Web','Partner','Trade show','Cold call','Referral'])[1 + n % 5] AS source,
    'Call again about offer ' || n AS next_step, {_word('n * 15485863 % 8000')} || ' Trần' AS contact,
    'c' || n || '@example.com' AS email, '+8491' || lpad((n % 10000000)::text, 7, '0') AS phone,
    'https://d' || n || '.example' AS website, n % 500 AS seats, round((n % 300) / 10.0, 1) AS discount, n % 101 AS score,
    n % 7 = 0 AS strategic, timestamptz '2026-01-01' + n * interval '17 seconds' AS last_contact,
    'Competitor ' || n % 50 AS competitor, 'Deal number ' || n || ': boxes, pallets and film for the season.' AS description,
    CASE WHEN n % 3 = 0 THEN {other} ELSE {own} END AS owner, at AS created_at, {own}::bigint, at AS updated_at, {own}::bigint
  FROM (SELECT n, {syllables} AS s, round((n * 69621 % 6000000) / 100.0, 2) AS amount,
               timestamptz '2026-01-01' + n * interval '20 seconds' AS at
        FROM generate_series({first}::bigint, {min(first + step - 1, deals)}) AS n) AS made ORDER BY n) AS row"""
