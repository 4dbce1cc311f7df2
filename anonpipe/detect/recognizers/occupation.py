"""Occupations that identify: a titled role with its field, «koordinator for X i Y».

A plain occupation (teacher, nurse) points to thousands and stays. A role with a
field or a place in it, or one that somebody is the only one or the last to hold, often
belongs to one person. The rules are narrow: masking every job makes an interview
about work useless.
"""

from __future__ import annotations

import re

from anonpipe.detect.recognizers.rule import Rule

# --- patterns

_NO_ROLE = (
    r"(?<![\w-])[\wæøå-]{0,30}(?:leder|leiar|koordinator|sjef|rådgiver|rådgjevar|rådgivar|tillitsvalgt|"
    r"tillitsvald|"
    r"direktør|inspektør|ombud|forstander|bestyrer|styrar)"
)
_STOP = (
    r"(?:og|men|som|så|da|når|eh|ehm|jeg|eg|vi|han|hun|ho|der|her|nå|no|at|fordi|mens|alle|oss|"
    r"dem|dei|"
    r"meg|deg|henne|ham|seg|den|det|de|hele|heile|sin|sine|min|mine|en|et|ei|ein|er|var)"
)
_NO_OCCUPATION = re.compile(
    # a role, «for», and a field of one to three words, perhaps with its place
    rf"{_NO_ROLE} for (?!{_STOP}\b)[\wæøåÆØÅ-]{{4,}}(?: (?!{_STOP}\b)(?:(?:i|ved|på) "
    rf")?[\wæøåÆØÅ-]{{4,}}){{0,2}}",
    re.IGNORECASE,
)
NO_PERSON = (
    r"[\wæøå-]{0,20}(?:lærer|lærar|lege|prest|(?<=\w\w)mann|(?<=\w\w)kvinne|vokter|vaktar|mester|"
    r"meister|smed|maker|makar|fører|førar|skipper|kokk|klokker|klokkar|jordmor|bonde|fisker|"
    r"fiskar|baker|bakar|snekker|snikkar|fotograf|tolk|dommer|dommar|advokat|pleier|pleiar|sjef|"
    r"leder|leiar|bygger|byggjar|bestyrer|styrar|jeger|jegar|los|maskinist|trener|trenar|redaktør|"
    r"veterinær|psykolog|geolog|biolog|arkeolog|organist|kirurg|konservator|kantor|operatør|"
    r"montør|stikker|stikkar|passer|passar|kjører|køyrar|drivar|driver|selger|seljar|handler|"
    r"handlar|arbeider|arbeidar|verge|vakt|ordfører|ordførar|sjåfør|dykker|dykkar|flyger|flygar|"
    r"skredder|skreddar|garver|garvar|møller|møllar|brenner|brennar|brygger|bryggjar)"
)
_NO_PLACE = (
    r"(?:i|på|ved) (?!nyere|nyare|moderne|tid|år|livet|historien|historia|sesong|sommer|dag)"
    r"(?:hele |heile |den |det )?[\wæøåÆØÅ-]{3,}"
)
_NO_SINGULAR = re.compile(
    rf"(?<!\w)(?:den |ho |han |hun )?(?:aller )?(?:eneste|einaste|siste|første|fyrste|yngste) "
    rf"(?:[\wæøå-]+(?:e|a) )?{NO_PERSON}(?:en|n|a|inna)? {_NO_PLACE}(?: (?-i:[A-ZÆØÅ])[\wæøå-]+)?",
    re.IGNORECASE,
)
_NO_RARE = (
    r"(?:fyr|havne|hamne|bru|kirke|kyrkje|gruve|sluse|urmaker|orgel|klokke|båt|salmaker|los|"
    r"dyre|museums|fangst|rein|hval|ur|gull|sølv|bøsse|bane|arkiv|domkirke|slotts|fjell|skogs|"
    r"fiol|piano|glass|tårn)\w*?(?:vokter|vaktar|vakt|fogd|fut|fører|førar|mester|meister|maker|"
    r"makar|bygger|byggjar|arbeider|arbeidar|stemmer|stemmar|organist|konservator|oppsyn|"
    r"smed|skytter|skyttar|lege|pedagog|inspektør|blåser|blåsar|forvalter|forvaltar)"
)
_NO_AT_PLACE = re.compile(
    rf"(?<![\w-])(?:{_NO_RARE}) (?:på|ved|i|hos) (?!{_STOP}\b)[\wæøåÆØÅ-]{{3,}}",
    re.IGNORECASE,
)
_NO_ACADEMIC = re.compile(
    # a post «ved» an institution that has a name
    r"(?<![\w-])[\wæøå-]{0,25}(?:(?i:professor|stipendiat|foreleser|forelesar|konservator|forsker|"
    r"forskar|lektor|kantor|organist|kurator|bibliotekar|arkivar))(?: i [\wæøå-]+)? ved "
    r"(?:[\wæøå]+(?:et|en|a) (?:i |på )?)?[A-ZÆØÅ][\w-]+(?: [A-ZÆØÅ][\w-]+)?"
)
_EN_TITLE = (
    r"(?:Head|Director|Chief|Chair|Reader|Professor|Lecturer|Manager|Coordinator|Co-ordinator|Dean|"
    r"Provost|Warden|Keeper|Curator|Superintendent|Commissioner|Secretary|President|Lead)"
)
_EN_OCCUPATION = re.compile(
    rf"\b(?:[A-Z][a-z]+ ){{0,2}}{_EN_TITLE} (?:of|for|in) (?:the )?[A-Z][\w-]+"
    rf"(?: (?:(?:and|of|for|&) )?[A-Z][\w-]+){{0,3}}"
)
EN_PERSON = (
    r"[a-z-]*(?:keeper|maker|smith|wright|teacher|driver|worker|officer|ranger|\w{3}man|\w{3}woman|"
    r"nurse|doctor|midwife|priest|vicar|minister|vet|chef|cook|baker|butcher|tuner|builder|binder|"
    r"weaver|thatcher|cooper|farmer|fisher|diver|pilot|skipper|mate|engineer|librarian|curator|"
    r"organist|interpreter|surgeon|dentist|barrister|solicitor|judge|sheriff|constable|warden|"
    r"editor|reporter|miner|welder|roofer|plumber|electrician|tailor|cobbler|barber|guide|pastor|"
    r"paramedic|firefighter|stonemason|mason|piper|falconer|beekeeper|shepherd|gamekeeper)"
)
_EN_SINGULAR = re.compile(
    rf"\b(?:the )?(?:very )?(?:last|only|first|sole|youngest) (?:(?:female|male|black|full-time|"
    rf"working|remaining|qualified|practising|deaf|blind|woman|[a-z]+) )?{EN_PERSON} (?:in|on|at|"
    rf"of|for|from) (?:the |our |this )?(?!that\b|which\b|him\b|her\b|my\b)[\w'-]{{3,}}"
    rf"(?: (?-i:[A-Z])[\w-]+){{0,2}}",
    re.IGNORECASE,
)
_EN_INSTITUTION = (
    r"(?:museum|cathedral|library|theatre|lighthouse|observatory|abbey|castle|zoo|archives?|"
    r"gallery|orchestra|minster|aquarium|botanic gardens?|crematorium|racecourse|shipyard|"
    r"dockyard|priory)"
)
_EN_AT_INSTITUTION = re.compile(
    rf"\b(?:(?!(?:a|an|the|as|is|was|and|of|to|my|her|his)\b)[a-z-]+ )?"
    rf"(?:{EN_PERSON}|verger|archivist|conservator|restorer|bell-?ringer|"
    rf"choirmaster|caretaker|registrar) (?:at|of|for|in) (?:the )?(?:[\w'-]+ ){{0,2}}"
    rf"{_EN_INSTITUTION}\b",
    re.IGNORECASE,
)

_NO = ("nb", "nn")
RULES: tuple[Rule, ...] = (
    Rule("no-occupation", "OCCUPATION", _NO_OCCUPATION, 0.5, None, _NO),
    Rule("no-occupation-sole", "OCCUPATION", _NO_SINGULAR, 0.5, None, _NO),
    Rule("no-occupation-rare", "OCCUPATION", _NO_AT_PLACE, 0.5, None, _NO),
    Rule("no-occupation-post", "OCCUPATION", _NO_ACADEMIC, 0.5, None, _NO),
    Rule("en-occupation", "OCCUPATION", _EN_OCCUPATION, 0.5, None, ("en",)),
    Rule("en-occupation-sole", "OCCUPATION", _EN_SINGULAR, 0.5, None, ("en",)),
    Rule("en-occupation-house", "OCCUPATION", _EN_AT_INSTITUTION, 0.5, None, ("en",)),
)
