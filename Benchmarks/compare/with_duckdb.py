# SPDX-License-Identifier: Apache-2.0
"""The same import in DuckDB.

  with_duckdb.py prepare WORK                          profiles with their hashes as a database on disk
  with_duckdb.py import WORK KIND LINES REJECTED       one import; prints the counts as JSON
  with_duckdb.py detailed WORK KIND LINES REJECTED     the same, with as much to show for it as this program keeps

An import reads the file, joins it with the column of the kind, writes the members to a table and the rejected lines
with their reason to a file. Lines that repeat an ID are counted, as the lines that matched less the distinct members.
The detailed one keeps members per segment, and each rejected line whole with its number.
"""

import json
import pathlib
import sys

import duckdb

# ID kind: column to join with, condition of a malformed ID.
KINDS = {
    "plain": ("email", "contains(id, ':')"),
    "sha256": ("sha256", "not regexp_full_match(id, '[0-9a-f]{64}')"),
    "visitor": ("visitor", "not regexp_full_match(id, '[0-9]{38}')"),
}


def prepare(work):
    path = work / "profiles.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as database:
        database.execute(
            f"""
            create table profiles as
            select (row_number() over () - 1)::uinteger as number, lower(trim(email)) as email,
                   sha256(lower(trim(email))) as sha256, visitorId as visitor
            from read_csv('{work}/profiles.csv', header = true, all_varchar = true) as people
            join read_csv('{work}/visitors.csv', header = true, all_varchar = true) as links using (email)
            """
        )


def run_import(work, kind, lines, rejected, detailed):
    column, is_malformed = KINDS[kind]
    line = f"""
        read_csv('{lines}', delim = '\t', header = false, auto_detect = false,
                 columns = {{'id': 'VARCHAR', 'segments': 'VARCHAR'}})
        """
    kept, member = "line.id", "number"
    if detailed:
        line = f"(select row_number() over () as position, * from {line})"
        kept = "line.position, line.id, line.segments"
        member = "unnest(string_split(segments, ',')) as segment, number"
    with duckdb.connect(str(work / "profiles.duckdb")) as database:
        # The order of lines is not asked for, and without it the join is faster.
        database.execute("set preserve_insertion_order = false")
        database.execute(
            f"""
            create temp table joined as
            select {kept}, profile.number from {line} as line
            left join profiles as profile on profile.{column} = line.id
            """
        )
        database.execute(
            f"create or replace table members as select distinct {member} from joined where number is not null"
        )
        database.execute(
            f"""
            copy (select {kept.replace("line.", "")}, case when {is_malformed} then 'malformed' else 'unknown' end
                  from joined where number is null) to '{rejected}' (header false)
            """
        )
        found, received = database.execute("select count(number), count(*) from joined").fetchone()
        members = database.execute("select count(*) from members").fetchone()[0]
    return dict(received=received, matched=members, duplicate=found - members, rejected=received - found)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(pathlib.Path(sys.argv[2]))
    else:
        is_detailed = sys.argv[1] == "detailed"
        print(json.dumps(run_import(pathlib.Path(sys.argv[2]), *sys.argv[3:6], is_detailed)))
