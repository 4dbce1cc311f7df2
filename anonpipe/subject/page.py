"""What is held about somebody as a page to read and print, in Norwegian and English.

One HTML file without scripts, styles of others, or anything to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from anonpipe.log_schema import ACTIONS
from anonpipe.times import timecode

_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c1c1c}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem;border-top:1px solid "
    "#bbb;padding-top:.8rem}h3{font-size:1rem}h2 span,p.en,td span{color:#555;font-weight:normal}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.2rem .8rem .2rem 0;overflow-wrap:anywhere}td.n{color:#555;width:14rem}"
    ".turns td.n{width:6.5rem}"
    "table+table{margin-top:1rem}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}"
)
_SECTIONS = {
    "key": ("Nøkkelen: hvem koden står for", "The key: whom the code stands for"),
    "register": ("Samtykkeregisteret", "The consent register"),
    "sources": ("Opptak og dokumenter", "Recordings and documents"),
    "transcripts": ("Transkripsjoner, med koder", "Transcripts, with codes"),
    "raw": ("Råtekst som er forseglet", "Raw transcripts, which are sealed"),
    "mentions": ("Omtale i andres intervjuer, med koder", "Mentions in other people's interviews"),
    "raw_mentions": ("Omtale i forseglet råtekst", "Mentions in sealed raw transcripts"),
    "receipts": ("Kvitteringer for sletting", "Deletion receipts"),
    "log": ("Loggen", "The log"),
    "key_openings": ("Hvem som har åpnet nøkkelen, og hvorfor", "Who has opened the key, and why"),
    "key_backups": ("Kopier av nøkkelen", "Copies of the key"),
}
_WORDS = {
    "canonical": ("navn eller verdi", "name or value"),
    "aliases": ("andre former", "other forms"),
    "type": ("type", "type"),
    "seen": ("forekommer i", "occurs in"),
    "merged_by": ("koblet fordi", "linked because of"),
    "participant": ("deltaker", "participant"),
    "patterns": ("filer", "files"),
    "consented_on": ("samtykket", "consented on"),
    "consent_version": ("versjon av samtykket", "version of the consent"),
    "audio": ("regel for opptak", "rule for recordings"),
    "review": ("gjennomgang", "review"),
    "transcript_until": ("transkripsjon til", "transcript until"),
    "at_end": ("ved slutten", "at the end"),
    "quotes": ("sitater", "quotes"),
    "archive": ("arkivering", "archiving"),
    "withdrawn_on": ("trukket tilbake", "withdrawn on"),
    "id": ("id", "id"),
    "number": ("nummer", "number"),
    "kind": ("slag", "kind"),
    "file": ("fil", "file"),
    "participants": ("deltakere", "participants"),
    "stage": ("hvor langt", "stage"),
    "original_is_there": ("originalen finnes", "the original is there"),
    "raw_transcript_is_there": ("forseglet råtekst finnes", "a sealed raw transcript is there"),
    "bleeped_copy_is_there": ("kopi med pip finnes", "a bleeped copy is there"),
    "dates": ("datoer", "dates"),
    "rule": ("regel", "rule"),
    "deleted_at": ("slettet", "deleted at"),
    "carried_out_at": ("gjennomført", "carried out"),
    "made_at": ("laget", "made at"),
    "time": ("tid", "time"),
    "act": ("hva som ble gjort", "what was done"),
    "reason": ("grunn", "reason"),
    "role": ("rolle", "role"),
}
_INTRO = (
    "Dette er alt studien har om {code}. Andres navn er koder, unntatt i det {code} selv har sagt.",
    "This is everything that the study holds about {code}. Other people's names are codes, except "
    "in what {code} has said.",
)


def page(values: Mapping[str, Any]) -> str:
    """The page for what `gathering.gather` found."""
    code = escape(values["code"])
    study = escape(values["study"]["title"] or values["study"]["id"])
    parts = [
        '<!doctype html><html lang="nb"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{code}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{code} · {study}</h1>",
        f"<p>{_INTRO[0].format(code=code)}</p>",
        f'<p class="en" lang="en">{_INTRO[1].format(code=code)}</p>',
        f"<p>{escape(values['material']['nb'])}</p>",
        f'<p class="en" lang="en">{escape(values["material"]["en"])}</p>',
        f"<p>{escape(values['made_at'])}</p>",
    ]
    for name, (nb, en) in _SECTIONS.items():
        if name in values:
            parts.append(f'<h2>{nb} <span lang="en">· {en}</span></h2>')
            parts.append(_section(name, values[name]))
    return "\n".join((*parts, "</body></html>")) + "\n"


def _section(name: str, value: Any) -> str:
    if name in ("key", "register"):
        return _table((_label(field), _text(item)) for field, item in value.items() if _text(item))
    if name in ("transcripts", "raw", "mentions", "raw_mentions"):
        return "\n".join(
            f"<h3>{escape(source)}</h3>{_turns(turns)}" for source, turns in value.items()
        )
    if name == "log":
        return _table((escape(entry["time"]), _entry(entry)) for entry in value)
    return "".join(
        _table((_label(field), _text(item)) for field, item in each.items() if _readable(item))
        for each in value
    )


def _entry(entry: Mapping[str, Any]) -> str:
    says = ACTIONS[entry["action"]].says
    details = ", ".join(f"{k} {_said(v)}" for k, v in entry["details"].items() if _readable(v))
    subject = f"{entry['subject']}: " if entry["subject"] else ""
    return f"{escape(subject + says)} <span>{escape(details)}</span>"


def _readable(value: Any) -> bool:
    """Whether a value tells a person something: digests do not, and stand in the JSON file."""
    return bool(_said(value)) and not (isinstance(value, str) and _DIGEST.fullmatch(value))


def _turns(turns: Iterable[Mapping[str, Any]]) -> str:
    return _table(((_place(turn), _words(turn)) for turn in turns), "turns")


def _place(turn: Mapping[str, Any]) -> str:
    start = turn["start"]
    return f"{turn['turn']}" if start is None else f"{turn['turn']} · {timecode(start)}"


def _words(turn: Mapping[str, Any]) -> str:
    speaker = turn.get("speaker")
    said = escape(turn["text"])
    return f"<b>{escape(speaker)}</b> {said}" if speaker else said


def _table(rows: Iterable[tuple[str, str]], kind: str = "") -> str:
    body = "".join(f'<tr><td class="n">{label}</td><td>{text}</td></tr>' for label, text in rows)
    return f'<table class="{kind}">{body}</table>' if kind else f"<table>{body}</table>"


def _label(field: str) -> str:
    nb, en = _WORDS.get(field, (field, field))
    return escape(nb) if nb == en else f'{escape(nb)} <span lang="en">· {escape(en)}</span>'


def _text(value: Any) -> str:
    return escape(_said(value))


def _said(value: Any) -> str:
    """Plain words for a JSON value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja · yes" if value else "nei · no"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_said(item)}" for key, item in value.items() if _readable(item))
    return str(value)
