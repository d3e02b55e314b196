-- Oracle's functions, written in PostgreSQL's SQL.
--
-- They are in the schema sys; the translation calls them by that name, so that substr or trunc in a
-- client's statement is Oracle's.  Numbers are numeric, texts are never empty, and a point in time without
-- a zone is timestamp, with Oracle's DATE among them.  What Oracle has and is not here is refused.

-- Models of dates, and what needs steps or an error of its own

CREATE FUNCTION sys.model(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace($1, 'FF3', 'MS', 'gi'),
        'FF[1-9]?', 'US', 'gi'), 'RRRR', 'YYYY', 'gi'), 'RR', 'YY', 'gi')
$body$;

CREATE FUNCTION sys.substr(text, numeric, numeric) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    first int := trunc($2);
    size int := trunc($3);
BEGIN
    IF $1 IS NULL OR $2 IS NULL OR size < 1 THEN
        RETURN NULL;
    END IF;
    IF first < 0 THEN
        first := char_length($1) + first + 1;
        IF first < 1 THEN
            RETURN NULL;
        END IF;
    END IF;
    first := greatest(first, 1);
    IF size IS NULL THEN
        RETURN nullif(pg_catalog.substr($1, first), '');
    END IF;
    RETURN nullif(pg_catalog.substr($1, first, size), '');
END
$body$;

