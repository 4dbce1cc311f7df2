"""Recordings and documents with a canary in every field that can hold one."""

from __future__ import annotations

import io
import struct
import zipfile

CANARY = "Canary Kvitteringsen"
NEEDLES = tuple(CANARY.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def has_canary(data: bytes) -> bool:
    """Whether the canary stands in bytes, in any encoding, whatever its case."""
    folded = data.lower()
    return any(needle.lower() in folded for needle in NEEDLES)


# -- sound


def id3v2(version: int = 4, *, utf16: bool = False) -> bytes:
    """An ID3v2 tag: text, comment, lyrics, picture, private data, object, web and user frames."""
    text = b"\x01\xff\xfe" + CANARY.encode("utf-16-le") if utf16 else b"\x03" + CANARY.encode()
    plain = CANARY.encode()
    frames = dict.fromkeys(("TIT2", "TPE1", "TALB", "TENC", "TSSE", "TOWN", "TSRC"), text)
    frames |= {
        "COMM": b"\x03eng\x00" + plain,
        "USLT": b"\x03eng\x00" + plain,
        "TXXX": b"\x03" + plain + b"\x00" + plain,
        "WXXX": b"\x03\x00http://example.org/" + plain,
        "APIC": b"\x03image/png\x00\x03" + plain + b"\x00\x89PNG" + plain,
        "PRIV": plain + b"\x00" + plain,
        "GEOB": b"\x03text/plain\x00" + plain + b"\x00" + plain + b"\x00" + plain,
        "UFID": plain + b"\x00" + plain,
        "OWNE": b"\x03NOK0\x0020260101" + plain,
        "ZZZZ": plain,
    }
    body = b""
    for name, content in frames.items():
        size = _synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
        body += name.encode() + size + b"\0\0" + content
    body += bytes(64)
    return b"ID3" + bytes([version, 0, 0]) + _synchsafe(len(body)) + body


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3v1() -> bytes:
    field = CANARY.encode().ljust(30, b"\0")
    return b"TAG" + field * 3 + b"2026" + field[:28] + b"\0\1\0"


def apev2() -> bytes:
    item = struct.pack("<II", len(CANARY), 0) + b"Artist\0" + CANARY.encode()
    head = struct.pack("<IIII8x", 2000, len(item) + 32, 1, 0)
    return b"APETAGEX" + head[:12] + b"\0\0\0\xa0" + bytes(8) + item + b"APETAGEX" + head


def lyrics3() -> bytes:
    body = b"LYRICSBEGININD0000210LYR" + f"{len(CANARY):05}".encode() + CANARY.encode()
    return body + f"{len(body):06}".encode() + b"LYRICS200"


def chunk(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(wav: bytes) -> bytes:
    """A WAV file with every kind of descriptive chunk, before the sound and after it."""
    plain = CANARY.encode()
    info = b"INFO" + b"".join(
        chunk(name, plain + b"\0")
        for name in (b"INAM", b"IART", b"ICMT", b"ISFT", b"IENG", b"ILOC")
    )
    labels = b"adtl" + chunk(b"labl", struct.pack("<I", 1) + plain + b"\0")
    bext = plain.ljust(256, b"\0") + plain.ljust(32, b"\0") * 2 + b"2026-01-0110:00:00" + bytes(8)
    bext += struct.pack("<H", 2) + plain.ljust(64, b"\0") + bytes(190) + plain + b"\r\n"
    extra = (
        chunk(b"bext", bext)
        + chunk(b"LIST", info)
        + chunk(b"LIST", labels)
        + chunk(b"iXML", b"<BWFXML><NOTE>" + plain + b"</NOTE></BWFXML>")
        + chunk(b"axml", b"<ebuCore>" + plain + b"</ebuCore>")
        + chunk(b"_PMX", b"<x:xmpmeta>" + plain + b"</x:xmpmeta>")
        + chunk(b"id3 ", id3v2(3))
        + chunk(b"cue ", struct.pack("<IIIIIII", 1, 1, 0, 0x61746164, 0, 0, 0))
        + chunk(b"cart", b"0101" + plain.ljust(64, b"\0") * 6 + bytes(1664))
        + chunk(b"JUNK", plain)
        + chunk(b"note", plain)
    )
    at = wav.index(b"data")
    size = struct.unpack("<I", wav[at + 4 : at + 8])[0]
    sound = wav[at : at + 8 + size + size % 2]
    form = wav.index(b"fmt ")
    body = b"WAVE" + wav[form : form + 8 + struct.unpack("<I", wav[form + 4 : form + 8])[0]]
    body += extra + sound + extra
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def mp4(data: bytes) -> bytes:
    """An MP4 whose index comes last, with QuickTime, 3GPP, iTunes, location and free boxes."""
    plain = CANARY.encode()
    text = struct.pack(">HH", len(plain), 0x15C7) + plain
    item = box(b"data", struct.pack(">II", 1, 0) + plain)
    free_form = box(b"mean", bytes(4) + plain) + box(b"name", bytes(4) + plain) + item
    names = (b"\xa9nam", b"\xa9ART", b"\xa9cmt", b"\xa9too", b"\xa9wrt", b"desc", b"covr")
    tags = b"".join(box(name, item) for name in names) + box(b"----", free_form)
    handler = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    user = box(
        b"udta",
        box(b"\xa9xyz", struct.pack(">HH", 18 + len(plain), 0x15C7) + b"+59.9139+010.7522/" + plain)
        + b"".join(box(name, text) for name in (b"\xa9nam", b"\xa9mak", b"\xa9swr", b"\xa9aut"))
        + box(b"loci", bytes(4) + b"\x15\xc7" + plain + bytes(20) + plain + b"\0")
        + box(b"titl", bytes(4) + b"\x15\xc7" + plain + b"\0")
        + box(b"meta", bytes(4) + handler + box(b"ilst", tags)),
    )
    at = data.rindex(b"moov") - 4
    moov = data[at + 8 : at + struct.unpack(">I", data[at : at + 4])[0]]
    handled = moov.replace(b"SoundHandler\0", plain[:12] + b"\0")
    extra = box(b"free", plain) + box(b"uuid", bytes(16) + b"<x:xmpmeta>" + plain)
    return data[:at] + box(b"moov", handled + user) + extra


def flac(data: bytes) -> bytes:
    """A FLAC file with all kinds of metadata blocks."""
    plain = CANARY.encode()
    entry = struct.pack("<I", len(plain) + 6) + b"TITLE=" + plain
    comment = struct.pack("<I", len(plain)) + plain + struct.pack("<I", 1) + entry
    picture = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(">I", len(plain)) + plain
    picture += struct.pack(">IIIII", 1, 1, 24, 0, len(plain)) + plain
    tracks = bytes(8) + b"\1" + plain[:12] + bytes(14) + b"\1" + bytes(8) + b"\1\0\0\0"
    tracks += (145_530).to_bytes(8, "big") + b"\xaa" + bytes(27)
    cue = plain.ljust(128, b"\0") + bytes(8 + 1 + 258) + b"\2" + tracks
    blocks = {1: plain, 2: b"test" + plain, 4: comment, 5: cue, 6: picture}
    body = b""
    for kind, content in blocks.items():
        body += bytes([kind]) + len(content).to_bytes(3, "big") + content
    end = 8 + int.from_bytes(data[5:8], "big")
    rest = data[end:]
    while True:  # its own blocks
        last, size = rest[0] & 0x80, int.from_bytes(rest[1:4], "big")
        rest = rest[4 + size :]
        if last:
            break
    return data[:4] + bytes([data[4] & 0x7F]) + data[5:end] + body + b"\x81\0\0\0" + rest + id3v1()


# -- documents

TEXT = "Notes from the day. She said the school closed early."
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_DOCUMENT = f"""<?xml version="1.0"?><!-- {{c}} -->
<w:document {_W} xmlns:wp="urn:wp" xmlns:v="urn:v" xmlns:o="urn:o" w:rsidR="{{c}}"><w:body>
<w:p w:rsidR="{{c}}" w:rsidRDefault="{{c}}"><w:pPr><w:pStyle w:val="{{c}}"/>
<w:pPrChange w:id="1" w:author="{{c}}" w:date="{{c}}"><w:pPr/></w:pPrChange></w:pPr>
<w:bookmarkStart w:id="0" w:name="{{c}}"/><w:r w:rsidR="{{c}}"><w:t>{TEXT}</w:t></w:r>
<w:del w:id="2" w:author="{{c}}" w:date="{{c}}"><w:r><w:delText>{{c}}</w:delText></w:r></w:del>
<w:ins w:id="3" w:author="{{c}}" w:date="{{c}}"><w:r><w:t> Inserted.</w:t></w:r></w:ins>
<w:r><w:instrText>AUTHOR "{{c}}"</w:instrText></w:r>
<w:r><w:drawing><wp:docPr id="1" name="{{c}}" descr="{{c}}" title="{{c}}"/></w:drawing></w:r>
<w:r><w:pict><v:shape id="{{c}}" alt="{{c}}"><v:imagedata o:title="{{c}}"/></v:shape></w:pict></w:r>
<w:commentRangeStart w:id="0"/></w:p>
<w:sdt><w:sdtPr><w:alias w:val="{{c}}"/><w:tag w:val="{{c}}"/></w:sdtPr><w:sdtContent>
<w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>
<w:sectPr w:rsidR="{{c}}"/></w:body></w:document>"""
_PARTS = {
    "word/document.xml": _DOCUMENT,
    "word/comments.xml": f'<w:comments {_W}><w:comment w:id="0" w:author="{{c}}" w:initials="{{c}}"'
    ' w:date="{c}"><w:p><w:r><w:t>Check the year.</w:t></w:r></w:p></w:comment></w:comments>',
    "word/people.xml": '<p:people xmlns:p="urn:p"><p:person p:author="{c}"/></p:people>',
    "word/settings.xml": f'<w:settings {_W}><w:rsids><w:rsid w:val="{{c}}"/></w:rsids>'
    '<w:attachedTemplate w:id="{c}"/><w:docVars><w:docVar w:val="{c}"/></w:docVars></w:settings>',
    "word/styles.xml": f'<w:styles {_W}><w:style w:styleId="{{c}}"/></w:styles>',
    "word/theme/theme1.xml": '<theme name="{c}"/>',
    "word/fontTable.xml": f'<w:fonts {_W}><w:font w:name="{{c}}"/></w:fonts>',
    "word/_rels/document.xml.rels": "<Relationships><Relationship Id='r1' Type='t' "
    "TargetMode='External' Target='file:///home/{c}/mal.dotx'/></Relationships>",
    "docProps/core.xml": "<core><creator>{c}</creator><lastModifiedBy>{c}</lastModifiedBy>"
    "<title>{c}</title><subject>{c}</subject><keywords>{c}</keywords><category>{c}</category>"
    "<description>{c}</description></core>",
    "docProps/app.xml": "<app><Company>{c}</Company><Manager>{c}</Manager>"
    "<Template>{c}</Template><HyperlinkBase>{c}</HyperlinkBase></app>",
    "docProps/custom.xml": "<custom><property name='{c}'>{c}</property></custom>",
    "docProps/thumbnail.jpeg": "JFIF {c}",
    "customXml/item1.xml": "<bibliography>{c}</bibliography>",
    "customXml/itemProps1.xml": "<item>{c}</item>",
    "[trash]/0000.dat": "{c}",
}


def docx(*, picture: bool = False) -> bytes:
    """A Word document; its text is TEXT, what was inserted, and a comment."""
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    parts = {name: content.replace("{c}", CANARY) for name, content in _PARTS.items()}
    parts["[Content_Types].xml"] = (
        f'<Types><Override PartName="/word/document.xml" ContentType="{kinds}.document.main+xml"/>'
        f'<Override PartName="/word/comments.xml" ContentType="{kinds}.comments+xml"/></Types>'
    )
    if picture:
        parts["word/media/image1.jpeg"] = f"JFIF {CANARY}"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        package.comment = CANARY.encode()
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 10, 10, 0, 0))
            info.comment = CANARY.encode()
            info.extra = struct.pack("<HH", 0x7075, len(CANARY)) + CANARY.encode()
            package.writestr(info, content)
        package.writestr(f"{CANARY}.txt", CANARY)
    return file.getvalue()


def vtt() -> bytes:
    c = CANARY
    text = f"WEBVTT - {c}\n{c}: {c}\n\nNOTE by {c}\n\nSTYLE\n::cue {{/* {c} */}}"
    return (text + f"\n\n{CANARY}\n00:00.000 --> 00:02.000\n<v Mari>{TEXT}</v>\n").encode("utf-16")
