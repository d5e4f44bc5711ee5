# SPDX-License-Identifier: Apache-2.0
"""Writes the profiles, the links of visitor IDs and the outbound files that the comparison reads.

The same seed gives the same bytes. A file holds 70 % known IDs, 26 % unknown, 2 % repeated ones (known IDs that stand
earlier in the file) and 2 % malformed, shuffled, all in segment 10603117. Fields are separated by a tab, which all the programs can read.
"""

import argparse
import hashlib
import multiprocessing
import pathlib
import subprocess
import time

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SEGMENT = b"10603117"
KEY = bytes(range(32))
IV = bytes.fromhex("0123456789abcdeffedcba9876543210")
CHUNK = 500_000

# ID kind: widest ID in bytes, and the name of its outbound file without timestamp and extension.
KINDS = {
    "plain": (47, "s3_46392_14019_full_"),
    "sha256": (64, "s3_46390_14017_full_"),
    "visitor": (38, "s3_46389_14016_full_"),
    "aes256": (96, "s3_46391_14018_full_"),
}

FIRST_NAMES = "ada grace zoe ines mary freya lucia nora maja lukasz niels emile sam blaise otto joe max remi beatrice bo".split()
LAST_NAMES = "moreau smith weiss lefevre novak taylor brandt ohara petit klein young dubois cholmondeley li".split()
COUNTRIES = "FR GB US DE ES IT NL".split()
DOMAINS = "example.com example.org mail.example.net".split()
PHONE_PREFIXES = dict(FR="+336", GB="+447", US="+1202", DE="+4917", ES="+346", IT="+393", NL="+316")

HEX = np.array([f"{byte:02x}".encode() for byte in range(256)], dtype="S2").view(np.uint16)


def email_of(number):
    first = FIRST_NAMES[number * 7919 % 20]
    return f"{first}.{LAST_NAMES[number * 104729 % 14]}.{number}@{DOMAINS[number * 31 % 3]}"


def profile_row(number, email):
    country = COUNTRIES[number * 13 % 7]
    first = FIRST_NAMES[number * 7919 % 20].capitalize()
    last = LAST_NAMES[number * 104729 % 14].capitalize()
    born = f"{1940 + number * 17 % 65}-{1 + number * 5 % 12:02d}-{1 + number * 3 % 28:02d}"
    return f"CRM-{number:09d},{first},{last},{email},{PHONE_PREFIXES[country]}{number:08d},{country},{born}\n"


def hex_of(rows):
    """Bytes as lower-case hex: an array of shape (n, w) becomes n texts of 2w characters."""
    return HEX[rows].view(f"S{2 * rows.shape[1]}").reshape(-1)


def encrypted(texts, lengths):
    """AES-256-CBC with PKCS#7 of many texts at once: block k of all of them is one call of ECB."""
    plain = np.zeros((len(texts), 48), dtype=np.uint8)
    plain[:, :47] = texts.view(np.uint8).reshape(len(texts), 47)
    blocks = lengths // 16 + 1
    padding = (blocks * 16 - lengths).astype(np.uint8)
    column = np.arange(48)
    fill = (column >= lengths[:, None]) & (column < (blocks * 16)[:, None])
    plain = np.where(fill, padding[:, None], plain)
    encryptor = Cipher(algorithms.AES(KEY), modes.ECB()).encryptor()
    previous = np.frombuffer(IV, dtype=np.uint8)[None, :]
    cipher = np.empty_like(plain)
    for k in range(3):
        mixed = np.ascontiguousarray(plain[:, 16 * k : 16 * k + 16] ^ previous)
        previous = np.frombuffer(encryptor.update(mixed), dtype=np.uint8).reshape(-1, 16)
        cipher[:, 16 * k : 16 * k + 16] = previous
    text = hex_of(cipher).view(np.uint8).reshape(-1, 96).copy()
    text[np.arange(96) >= (blocks * 32)[:, None]] = 0
    return text.view("S96").reshape(-1)


def make_chunk(task):
    """Fills one stretch of the ID arrays and returns its rows of both CSV files."""
    folder, first, last, profile_count, seed = task
    emails = [email_of(number) for number in range(first, last)]
    raw = [email.encode() for email in emails]
    plain = np.array(raw, dtype="S47")
    lengths = np.array([len(text) for text in raw])
    assert lengths.max() <= 47, "an address is wider than its column"
    sha256 = hashlib.sha256
    digests = np.frombuffer(b"".join([sha256(text).digest() for text in raw]), dtype=np.uint8)
    random = np.random.default_rng([seed, first])
    visitors = random.integers(48, 58, size=(last - first, 38), dtype=np.uint8).view("S38").reshape(-1)
    columns = dict(
        plain=plain, sha256=hex_of(digests.reshape(-1, 32)), visitor=visitors, aes256=encrypted(plain, lengths)
    )
    for kind, column in columns.items():
        array = np.lib.format.open_memmap(folder / "ids" / f"{kind}.npy", mode="r+")
        array[first:last] = column
    known = range(first, min(last, profile_count))
    profiles = "".join([profile_row(number, email) for number, email in zip(known, emails)])
    links = "".join([f"{visitor.decode()},{email}\n" for _, visitor, email in zip(known, visitors.tolist(), emails)])
    return profiles.encode(), links.encode()