CREATE FUNCTION sys.instr(text, text, numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    found int;
BEGIN
    IF $3 < 1 THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'INSTR from the end';
    END IF;
    found := strpos(pg_catalog.substr($1, $3::int), $2);
    RETURN CASE WHEN found = 0 THEN 0 ELSE found + $3 - 1 END;
END
$body$;

-- NLS_TERRITORY is AMERICA: weeks begin on Sunday.
CREATE FUNCTION sys.trunc(timestamp, text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    part text := CASE
        WHEN upper($2) IN ('DDD', 'DD', 'J') THEN 'day'
        WHEN upper($2) IN ('MONTH', 'MON', 'MM', 'RM') THEN 'month'
        WHEN upper($2) IN ('SYYYY', 'YYYY', 'YEAR', 'SYEAR', 'YYY', 'YY', 'Y') THEN 'year'
        WHEN upper($2) IN ('HH', 'HH12', 'HH24') THEN 'hour'
        WHEN upper($2) = 'Q' THEN 'quarter'
        WHEN upper($2) = 'MI' THEN 'minute'
        WHEN upper($2) = 'IW' THEN 'week'
        WHEN upper($2) IN ('DAY', 'DY', 'D') THEN 'sunday'
    END;
BEGIN
    IF part IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '01898', MESSAGE = 'too many precision specifiers';
    END IF;
    IF part = 'sunday' THEN
        RETURN date_trunc('day', $1) - make_interval(days => extract(dow FROM $1)::int);
    END IF;
    RETURN date_trunc(part, $1);
END
$body$;

CREATE FUNCTION sys.trunc(timestamptz, text) RETURNS timestamp LANGUAGE sql STABLE AS $body$
    SELECT sys.trunc($1::timestamp, $2)
$body$;

CREATE FUNCTION sys.listed(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    IF octet_length($1) > 4000 THEN
        RAISE EXCEPTION USING ERRCODE = '01489', MESSAGE = 'result of string concatenation is too long';
    END IF;
    RETURN nullif($1, '');
END
$body$;

-- As PostgreSQL, for the models that mean the same in both.
CREATE FUNCTION sys.to_char(numeric, text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    IF upper($2) !~ '^(FM)?[S$L]?[09GD,.]+(PR|MI|S)?$' THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'this number format of TO_CHAR';
    END IF;
    RETURN pg_catalog.to_char($1, $2);
END
$body$;

-- Oracle's error for a value that is too long: its length, and what it may be.
CREATE FUNCTION sys.length_error(actual int, maximum int, owner oid, name text) RETURNS boolean
LANGUAGE plpgsql AS $body$
DECLARE
    found record;
BEGIN
    SELECT relname, nspname INTO found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = owner;
    RAISE EXCEPTION USING ERRCODE = '12899', MESSAGE = maximum::text, DETAIL = actual::text,
        COLUMN = name, TABLE = found.relname, SCHEMA = found.nspname;
END
$body$;

CREATE FUNCTION sys.too_long(text, int, text, oid, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $body$
    SELECT sys.length_error(CASE $3 WHEN 'C' THEN char_length($1) ELSE octet_length($1) END, $2, $4, $5)
$body$;

CREATE FUNCTION sys.too_long(bytea, int, text, oid, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $body$
    SELECT sys.length_error(octet_length($1), $2, $4, $5)
$body$;

-- A CHAR with its blanks, which PostgreSQL takes off from what becomes a text.
CREATE FUNCTION sys.txt(bpchar) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text || repeat(' ', octet_length($1) - octet_length($1::text))
$body$;

CREATE FUNCTION sys.length(bpchar) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT char_length(sys.txt($1))::numeric
$body$;

CREATE FUNCTION sys.length(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT char_length(sys.txt($1))::numeric
$body$;

CREATE FUNCTION sys.length(integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT char_length(sys.txt($1))::numeric
$body$;

CREATE FUNCTION sys.length(bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT char_length(sys.txt($1))::numeric
$body$;

CREATE FUNCTION sys.lengthb(bpchar) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT octet_length($1)::numeric
$body$;

-- Texts

CREATE FUNCTION sys.txt(numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT regexp_replace(trim_scale($1)::text, '^(-?)0\.', '\1.')
$body$;

CREATE FUNCTION sys.txt(bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.txt(integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.txt(double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.txt(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1
$body$;

CREATE FUNCTION sys.txt(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT upper(encode($1, 'hex'))
$body$;

-- The session's NLS_DATE_FORMAT.
CREATE FUNCTION sys.date_model() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT sys.model(coalesce(nullif(current_setting('standin.date_format', true), ''), 'DD-MON-RR'))
$body$;

CREATE FUNCTION sys.txt(timestamp) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_char($1, sys.date_model())
$body$;

CREATE FUNCTION sys.txt(timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_char($1, 'DD-MON-YY HH.MI.SS.US AM TZH:TZM')
$body$;

CREATE FUNCTION sys.txt(interval) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.num(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT btrim($1)::numeric
$body$;

CREATE FUNCTION sys.num(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1
$body$;

CREATE FUNCTION sys.num(double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::numeric
$body$;

CREATE FUNCTION sys.substr(text, numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT sys.substr($1, $2, NULL::numeric)
$body$;

CREATE FUNCTION sys.to_char(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1
$body$;

CREATE FUNCTION sys.to_char(numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT sys.txt($1)
$body$;

CREATE FUNCTION sys.to_char(bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.to_char(integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.to_char(double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::text
$body$;

CREATE FUNCTION sys.to_char(timestamp) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT sys.txt($1)
$body$;

CREATE FUNCTION sys.to_char(timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT sys.txt($1)
$body$;

CREATE FUNCTION sys.to_char(timestamp, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_char($1, sys.model($2))
$body$;

CREATE FUNCTION sys.to_char(timestamptz, text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_char($1, sys.model($2))
$body$;

CREATE FUNCTION sys.length(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(char_length($1), 0)::numeric
$body$;

CREATE FUNCTION sys.lengthb(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(octet_length($1), 0)::numeric
$body$;

CREATE FUNCTION sys.length(bytea) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT octet_length($1)::numeric
$body$;

CREATE FUNCTION sys.instr(text, text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT strpos($1, $2)::numeric
$body$;

CREATE FUNCTION sys.replace(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.replace($1, $2, ''), '')
$body$;

CREATE FUNCTION sys.replace(text, text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE WHEN $2 IS NULL THEN $1 ELSE nullif(pg_catalog.replace($1, $2, coalesce($3, '')),
        '') END
$body$;

CREATE FUNCTION sys.lpad(text, numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.lpad($1, $2::int), '')
$body$;

CREATE FUNCTION sys.lpad(text, numeric, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.lpad($1, $2::int, $3), '')
$body$;

CREATE FUNCTION sys.lpad(numeric, numeric, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.lpad(sys.txt($1), $2::int, $3), '')
$body$;

CREATE FUNCTION sys.lpad(bigint, integer, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.lpad($1::text, $2, $3)
$body$;

CREATE FUNCTION sys.rpad(text, numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.rpad($1, $2::int), '')
$body$;

CREATE FUNCTION sys.rpad(text, numeric, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.rpad($1, $2::int, $3), '')
$body$;

CREATE FUNCTION sys.ltrim(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.ltrim($1), '')
$body$;

CREATE FUNCTION sys.rtrim(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.rtrim($1), '')
$body$;

CREATE FUNCTION sys.ltrim(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.ltrim($1, $2), '')
$body$;

CREATE FUNCTION sys.rtrim(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.rtrim($1, $2), '')
$body$;

CREATE FUNCTION sys.chr(numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.chr($1::int)
$body$;

CREATE FUNCTION sys.ascii(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.ascii($1)::numeric
$body$;

CREATE FUNCTION sys.hextoraw(text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT decode($1, 'hex')
$body$;

CREATE FUNCTION sys.rawtohex(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT upper(encode($1, 'hex'))
$body$;

CREATE FUNCTION sys.ora_hash(text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT hashtext($1)::bigint + 2147483648
$body$;

CREATE FUNCTION sys.regexp_like(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1 ~ $2
$body$;

CREATE FUNCTION sys.regexp_replace(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.regexp_replace($1, $2, '', 'g'), '')
$body$;

CREATE FUNCTION sys.regexp_replace(text, text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(pg_catalog.regexp_replace($1, $2, coalesce($3, ''), 'g'), '')
$body$;

CREATE FUNCTION sys.regexp_substr(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(substring($1 from $2), '')
$body$;

CREATE FUNCTION sys.cast_to_raw(text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT convert_to($1, 'UTF8')
$body$;

CREATE FUNCTION sys.cast_to_varchar2(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(convert_from($1, 'UTF8'), '')
$body$;

-- Points in time

CREATE FUNCTION sys.sysdate() RETURNS timestamp LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')
$body$;

CREATE FUNCTION sys.systimestamp() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    SELECT clock_timestamp()
$body$;

CREATE FUNCTION sys.now_date() RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('second', statement_timestamp()::timestamp)
$body$;

CREATE FUNCTION sys.now_local() RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT statement_timestamp()::timestamp
$body$;

CREATE FUNCTION sys.days(interval) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT extract(epoch FROM $1) / 86400.0000000000000000000000
$body$;

CREATE FUNCTION sys.to_date(text, text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('second', pg_catalog.to_timestamp($1, sys.model($2))::timestamp)
$body$;

CREATE FUNCTION sys.to_date(text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT sys.to_date($1, sys.date_model())
$body$;

CREATE FUNCTION sys.to_timestamp(text, text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_timestamp($1, sys.model($2))::timestamp
$body$;

CREATE FUNCTION sys.to_timestamp_tz(text, text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.to_timestamp($1, sys.model($2))
$body$;

CREATE FUNCTION sys.trunc(timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('day', $1)
$body$;

CREATE FUNCTION sys.trunc(timestamptz) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('day', $1::timestamp)
$body$;

CREATE FUNCTION sys.last_day(timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('month', $1) + interval '1 month' - interval '1 day' + ($1 - date_trunc('day',
        $1))
$body$;

CREATE FUNCTION sys.add_months(timestamp, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE WHEN sys.last_day($1) = $1 THEN sys.last_day($1
        + make_interval(months => trunc($2)::int)) ELSE $1 + make_interval(months => trunc($2)::int) END
$body$;

CREATE FUNCTION sys.months_between(timestamp, timestamp) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE WHEN extract(day FROM $1) = extract(day FROM $2) OR (date_trunc('day',
        sys.last_day($1)) = date_trunc('day', $1) AND date_trunc('day',
        sys.last_day($2)) = date_trunc('day', $2))
        THEN (extract(year FROM $1) - extract(year FROM $2)) * 12
        + extract(month FROM $1) - extract(month FROM $2)
        ELSE (extract(year FROM $1) - extract(year FROM $2)) * 12
        + extract(month FROM $1) - extract(month FROM $2)
        + (extract(day FROM $1) - extract(day FROM $2)
        + (extract(epoch FROM $1::time) - extract(epoch FROM $2::time)) / 86400) / 31 END
$body$;

CREATE FUNCTION sys.numtodsinterval(numeric, text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT make_interval(secs => ($1 * CASE upper(btrim($2)) WHEN 'DAY' THEN 86400 WHEN 'HOUR'
        THEN 3600 WHEN 'MINUTE' THEN 60 WHEN 'SECOND' THEN 1 END)::double precision)
$body$;

CREATE FUNCTION sys.numtoyminterval(numeric, text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT make_interval(months => ($1 * CASE upper(btrim($2)) WHEN 'YEAR' THEN 12 WHEN 'MONTH'
        THEN 1 END)::int)
$body$;

CREATE FUNCTION sys.plus_days(timestamp, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT date_trunc('second', $1 + make_interval(secs => ($2 * 86400)::double precision)
        + interval '0.5 microsecond')
$body$;

CREATE FUNCTION sys.plus_days(numeric, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT sys.plus_days($2, $1)
$body$;

CREATE FUNCTION sys.minus_days(timestamp, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT sys.plus_days($1, -$2)
$body$;

CREATE FUNCTION sys.sys_extract_utc(timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1 AT TIME ZONE 'UTC'
$body$;

-- Numbers

-- A function of one number returns a NUMBER, or the double that it was given.  There is one for each kind
-- of integer too: integers would rather be floating-point numbers than what they are in Oracle.
DO $do$
DECLARE
    name text;
    argument text;
    result text;
    head text := 'LANGUAGE sql IMMUTABLE PARALLEL SAFE AS';
BEGIN
    FOREACH argument IN ARRAY ARRAY['numeric', 'bigint', 'integer', 'double precision'] LOOP
        result := CASE argument WHEN 'double precision' THEN argument ELSE 'numeric' END;
        FOREACH name IN ARRAY ARRAY['sign', 'ceil', 'floor', 'round', 'trunc', 'sqrt', 'exp', 'ln'] LOOP
            EXECUTE format('CREATE FUNCTION sys.%s(%s) RETURNS %s %s %L',
                name, argument, result, head, format('SELECT pg_catalog.%s($1::%s)', name, result));
        END LOOP;
        -- PostgreSQL has these for double precision alone.
        FOREACH name IN ARRAY
            ARRAY['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh']
        LOOP
            EXECUTE format('CREATE FUNCTION sys.%s(%s) RETURNS %s %s %L',
                name, argument, result, head,
                format('SELECT pg_catalog.%s($1::double precision)::%s', name, result));
        END LOOP;
    END LOOP;
END
$do$;

CREATE FUNCTION sys.mod(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE WHEN $2 = 0 THEN $1 ELSE pg_catalog.mod($1, $2) END
$body$;

CREATE FUNCTION sys.trunc(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.trunc($1, $2::int)
$body$;

CREATE FUNCTION sys.round(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.round($1, $2::int)
$body$;

CREATE FUNCTION sys.bitand(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT ($1::bigint & $2::bigint)::numeric
$body$;

CREATE FUNCTION sys.bitor(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT ($1::bigint | $2::bigint)::numeric
$body$;

CREATE FUNCTION sys.bitxor(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT ($1::bigint # $2::bigint)::numeric
$body$;

CREATE FUNCTION sys.to_number(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT btrim($1)::numeric
$body$;

CREATE FUNCTION sys.to_number(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1
$body$;

CREATE FUNCTION sys.to_binary_double(text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::double precision
$body$;

CREATE FUNCTION sys.to_binary_double(numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::double precision
$body$;

CREATE FUNCTION sys.to_binary_float(numeric) RETURNS real LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT $1::real
$body$;

CREATE FUNCTION sys.log(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.log($1, $2)
$body$;

CREATE FUNCTION sys.power(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.power($1, $2)
$body$;

CREATE FUNCTION sys.power(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.power($1, $2)
$body$;

CREATE FUNCTION sys.power(integer, integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.power($1::numeric, $2::numeric)
$body$;

CREATE FUNCTION sys.power(bigint, bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.power($1::numeric, $2::numeric)
$body$;

CREATE FUNCTION sys.atan2(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT pg_catalog.atan2($1::float8, $2::float8)::numeric
$body$;

-- Others

CREATE FUNCTION sys.session_id() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT pg_backend_pid()
$body$;

CREATE FUNCTION sys.sys_guid() RETURNS bytea LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    SELECT decode(pg_catalog.replace(gen_random_uuid()::text, '-', ''), 'hex')
$body$;

CREATE OPERATOR sys.+ (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sys.plus_days);

CREATE OPERATOR sys.+ (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sys.plus_days);

CREATE OPERATOR sys.- (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sys.minus_days);

-- Oracle compares a number with a text as numbers, and so it computes.
DO $do$
DECLARE
    made record;
    head text := 'LANGUAGE sql IMMUTABLE PARALLEL SAFE AS';
BEGIN
    FOR made IN
        SELECT * FROM (VALUES
            ('eq', '=', 'boolean'), ('ne', '<>', 'boolean'), ('lt', '<', 'boolean'), ('le', '<=', 'boolean'),
            ('gt', '>', 'boolean'), ('ge', '>=', 'boolean'),
            ('plus', '+', 'numeric'), ('minus', '-', 'numeric'), ('times', '*', 'numeric')
        ) AS operators (name, sign, result)
    LOOP
        EXECUTE format('CREATE FUNCTION sys.%s(numeric, text) RETURNS %s %s %L',
            made.name, made.result, head, format('SELECT $1 %s $2::numeric', made.sign));
        EXECUTE format('CREATE FUNCTION sys.%s(text, numeric) RETURNS %s %s %L',
            made.name, made.result, head, format('SELECT $1::numeric %s $2', made.sign));
        EXECUTE format('CREATE OPERATOR sys.%s (LEFTARG = numeric, RIGHTARG = text, FUNCTION = sys.%s)',
            made.sign, made.name);
        EXECUTE format('CREATE OPERATOR sys.%s (LEFTARG = text, RIGHTARG = numeric, FUNCTION = sys.%s)',
            made.sign, made.name);
    END LOOP;
END
$do$;
