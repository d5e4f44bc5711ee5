# SPDX-License-Identifier: Apache-2.0
"""The same import of encrypted IDs in ClickHouse (chdb).

  with_clickhouse.py prepare WORK                      profiles as a database on disk
  with_clickhouse.py import WORK LINES REJECTED        one import; prints the counts as JSON

An import reads the file, decrypts each ID, joins the text with the address, writes the members to a table and the
rejected lines with their reason to a file.
"""

import json
import pathlib
import shutil
import sys

from chdb import session


def prepare(work):
    shutil.rmtree(work / "clickhouse", ignore_errors=True)
    database = session.Session(str(work / "clickhouse"))
    database.query("create database audiences")
    database.query(
        f"""
        create table audiences.profiles engine = MergeTree order by tuple() as
        select toUInt32(rowNumberInAllBlocks()) as number, lower(trim(email)) as email
        from file('{work}/profiles.csv', 'CSVWithNames')
        settings max_threads = 1
        """
    )
    database.close()


def run_import(work, lines, rejected):
    key = (work / "aes.key.hex").read_text().strip()
    iv = (work / "aes.iv.hex").read_text().strip()
    database = session.Session(str(work / "clickhouse"))
    database.query("drop table if exists audiences.joined")
    database.query("drop table if exists audiences.members")
    database.query(
        f"""
        create table audiences.joined engine = Memory as
        select line.id as id, line.email as email, profile.number as number, profile.found as found
        from (
            select id, tryDecrypt('aes-256-cbc', unhex(id), unhex('{key}'), unhex('{iv}')) as email
            from file('{lines}', 'TSV', 'id String, segment String')
        ) as line
        left join (select email, number, 1::UInt8 as found from audiences.profiles) as profile
        on line.email = profile.email
        """
    )
    database.query(
        """
        create table audiences.members engine = MergeTree order by number as
        select distinct number from audiences.joined where found = 1
        """
    )
    database.query(
        f"""
        insert into function file('{rejected}', 'CSV', 'id String, reason String')
        select id, multiIf(not match(id, '^([0-9a-fA-F]{{32}})+$'), 'malformed', email is null, 'undecryptable', 'unknown')
        from audiences.joined where found = 0
        settings engine_file_truncate_on_insert = 1
        """
    )
    counts = database.query("select countIf(found = 1), count() from audiences.joined", "CSV")
    found, received = (int(value) for value in str(counts).strip().split(","))
    members = int(str(database.query("select count() from audiences.members", "CSV")).strip())
    database.query("drop table audiences.joined")
    database.close()
    return dict(received=received, matched=members, duplicate=found - members, rejected=received - found)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(pathlib.Path(sys.argv[2]))
    else:
        print(json.dumps(run_import(pathlib.Path(sys.argv[2]), *sys.argv[3:5])))
