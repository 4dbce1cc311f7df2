"""Deletion receipts: what was done to a file, for people and for programs.

A receipt claims no more than was done. It never says that nothing can be recovered, and
lists the copies that no program on this machine can reach.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from anonpipe.files import write_durably
from anonpipe.medium import Medium

VERSION = 1
Method = Literal["unlink", "overwrite-attempted", "crypto-erase"]
Result = Literal["deleted", "already-gone"]
Language = Literal["en", "nb"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to one file.

    `size` is bytes, None when unknown. `other_names` counts hard links besides the one that
    was deleted; `other_names_emptied` says whether they are empty files now. `synced`: the
    file lay in a folder that a cloud service copies.
    """

    result: Result
    methods: tuple[Method, ...]
    medium: Medium
    size: int | None
    other_names: int = 0
    other_names_emptied: bool = True
    synced: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """One deletion. Ids, codes, digests, numbers and times only; never a name.

    `kind` is audio or text; `approved_at` when somebody reviewed the outputs, None if nobody
    did; `digest` is the deleted file's, keyed, `outputs` maps the names of what was written from it
    to their digests; `log_hash` is the log entry in which the deletion was announced.
    Of a file that was encrypted, `key_generations` are the digests of the versions of the key
    file that held its data key, and `key_backups` the ids of registered copies of them.
    """

    recording: str
    kind: str
    participants: tuple[str, ...]
    consent_versions: tuple[str, ...]
    rule: str
    approved_at: str | None
    erased: Erased
    digest: str
    outputs: Mapping[str, str]
    deleted_at: str
    log_hash: str
    program: str
    key_generations: tuple[str, ...] = ()
    key_backups: tuple[str, ...] = ()

    @property
    def out_of_reach(self) -> tuple[str, ...]:
        """Codes of the copies that the program cannot reach, those known of first."""
        medium = self.erased.medium
        # Old blocks of a file whose data key is gone cannot be read.
        coded = "crypto-erase" in self.erased.methods
        known = {
            "key-generations": coded,
            "before-sealing": coded,
            "other-names": self.erased.other_names > 0 and not self.erased.other_names_emptied,
            "synced-folder": self.erased.synced,
            "copy-on-write": medium.copy_on_write and not coded,
            "flash": medium.kind in ("ssd", "removable") and not coded,
            "server": medium.kind == "network",
            "swap": medium.kind == "memory",
            "disk-unknown": medium.kind == "unknown" and not coded,
            "journal": "journal" in medium.notes,
        }
        standing = ("snapshots", "cloud", "backups", "recorder", "sent")
        always = tuple(s for s in standing if not (s == "cloud" and self.erased.synced))
        return tuple(code for code, applies in known.items() if applies) + always

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        reach = [{"code": code, "text": OUT_OF_REACH[code]["en"]} for code in self.out_of_reach]
        return {"v": VERSION, **asdict(self), "out_of_reach": reach}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Receipt:
        """Rebuild a receipt; KeyError, TypeError or ValueError if the values are none."""
        if data["v"] != VERSION:
            raise ValueError("a receipt of another version")
        rest = {k: v for k, v in data.items() if k not in ("v", "erased", "out_of_reach")}
        erased = dict(data["erased"])
        on = dict(erased.pop("medium"))
        medium = Medium(**{**on, "notes": tuple(on["notes"])})
        for name in ("participants", "consent_versions", "key_generations", "key_backups"):
            rest[name] = tuple(rest[name])
        methods = tuple(erased.pop("methods"))
        return cls(**rest, erased=Erased(medium=medium, methods=methods, **erased))

    def to_text(self, language: Language) -> str:
        """The receipt for reading, with a line feed at the end."""
        say, erased = _WORDS[language], self.erased
        done = [_DONE[method][language] for method in erased.methods]
        if erased.result == "already-gone":
            done = [say["gone"]]
        if erased.other_names:
            key = "links_emptied" if erased.other_names_emptied else "links_left"
            done.append(say[key].format(n=erased.other_names))
        medium = _MEDIUM[erased.medium.kind][language]
        size = say["unknown"] if erased.size is None else f"{erased.size} bytes"
        facts = {
            "what": f"{self.recording} ({_KINDS.get(self.kind, {}).get(language, self.kind)})",
            "participants": ", ".join(self.participants) or "-",
            "when": self.deleted_at,
            "rule": self.rule,
            "consent": ", ".join(self.consent_versions) or "-",
            "reviewed": self.approved_at or say["not_reviewed"],
            "size": size,
            "digest": self.digest,
            "medium": f"{medium}, {say['filesystem']} {erased.medium.filesystem}",
            "log": self.log_hash,
            "program": self.program,
        }
        if "crypto-erase" in erased.methods:
            copies = ", ".join(self.key_backups) or say["none"]
            facts["generations"] = say["n_generations"].format(
                n=len(self.key_generations), copies=copies
            )
        width = max(len(say[name]) for name in facts) + 2
        lines = [say["title"], "=" * len(say["title"]), ""]
        lines += [f"{say[name] + ':':<{width}}{value}" for name, value in facts.items()]
        lines += ["", say["done"], *(f"  - {item}" for item in done)]
        lines += ["", say["outputs"]]
        lines += [f"  - {name}\n    {digest}" for name, digest in self.outputs.items()] or ["  -"]
        lines += ["", say["reach"]]
        lines += [f"  - {OUT_OF_REACH[code][language]}" for code in self.out_of_reach]
        return "\n".join(lines) + "\n"