def plan_lines(profile_count, line_count, seed):
    """For each line the row of the ID arrays it takes, and whether it is malformed."""
    unknown, repeated, malformed = line_count * 26 // 100, line_count * 2 // 100, line_count * 2 // 100
    known = line_count - unknown - repeated - malformed
    if known > profile_count:
        raise SystemExit(f"{known} lines must name different profiles, but there are only {profile_count}")
    random = np.random.default_rng(seed)
    state = np.repeat(np.arange(4, dtype=np.uint8), [known, unknown, repeated, malformed])
    random.shuffle(state)
    start = int(np.argmax(state == 0))
    state[[0, start]] = state[[start, 0]]
    people = random.permutation(profile_count)[:known]
    rows = np.empty(line_count, dtype=np.int64)
    rows[state == 0] = people
    rows[state == 1] = profile_count + np.arange(unknown)
    rows[state == 3] = profile_count + unknown + np.arange(malformed)
    known_before = np.cumsum(state == 0)[state == 2]
    rows[state == 2] = people[(random.random(repeated) * known_before).astype(np.int64)]
    return rows, state == 3, dict(known=known, unknown=unknown, repeated=repeated, malformed=malformed)


def spoil(kind, ids, where):
    """Makes the IDs at these positions malformed."""
    letters = ids.view(np.uint8).reshape(len(ids), -1)
    chosen = np.flatnonzero(where)
    if kind == "plain":
        letters[chosen] = np.where(letters[chosen] == ord("@"), ord(":"), letters[chosen])
    elif kind == "aes256":
        last = np.char.str_len(ids[chosen]) - 1
        letters[chosen, last] = np.where(chosen % 2 == 0, 0, ord("!"))  # "g" might be base64
    else:
        letters[chosen, -1] = np.where(chosen % 2 == 0, 0, ord("g"))


def write_lines(task):
    folder, kind, profile_count, line_count, seed = task
    ids = np.load(folder / "ids" / f"{kind}.npy")
    rows, malformed, _ = plan_lines(profile_count, line_count, seed)
    path = folder / f"{kind}.sync"
    end = b"\t" + SEGMENT + b"\n"
    with open(path, "wb") as file:
        for first in range(0, line_count, CHUNK):
            chunk = ids[rows[first : first + CHUNK]]
            spoil(kind, chunk, malformed[first : first + CHUNK])
            file.write(end.join(chunk.tolist()) + end)
    del ids
    with open(folder / f"{kind}.sync.gz", "wb") as packed:
        subprocess.run(["gzip", "-n", "-1", "-c", path], stdout=packed, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=10_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    options = parser.parse_args()

    started = time.monotonic()
    folder = options.work
    (folder / "ids").mkdir(parents=True, exist_ok=True)
    stamp = f"{options.profiles} {options.lines} {options.seed}\n"
    if (folder / "stamp").exists() and (folder / "stamp").read_text() == stamp:
        print("the files are there already")
        return
    (folder / "stamp").unlink(missing_ok=True)
    _, _, counts = plan_lines(options.profiles, options.lines, options.seed)
    total = options.profiles + counts["unknown"] + counts["malformed"]
    for kind, (width, _) in KINDS.items():
        np.lib.format.open_memmap(folder / "ids" / f"{kind}.npy", mode="w+", dtype=f"S{width}", shape=(total,))
    (folder / "aes.key.hex").write_text(KEY.hex() + "\n")
    (folder / "aes.iv.hex").write_text(IV.hex() + "\n")

    with multiprocessing.Pool() as pool:
        chunks = [
            (folder, first, min(first + CHUNK, total), options.profiles, options.seed)
            for first in range(0, total, CHUNK)
        ]
        with open(folder / "profiles.csv", "wb") as profiles, open(folder / "visitors.csv", "wb") as visitors:
            profiles.write(b"externalId,firstName,lastName,email,mobilePhone,country,birthDate\n")
            visitors.write(b"visitorId,email\n")
            for rows, links in pool.imap(make_chunk, chunks):
                profiles.write(rows)
                visitors.write(links)
        print(f"profiles and IDs: {time.monotonic() - started:.0f} s", flush=True)
        tasks = [(folder, kind, options.profiles, options.lines, options.seed) for kind in KINDS]
        pool.map(write_lines, tasks, chunksize=1)
    (folder / "stamp").write_text(stamp)
    print(f"all files: {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
