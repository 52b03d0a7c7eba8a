-- What the library runs when it starts. `rows` has one row: the count of numbers that are wanted.

PRAGMA synchronous = OFF;
BEGIN;

CREATE TEMP TABLE small (n INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO small VALUES
  (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six'), (7, 'seven'), (8, 'eight'), (9, 'nine'),
  (10, 'ten'), (11, 'eleven'), (12, 'twelve'), (13, 'thirteen'), (14, 'fourteen'), (15, 'fifteen'), (16, 'sixteen'),
  (17, 'seventeen'), (18, 'eighteen'), (19, 'nineteen'), (20, 'twenty'), (30, 'thirty'), (40, 'forty'), (50, 'fifty'),
  (60, 'sixty'), (70, 'seventy'), (80, 'eighty'), (90, 'ninety');
INSERT INTO small
  SELECT tens.n + ones.n, tens.name || '-' || ones.name
  FROM small AS tens, small AS ones
  WHERE tens.n BETWEEN 20 AND 90 AND ones.n < 10;
INSERT INTO small
  WITH hundreds AS (SELECT n * 100 AS n, name || ' hundred' AS name FROM small WHERE n < 10)
  SELECT hundreds.n + coalesce(rest.n, 0), hundreds.name || coalesce(' ' || rest.name, '')
  FROM hundreds, (SELECT n, name FROM small WHERE n < 100 UNION ALL SELECT NULL, NULL) AS rest;

CREATE TABLE numbers (n INTEGER PRIMARY KEY, name TEXT NOT NULL, letters INTEGER NOT NULL);
INSERT INTO numbers
  SELECT n, name, length(replace(replace(name, ' ', ''), '-', '')) FROM (
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter, rows WHERE n < rows.count)
    SELECT counter.n,
      trim(coalesce((SELECT name FROM small WHERE n = counter.n / 1000) || ' thousand ', '') ||
        coalesce((SELECT name FROM small WHERE n = counter.n % 1000), '')) AS name
    FROM counter);
CREATE UNIQUE INDEX by_name ON numbers (name);
CREATE INDEX by_letters ON numbers (letters);

COMMIT;
ANALYZE;