def write_receipt(folder: Path, receipt: Receipt) -> Receipt:
    """Write a receipt as ID-kind.json and ID-kind.txt (Norwegian and English), durably.

    Writing again for the same announcement in the log replaces the files, except that a
    receipt of a deletion is never replaced by one that found the file gone. Another
    announcement gets a number. Returns the receipt that stands. Raises RecordingError.
    """
    path, standing = _place(folder, receipt)
    if standing is not None and standing.erased.result == "deleted":
        receipt = standing
    data = json.dumps(receipt.to_json(), indent=1).encode() + b"\n"
    text = receipt.to_text("nb") + "\n\n" + receipt.to_text("en")
    write_durably(path, data, mode=0o644)
    write_durably(path.with_suffix(".txt"), text.encode(), mode=0o644)
    return receipt


def _place(folder: Path, receipt: Receipt) -> tuple[Path, Receipt | None]:
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        path = folder / f"{receipt.recording}-{receipt.kind}{suffix}.json"
        if not path.exists():
            return path, None
        try:
            found = Receipt.from_json(json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            found = None  # not ours to replace
        if found is not None and found.log_hash == receipt.log_hash:
            return path, found
        number += 1


_KINDS = {
    "audio": {"en": "recording", "nb": "opptak"},
    "text": {"en": "document", "nb": "dokument"},
}
_DONE: dict[str, dict[Language, str]] = {
    "overwrite-attempted": {
        "en": "Overwritten once with random bytes, as far as the disk lets a program do that.",
        "nb": "Overskrevet én gang med tilfeldige tegn, så langt disken lar et program gjøre det.",
    },
    "unlink": {
        "en": "Removed from its folder.",
        "nb": "Fjernet fra mappen.",
    },
    "crypto-erase": {
        "en": "Its data key was taken out of the key file: without an earlier generation of that, "
        "what may be left of it cannot be read.",
        "nb": "Datanøkkelen er tatt ut av nøkkelfilen: uten en tidligere utgave av den kan det som "
        "måtte være igjen, ikke leses.",
    },
}
_MEDIUM: dict[str, dict[Language, str]] = {
    "ssd": {"en": "solid-state disk", "nb": "SSD-disk"},
    "hdd": {"en": "magnetic hard disk", "nb": "magnetisk harddisk"},
    "removable": {"en": "removable medium", "nb": "flyttbart medium"},
    "network": {"en": "network disk", "nb": "nettverksdisk"},
    "memory": {"en": "memory of the computer", "nb": "maskinens minne"},
    "unknown": {"en": "kind of disk unknown", "nb": "ukjent type disk"},
}
OUT_OF_REACH: dict[str, dict[Language, str]] = {
    "other-names": {
        "en": "The same file under another name (hard link), which could not be emptied.",
        "nb": "Den samme filen under et annet navn (hard lenke), som ikke kunne tømmes.",
    },
    "key-generations": {
        "en": "Earlier generations of the key file, which may still hold this file's data key: "
        "its backups and copies, and old blocks of it on its disk.",
        "nb": "Tidligere utgaver av nøkkelfilen, som fortsatt kan inneholde datanøkkelen til denne "
        "filen: sikkerhetskopier, andre kopier og gamle blokker på disken den ligger på.",
    },
    "before-sealing": {
        "en": "Old blocks of the unencrypted file, wherever it lay before it was encrypted.",
        "nb": "Gamle blokker av den ukrypterte filen, der den lå før den ble kryptert.",
    },
    "synced-folder": {
        "en": "The copy in the cloud service that synchronises the folder, and its bin.",
        "nb": "Kopien i skytjenesten som synkroniserer mappen, og tjenestens papirkurv.",
    },
    "copy-on-write": {
        "en": "Old blocks: this file system writes new data elsewhere (copy-on-write).",
        "nb": "Gamle blokker: filsystemet skriver nye data et annet sted (copy-on-write).",
    },
    "flash": {
        "en": "Old memory cells: flash memory moves data about and keeps what was there.",
        "nb": "Gamle minneceller: flashminne flytter data rundt og beholder det som var der.",
    },
    "server": {
        "en": "What the server behind the network disk keeps, such as versions and a bin.",
        "nb": "Det serveren bak nettverksdisken tar vare på, som versjoner og papirkurv.",
    },
    "swap": {
        "en": "Parts that the system moved from memory to the swap file.",
        "nb": "Deler som systemet har flyttet fra minnet til vekselfilen (swap).",
    },
    "disk-unknown": {
        "en": "Old blocks, if the disk is flash memory or virtual: its kind is not known.",
        "nb": "Gamle blokker, hvis disken er flashminne eller virtuell: typen er ikke kjent.",
    },
    "journal": {
        "en": "Traces in the file system's journal, such as the old file name.",
        "nb": "Spor i filsystemets journal, for eksempel det gamle filnavnet.",
    },
    "snapshots": {
        "en": "Snapshots and earlier versions that the system keeps, if that is switched on.",
        "nb": "Øyeblikksbilder og tidligere versjoner som systemet lagrer, hvis det er slått på.",
    },
    "cloud": {
        "en": "Copies in a cloud service, if the folder was ever synchronised.",
        "nb": "Kopier i en skytjeneste, hvis mappen noen gang har vært synkronisert.",
    },
    "backups": {
        "en": "Backups of this computer.",
        "nb": "Sikkerhetskopier av denne maskinen.",
    },
    "recorder": {
        "en": "The original on the recorder or the phone, and its memory card.",
        "nb": "Originalen på opptakeren eller telefonen, og på minnekortet.",
    },
    "sent": {
        "en": "Copies that were sent by e-mail or message, or that others have saved.",
        "nb": "Kopier som er sendt med e-post eller melding, eller som andre har lagret.",
    },
}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Deletion receipt",
        "what": "Concerns",
        "participants": "Participants",
        "when": "Time (UTC)",
        "rule": "Rule in the consent",
        "consent": "Version of the consent",
        "reviewed": "Outputs reviewed",
        "not_reviewed": "no",
        "size": "Size",
        "unknown": "unknown",
        "digest": "Keyed digest",
        "medium": "It lay on",
        "filesystem": "file system",
        "log": "Announced in the log as",
        "program": "Program",
        "generations": "Held its data key",
        "n_generations": "{n} earlier versions of the key file; registered copies: {copies}",
        "none": "none",
        "done": "What was done:",
        "gone": "Nothing: the file was gone when the program came (back) to delete it.",
        "links_emptied": "The file had {n} more name(s) (hard links); it is empty under those too.",
        "links_left": "The file had {n} more name(s) (hard links), under which it still exists.",
        "outputs": "Written from it and checked before the deletion (SHA-256):",
        "reach": "Copies that the program cannot reach; see to those that exist:",
    },
    "nb": {
        "title": "Kvittering for sletting",
        "what": "Gjelder",
        "participants": "Deltakere",
        "when": "Tidspunkt (UTC)",
        "rule": "Regel i samtykket",
        "consent": "Versjon av samtykket",
        "reviewed": "Resultatet gjennomgått",
        "not_reviewed": "nei",
        "size": "Størrelse",
        "unknown": "ukjent",
        "digest": "Digest med nøkkel",
        "medium": "Lå på",
        "filesystem": "filsystem",
        "log": "Varslet i loggen som",
        "program": "Program",
        "generations": "Har hatt datanøkkelen",
        "n_generations": "{n} tidligere utgaver av nøkkelfilen; registrerte kopier: {copies}",
        "none": "ingen",
        "done": "Dette ble gjort:",
        "gone": "Ingenting: filen var borte da programmet kom (tilbake) for å slette den.",
        "links_emptied": "Filen hadde {n} navn til (harde lenker); den er tom under disse også.",
        "links_left": "Filen hadde {n} navn til (harde lenker), og finnes fortsatt under disse.",
        "outputs": "Skrevet ut fra filen og kontrollert før slettingen (SHA-256):",
        "reach": "Kopier som programmet ikke kan nå; ta hånd om dem som finnes:",
    },
}
