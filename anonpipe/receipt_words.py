"""The words of deletion receipts, in English and Norwegian.

Nothing here may promise more than was done: no receipt says that nothing can be recovered.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "nb"]

KINDS: dict[str, dict[Language, str]] = {
    "audio": {"en": "recording", "nb": "opptak"},
    "text": {"en": "document", "nb": "dokument"},
}
DONE: dict[str, dict[Language, str]] = {
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
VERIFIED: dict[str, dict[Language, str]] = {
    "overwritten": {
        "en": "The system confirmed that the random bytes were handed to the disk.",
        "nb": "Systemet bekreftet at de tilfeldige tegnene var levert til disken.",
    },
    "emptied": {
        "en": "The file was empty, as the system said, before it was removed.",
        "nb": "Filen var tom, ifølge systemet, før den ble fjernet.",
    },
    "name-gone": {
        "en": "Its name was looked up afterwards and was not there.",
        "nb": "Navnet ble slått opp etterpå og var ikke der.",
    },
    "folder-synced": {
        "en": "The system confirmed that the changed folder was on the disk.",
        "nb": "Systemet bekreftet at den endrede mappen var på disken.",
    },
    "key-entry-gone": {
        "en": "The key file was read back after its data key had been taken out.",
        "nb": "Nøkkelfilen ble lest tilbake etter at datanøkkelen var tatt ut.",
    },
}
"""How it was verified that a file is gone."""
MEDIUM: dict[str, dict[Language, str]] = {
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
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Deletion receipt",
        "id": "Receipt",
        "study": "Study",
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
        "register": "Register's digest",
        "medium": "It lay on",
        "filesystem": "file system",
        "log": "Announced in the log",
        "entry": "entry {seq},",
        "actor": "Account (digest)",
        "program": "Program",
        "material": "What is kept",
        "signer": "Signed with",
        "signature": "Signature",
        "unsigned": "not signed",
        "verified": "How that was verified:",
        "unverified": "It could not be verified.",
        "generations": "Registered copies and versions of the key file that held its data key:",
        "done": "What was done:",
        "gone": "Nothing: the file was gone when the program came (back) to delete it.",
        "links_emptied": "The file had {n} more name(s) (hard links); it is empty under those too.",
        "links_left": "The file had {n} more name(s) (hard links), under which it still exists.",
        "outputs": "Written from it and checked before the deletion (SHA-256):",
        "reach": "Copies that the program cannot reach; see to those that exist:",
    },
    "nb": {
        "title": "Kvittering for sletting",
        "id": "Kvittering",
        "study": "Studie",
        "what": "Gjelder",
        "participants": "Deltakere",
        "when": "Tidspunkt (UTC)",
        "rule": "Regel i samtykket",
        "consent": "Versjon av samtykket",
        "reviewed": "Resultatet gjennomgått",
        "not_reviewed": "nei",
        "size": "Størrelse",
        "unknown": "ukjent",
        "digest": "Nøklet avtrykk",
        "register": "Registerets avtrykk",
        "medium": "Lå på",
        "filesystem": "filsystem",
        "log": "Varslet i loggen",
        "entry": "linje {seq},",
        "actor": "Konto (avtrykk)",
        "program": "Program",
        "material": "Det som er beholdt",
        "signer": "Signert med",
        "signature": "Signatur",
        "unsigned": "ikke signert",
        "verified": "Slik ble det kontrollert:",
        "unverified": "Det kunne ikke kontrolleres.",
        "generations": "Registrerte kopier og utgaver av nøkkelfilen som hadde datanøkkelen:",
        "done": "Dette ble gjort:",
        "gone": "Ingenting: filen var borte da programmet kom (tilbake) for å slette den.",
        "links_emptied": "Filen hadde {n} navn til (harde lenker); den er tom under disse også.",
        "links_left": "Filen hadde {n} navn til (harde lenker), og finnes fortsatt under disse.",
        "outputs": "Skrevet ut fra filen og kontrollert før slettingen (SHA-256):",
        "reach": "Kopier som programmet ikke kan nå; ta hånd om dem som finnes:",
    },
}
