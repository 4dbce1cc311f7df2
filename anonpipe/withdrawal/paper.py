"""The receipt of a withdrawal: what was done and what is out of reach, without the person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from anonpipe import __version__
from anonpipe.files import write_durably
from anonpipe.receipt import OUT_OF_REACH

VERSION = 1
Language = Literal["en", "nb"]


def record(values: Mapping[str, Any], *, begun: str) -> dict[str, Any]:
    """What is written down of a withdrawal that was carried out: codes, ids, counts, times.

    `values` are the operation's; `begun` is the hash of the log entry that began it.
    """
    return {
        "v": VERSION,
        "participant": values["participant"],
        "withdrawn_on": values["on"],
        "consent_versions": values["versions"],
        "carried_out_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": [
            {
                "id": source["id"],
                "kind": source["kind"],
                "with_others": source["with_others"],
                "originals": source["files"],
            }
            for source in values["sources"]
        ],
        "deleted": {"originals": len(values["originals"]), "files": len(values["made"])},
        "key_entries": len(values["entries"]),
        "others": [
            {"id": name, "places": rewrite["places"], "raw": rewrite["raw"]}
            for name, rewrite in values["rewrites"].items()
            if name and (rewrite["places"] or rewrite["raw"])
        ],
        "out_of_reach": [{**left, "text": reach(left, "en")} for left in values["left"]],
        "log_hash": begun,
        "program": f"anonpipe {__version__}",
    }


def write(folder: Path, made: Mapping[str, Any]) -> Path:
    """Write a record as withdrawal-P07.json and .txt (Norwegian and English), durably.

    Writing again for the same beginning replaces the files, another one gets a number.
    """
    folder.mkdir(exist_ok=True, mode=0o700)
    path = _place(folder, made)
    text = to_text(made, "nb") + "\n\n" + to_text(made, "en")
    write_durably(path, json.dumps(made, indent=1, ensure_ascii=False).encode() + b"\n", mode=0o644)
    write_durably(path.with_suffix(".txt"), text.encode(), mode=0o644)
    return path


def _place(folder: Path, made: Mapping[str, Any]) -> Path:
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        path = folder / f"withdrawal-{made['participant']}{suffix}.json"
        try:
            if json.loads(path.read_bytes())["log_hash"] == made["log_hash"]:
                return path
        except FileNotFoundError:
            return path
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not ours to replace
        number += 1


def to_text(made: Mapping[str, Any], language: Language) -> str:
    """A record for reading, with a line feed at the end."""
    say = _WORDS[language]
    facts = {
        "participant": made["participant"],
        "day": made["withdrawn_on"],
        "consent": ", ".join(made["consent_versions"]) or "-",
        "done_at": made["carried_out_at"],
        "originals": made["deleted"]["originals"],
        "files": made["deleted"]["files"],
        "entries": made["key_entries"],
        "log": made["log_hash"],
        "program": made["program"],
    }
    width = max(len(say[name]) for name in facts) + 2
    lines = [say["title"], "=" * len(say["title"]), ""]
    lines += [f"{say[name] + ':':<{width}}{value}" for name, value in facts.items()]
    lines += ["", say["sources"]]
    lines += [f"  - {_source(source, say)}" for source in made["sources"]] or [say["none"]]
    lines += ["", say["others"]]
    lines += [
        f"  - {item['id']}: {say['places'].format(n=item['places'])}"
        + (f", {say['raw'].format(n=item['raw'])}" if item["raw"] else "")
        for item in made["others"]
    ] or [say["none"]]
    lines += ["", say["reach"]]
    lines += [f"  - {reach(left, language)}" for left in made["out_of_reach"]]
    return "\n".join(lines) + "\n"


def _source(source: Mapping[str, Any], say: Mapping[str, str]) -> str:
    kind = say[source["kind"]]
    shared = ", ".join(source["with_others"])
    more = f", {say['with']} {shared}" if shared else ""
    gone = say["files_gone"].format(n=source["originals"]) if source["originals"] else say["before"]
    return f"{source['id']} ({kind}{more}): {gone}"


def reach(left: Mapping[str, Any], language: Language) -> str:
    """What one code of something out of reach means."""
    code = left["code"]
    words = OWN_REACH.get(code) or OUT_OF_REACH[code]
    return words[language].format(n=left["count"], ids=", ".join(left["ids"]) or "–")


OWN_REACH: dict[str, dict[Language, str]] = {
    "key-backups": {
        "en": "Copies of the key from before that could not be replaced, as their disks were not "
        "there, and that still hold the entries: {ids}.",
        "nb": "Kopier av nøkkelen fra før som ikke kunne erstattes fordi diskene manglet, og som "
        "fortsatt har oppføringene: {ids}.",
    },
    "exports": {
        "en": "Names that were written out of the key in plain text, {n} time(s): find those files "
        "and delete the person from them.",
        "nb": "Navn som er skrevet ut av nøkkelen i klartekst, {n} gang(er): finn de filene og "
        "slett personen fra dem.",
    },
    "others-originals": {
        "en": "Recordings and documents of other participants that are still there, {n}, in which "
        "the person may be mentioned; those that have an id: {ids}.",
        "nb": "Opptak og dokumenter fra andre deltakere som fortsatt er der, {n}, der personen kan "
        "være nevnt; de som har en id: {ids}.",
    },
    "unread": {
        "en": "Files in transcripts/ that cannot be read, {n}: look through them by hand.",
        "nb": "Filer i transcripts/ som ikke kan leses, {n}: se gjennom dem for hånd.",
    },
    "names-left": {
        "en": "Outputs of other sources that people have edited and that show a name of the "
        "person: {ids}. Mend them by hand.",
        "nb": "Resultater fra andre kilder som noen har redigert, og som viser et navn på "
        "personen: {ids}. Rett dem for hånd.",
    },
}
"""What a withdrawal itself adds to `receipt.OUT_OF_REACH`."""

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Receipt of a withdrawal",
        "participant": "Participant",
        "day": "Withdrawn on",
        "consent": "Version of the consent",
        "done_at": "Carried out (UTC)",
        "originals": "Originals deleted",
        "files": "Transcripts, copies and working files deleted",
        "entries": "Entries of the key removed",
        "log": "Announced in the log as",
        "program": "Program",
        "sources": "Sources of the participant, of which nothing is left in the study:",
        "others": "Other people's sources in which the code of the participant was taken back:",
        "reach": "What the program cannot reach; see to what exists:",
        "audio": "recording",
        "text": "document",
        "with": "together with",
        "files_gone": "{n} original(s) deleted, each with a receipt",
        "before": "the original was gone before",
        "places": "{n} place(s) in the transcripts",
        "raw": "{n} turn(s) of the sealed raw transcript",
        "none": "  - none",
    },
    "nb": {
        "title": "Kvittering for tilbaketrekking av samtykke",
        "participant": "Deltaker",
        "day": "Trukket tilbake",
        "consent": "Versjon av samtykket",
        "done_at": "Gjennomført (UTC)",
        "originals": "Slettede originaler",
        "files": "Slettede transkripsjoner, kopier og arbeidsfiler",
        "entries": "Oppføringer fjernet fra nøkkelen",
        "log": "Varslet i loggen som",
        "program": "Program",
        "sources": "Deltakerens kilder, som det ikke er noe igjen av i studien:",
        "others": "Andres kilder der deltakerens kode er tatt bort:",
        "reach": "Det programmet ikke kan nå; ta hånd om det som finnes:",
        "audio": "opptak",
        "text": "dokument",
        "with": "sammen med",
        "files_gone": "{n} original(er) slettet, hver med en kvittering",
        "before": "originalen var borte fra før",
        "places": "{n} sted(er) i transkripsjonene",
        "raw": "{n} replikk(er) i den forseglede råteksten",
        "none": "  - ingen",
    },
}
