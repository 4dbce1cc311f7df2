"""Occupations that identify: a titled role with its field, «koordinator for X i Y».

A plain occupation (teacher, nurse) points to thousands and stays. A role with a
field or a place in it often belongs to one person. The rule is narrow: masking
every job makes an interview about work useless.
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
    # «prosjektleder for læring i agder», «rådgiver for X ved Y»
    rf"{_NO_ROLE} for (?!{_STOP}\b)[\wæøåÆØÅ-]{{4,}}(?: (?!{_STOP}\b)(?:(?:i|ved|på) "
    rf")?[\wæøåÆØÅ-]{{4,}}){{0,2}}",
    re.IGNORECASE,
)
_EN_TITLE = (
    r"(?:Head|Director|Chief|Chair|Reader|Professor|Lecturer|Manager|Coordinator|Co-ordinator|Dean|"
    r"Provost|Warden|Keeper|Curator|Superintendent|Commissioner|Secretary|President|Lead)"
)
_EN_OCCUPATION = re.compile(
    rf"\b(?:[A-Z][a-z]+ ){{0,2}}{_EN_TITLE} (?:of|for|in) (?:the )?[A-Z][\w-]+"
    rf"(?: (?:(?:and|of|for|&) )?[A-Z][\w-]+){{0,3}}"
)

RULES: tuple[Rule, ...] = (
    Rule("no-occupation", "OCCUPATION", _NO_OCCUPATION, 0.5, None, ("nb", "nn")),
    Rule("en-occupation", "OCCUPATION", _EN_OCCUPATION, 0.5, None, ("en",)),
)
