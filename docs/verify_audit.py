#!/usr/bin/env python3
"""Verify a log of anonpipe without anonpipe; written from AUDIT-FORMAT.md.

    python verify_audit.py audit.jsonl [--against CHECKPOINT] [--study ID]

Needs Python 3.11 and `cryptography`. Verdicts and exit codes are those of `anonpipe audit
verify`: 0 consistent, 5 not, 2 wrong checkpoint. What an action may hold is not checked.
"""

import argparse
import hashlib
import json
import re
import sys
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY = ["v", "seq", "time", "actor", "action", "subject", "result", "details", "prev", "hash"]
CHECKPOINT = ["format", "v", "study", "seq", "head", "time", "signer", "signature", "trail", "hash"]
H16, H64, H128, WORD = "[0-9a-f]{16}", "[0-9a-f]{64}", "[0-9a-f]{128}", "[a-z]+(-[a-z]+)*"
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
FORMS = {"study": H16, "head": H64, "signer": H64, "old": H64, "new": H64, "signature": H128}
DETAILS = {  # of the entries that concern the chain itself
    "log-created": [{"study"}, {"study", "signer"}],
    "signature": [{"signer", "seq", "head", "signature"}],
    "signer-changed": [{"old", "new"}],
}
WRONG = (ValueError, TypeError, LookupError, AttributeError, RecursionError, InvalidSignature)


def need(*conditions):
    if not all(conditions):
        raise ValueError


def matches(form, value):
    return isinstance(value, str) and re.fullmatch(form, value) is not None


def own_hash(line):
    """The hash at the end of a line, or "" if it is not that of the bytes before it."""
    body, _, rest = line.rpartition(b',"hash":"')
    digest = hashlib.sha256(body).hexdigest()
    return digest if rest == digest.encode() + b'"}' else ""


def values(line, names):
    """The values of a line that is written in the one way that is allowed."""
    data = json.loads(line)
    need(own_hash(line), list(data) == names, type(data["v"]) is type(data["seq"]) is int)
    need(json.dumps(data, separators=(",", ":"), allow_nan=False).encode() == line, data["v"] == 1)
    need(matches(TIME, data["time"]) and datetime.fromisoformat(data["time"]))
    return data


def check_signature(signer, study, seq, head, time, made):
    message = f"anonpipe log v1\n{study}\n{seq}\n{head}\n{time}\n".encode()
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(bytes.fromhex(made), message)


def read_log(lines, study):
    """The entries up to the first wrong line, and that line's number or None."""
    entries, head, signer, announced = [], "0" * 64, None, None
    for number, line in enumerate(lines, start=1):
        try:
            entry = values(line, ENTRY)
            action, details, seq = entry["action"], entry["details"], number - 1
            need(entry["seq"] == number, entry["prev"] == head, matches(H16, entry["actor"]))
            need(matches(WORD, action), matches(WORD, entry["result"]), isinstance(details, dict))
            need(entry["subject"] is None or matches("[A-Za-z0-9_-]+", entry["subject"]))
            need(list(details) == sorted(details), *(matches("[a-z0-9_-]+", k) for k in details))
            need((action == "log-created") == (number == 1))
            if action in DETAILS:
                need(set(details) in DETAILS[action], entry["result"] == "done")
                need(*(matches(FORMS[k], details[k]) for k in details if k != "seq"))
                need(entry["subject"] is None, type(details.get("seq", 0)) is int)
            if action == "log-created":
                need(study in (None, details["study"]))
                study, signer = details["study"], details.get("signer")
            elif action == "signer-changed":
                need(signer, details["old"] == signer, announced is None)
                announced = details["new"]
            elif action == "signature":
                need(details["seq"] == seq, details["head"] == head, details["signer"] == signer)
                check_signature(signer, study, seq, head, entry["time"], details["signature"])
                signer, announced = announced or signer, None
        except WRONG:
            return entries, number
        entries.append(entry)
        head = entry["hash"]
    return entries, None if lines else 1


def read_checkpoint(path, study):
    point = values(Path(path).read_bytes().rstrip(b"\r\n"), CHECKPOINT)
    need(*(matches(FORMS[name], point[name]) for name in ("study", "head", "signer", "signature")))
    need(point["format"] == "anonpipe-checkpoint", study in (None, point["study"]))
    need(point["seq"] > 0, matches("([0-9a-f]{8})+", point["trail"]))
    point["trail"] = re.findall("." * 8, point["trail"])
    need(len(point["trail"]) == point["seq"] + 1, point["trail"][-2] == point["head"][:8])
    check_signature(*map(point.get, ("signer", "study", "seq", "head", "time", "signature")))
    return point


def judge(lines, study, point):
    entries, wrong = read_log(lines, study)
    if point is None:
        return f"DOES NOT VERIFY at {wrong}" if wrong else f"CONSISTENT {len(lines)}"
    for number, (line, short) in enumerate(zip(lines, point["trail"]), start=1):  # noqa: B905
        if own_hash(line)[:8] != short and (wrong is None or number <= wrong):
            return f"REWRITTEN at {number}"
    if wrong and lines:
        return f"DOES NOT VERIFY at {wrong}"
    at, numbers = point["seq"], f"{point['seq'] + 1} -> {len(lines)}"
    if len(lines) <= at:
        return f"TRUNCATED {numbers}"
    if entries[at - 1]["hash"] != point["head"]:
        return f"REWRITTEN at {at}"
    same = all(entries[at]["details"].get(k) == point[k] for k in ("signer", "signature"))
    return f"CONSISTENT {numbers}" if same else f"REWRITTEN at {at + 1}"


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Verify a log of anonpipe.")
    for name in ("log", "--against", "--study"):
        parser.add_argument(name)
    given = parser.parse_args(arguments)
    try:
        *lines, torn = Path(given.log).read_bytes().split(b"\n")
    except OSError:
        return print("The log is missing or cannot be read.", file=sys.stderr) or 5
    study = given.study or next((e["details"]["study"] for e in read_log(lines[:1], None)[0]), None)
    try:
        point = read_checkpoint(given.against, study) if given.against else None
    except (*WRONG, OSError):
        return print("The checkpoint is damaged, forged or another's.", file=sys.stderr) or 2
    verdict = judge(lines, study, point)
    if not verdict.startswith("CONSISTENT"):
        return print(verdict) or 5
    print(verdict + "\nTORN LAST LINE" * bool(torn))
    actions = [entry["action"] for entry in reversed(read_log(lines, study)[0])]
    print(f"Unsigned entries: {[*actions, 'signature'].index('signature')}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
