"""Ages in figures or in words: said of somebody, beside a noun for a person, first in a sentence.

«hun er førtito», «en enke på sekstiåtte», “a lad of fourteen”. Durations, amounts, times of day
and measures are left: a number counts only next to a person, and not before a unit.
"""

from __future__ import annotations

import re

from anonpipe.detect.recognizers.rule import Rule, digits
from anonpipe.numbers import EN_WORD, ENGLISH, NO_WORD, NORWEGIAN

# --- said of somebody

_NO_ANY = rf"(?:1[01]\d|[1-9]\d|[1-9]|{NO_WORD})"
_NO_AGE_NUMBER = rf"(?!(?:en|én|ein|et|ett|ei|eitt|éin|éi|null|to|tre|fire)\b){_NO_ANY}"
_NO_SUBJECT = (
    r"(?:jeg|eg|æ|han|hun|ho|hon|'n|som"
    r"|(?!(?:Vi|De|Dei|Det|Dere|Dykk|Der|Her|Me|Mi|Hva|Kva|Den|Alle|Dette|Klokka|"
    r"Prisen)\b)[A-ZÆØÅ][\w-]+)"
)
_NO_BE = (
    r"(?:er|e'|e|æ|var|va'|va|ble|blei|vart|blir|fyller|fylte|fylde|fylt|runda|rundet|passerte)"
)
_NO_AGE = re.compile(
    # «jeg er førtito», «Han er 58 og», «hun fylte 40»; not «jeg er 100 prosent»
    rf"\b(?:{_NO_SUBJECT} {_NO_BE}|fyller|fylte|fylt|fylde)"
    rf"(?i: (?:nå|no|jo|vel|bare|snart|altså|ca\.?|cirka|omtrent|nesten|akkurat|eh|ehm|òg|også))*"
    rf" (?P<x>(?i:{_NO_AGE_NUMBER})(?: ?år\b)?)"
    rf"(?![\w-]| \d| ?(?:%|prosent|kroner|kr|meter|cm|kilo|kg|ganger|gonger|timer|timar|dager|"
    rf"dagar|uker|"
    rf"veker|måneder|månader|stykker|stykk|mann|personer|elever|barn|søsken|minutter|av oss|mot|"
    rf"stk|mil|som|i|på|mennesker)\b)",
)
_NO_AGE_TURNED = re.compile(
    rf"(?i:\b(?:fyller|fylte|fylt|fylde) (?P<x>{_NO_AGE_NUMBER}(?: ?år)?) "
    rf"(?:i|på|no|nå|den|da|då)\b)"
)
_NO_AGE_YEARS = re.compile(
    # set off by a comma or bracket, or after a form of «være» without «det» or «der» before it
    rf"(?:(?<=, )|(?<=\()|\b(?i:(?<!det )(?<!der )(?<!dette )(?:er|e'|var|va'|blir|fyller|fylte)"
    rf"(?: (?:nå|no|altså|vel|jo|bare|snart))* ))"
    rf"(?P<x>(?i:{_NO_AGE_NUMBER}) ?år)\b(?! (?i:siden|sidan|med|til|fengsel|etter|garanti|"
    rf"i strekk|på rad|tidligere|tidlegare|senere|seinare|før|fram|frem|på|i|som|uten|utan|mellom|"
    rf"for|der|hvor|tilbake|erfaring)\b)"
)
_NO_AGE_OLD = re.compile(
    rf"\b(?P<x>(?i:{_NO_ANY})(?: og (?:et|eit) halvt)?(?: ?år))(?i: (?:gammel|gamle|gammal|"
    rf"gamal)\b)"
)
_NO_AGE_ARING = re.compile(rf"\b(?P<x>(?i:{_NO_ANY}))(?=-?(?i:åring|års?gammel|årsgammal|års))")
_NO_AGE_ON = re.compile(
    rf"(?:(?i:\b(?:i en alder av|i alderen|alder(?:en)?(?: er)?:?|(?:mann|dame|kvinne|kar|fyr|"
    rf"jente|gutt|gut|"
    rf"unge|sønn|datter|dotter) på))|\b[A-ZÆØÅ]\w+ på)\s+(?P<x>(?i:{_NO_AGE_NUMBER})(?: "
    rf"?år)?)(?=[\s.,;!?]|$)(?! (?:minutter|minutt|timer|timar|dager|dagar|uker|veker|måneder|"
    rf"månader|kroner|meter|prosent|stykker|kilo|mil|plasser|rom|av|mål|poeng)\b)"
)
_AGE_APPOSITION = re.compile(
    r"\b[A-ZÆØÅ][\w'-]+(?:, ?| \()(?P<x>\d{1,2}(?: år)?)(?=[,)]|\. [A-ZÆØÅ])"
    r"(?!, \d)"
)
_EN_ANY = rf"(?:1[01]\d|[1-9]\d|[1-9]|{EN_WORD})"
_EN_AGE_NUMBER = rf"(?!(?:one|o|oh|zero|two|three|four)\b){_EN_ANY}"
_EN_NO_AGE = (
    r"(?![\w-]| ?(?:%|percent|per cent|hours?|minutes?|days?|weeks?|miles?|dollars|pounds|feet|"
    r"foot|"
    r"inches|people|times|of|stone|kilos?|out|children|kids|grand|or|to|point|in a|o'clock|hundred|"
    r"thousand|for|on|at|and a half hours)\b|[.,]\d)"
)
_EN_AGE = re.compile(
    rf"(?i:\b(?:i'm|i’m|i am|i was|he's|he’s|she's|she’s|he is|she is|he was|she was|they're|"
    rf"who's|who’s|"
    rf"who is|who was|turned|turning|turns|am|aged?|age of|just turned|is now|now aged|that's)"
    rf"(?: (?:now|just|only|almost|nearly|about|um|uh|like|already|still|she's|he's|i'm|that's))*"
    rf" (?P<x>{_EN_AGE_NUMBER}(?:[ -]years?(?:[ -]old)?)?)){_EN_NO_AGE}(?! (?i:years?))"
)
_EN_AGE_OLD = re.compile(
    rf"(?i:\b(?P<x>{_EN_ANY}(?: and a half)?[ -](?:years?|months?|weeks?)[ -]old)\b)"
)
_EN_AGE_HAVE = re.compile(rf"(?i:\bI have (?P<x>{_EN_AGE_NUMBER} years)(?=[,.]| old))")

# --- beside a noun for a person, or by itself

_NO_UNIT = (
    r"(?![\w-]| ?%|[.,:]\d| (?:år(?! ?(?:gam|nå|no\b|i|[.,]|$))|prosent|kroner|kr|meter|cm|"
    r"centimeter|kilo|kg|ganger|gonger|gongar|timer|timar|dager|dagar|uker|veker|måneder|månader|minutter|"
    r"minutt|sekunder|stykker|stykk|personer|mann|menn|kvinner|barn|søsken|elever|av|mot|stk|mil|"
    r"hundre|tusen|millioner|etasjer|rom|over|komma|og en halv|poeng|plasser|grader|til)\b)"
)
_NO_NUMBER = rf"(?:1(?:0\d|10)|[1-9]\d|[2-9]|(?!(?:null|en|én|et|ett|ei|ein|eitt|éin)\b){NO_WORD})"
_NO_PERSON = (
    r"(?:enke|enkje|enkemann|enkjemann|mann|mannen|kvinne|kvinna|kvinnen|kvinnfolk|kar|karen|"
    r"karfolk|kall|kallen|kjerring|kjerringa|dame|dama|damen|frue|jente|jenta|jenten|jentunge|"
    r"gutt|gutten|gut|guten|guttunge|gutunge|son|sønn|sønnen|sonen|guttungen|dotter|dottera|"
    r"datter|dattera|datteren|bror(?:en)?|søster(?:en)?|søstera|syster|systera|kjæresten?|eldstemann|yngstemann|far|mor|faren|moren|mora|bestemor|bestefar|"
    r"farmor|farfar|mormor|morfar|tante|onkel|fetter|kusine|nevø|niese|barnebarn|unge|ungen|"
    r"tenåring|ungdom|nabo|naboen|pasient|pasienten|student|elev|eleven|lærling|læregutt|venn|"
    r"venninne|kamerat|kompis|kollega|kone|kona|ektemann|samboer|sambuar|fyr|fyren|type|"
    r"pensjonist|pensjonisten|gubbe|gubben|bebuar|beboer|person|svigermor|svigerfar)"
)
_OWNER = r"(?: (?:min|mi|mitt|hans|hennes|hennar|vår|sin|si|din|di|deres|dykkar|til \w+))?"
_ADVERB = (
    r"(?: (?:nå|no|jo|vel|bare|berre|snart|altså|ca\.?|cirka|omtrent|nesten|akkurat|eh|"
    r"ehm|òg|også|rundt|visst|da|då|blitt|vorte))*"
)
_NO_AFTER_PERSON = re.compile(
    rf"\b{_NO_PERSON} på{_ADVERB} (?P<x>{_NO_NUMBER}(?: år\b)?){_NO_UNIT}", re.IGNORECASE
)
_NO_BESIDE_PERSON = re.compile(
    rf"\b{_NO_PERSON},? (?P<x>{_NO_NUMBER} år)(?! (?:siden|sidan|etter|senere|seinare|med|til|i|"
    r"på|eldre|yngre)\b)(?!\w)",
    re.IGNORECASE,
)
_NO_KIN_IS = re.compile(
    rf"\b{_NO_PERSON}{_OWNER} (?:er|e|var|blir|ble|blei|vart|fyller|fylte|fylde|runda){_ADVERB} "
    rf"(?P<x>{_NO_NUMBER}(?: år\b)?){_NO_UNIT}(?! (?:i|på|som)\b)",
    re.IGNORECASE,
)
_NO_BECAME = re.compile(
    rf"\b(?:jeg|eg|æ|han|hun|ho|hon|{_NO_PERSON}{_OWNER}) (?:ble|blei|vart|blir|fyller|fylte|fylde|"
    rf"runda|rundet){_ADVERB} (?P<x>{_NO_NUMBER}(?: år)?) (?:i|på|til) (?:vår|våren|år|fjor|går|"
    r"sommer|sommar|høst|haust|vinter|vinteren|høsten|hausten|sommeren|forgårs|dag|morgen|helga|helgen|"
    r"jula|påska|mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag|januar|februar|mars|april|mai|"
    r"juni|juli|august|september|oktober|november|desember)\b",
    re.IGNORECASE,
)
_NO_FIRST = re.compile(
    # «Sekstito år, og fremdeles her.» as an answer
    rf"(?:^|[.!?:«]\s+|\n)(?P<x>{_NO_NUMBER}(?: år)?)(?=, (?:og|men|gift|skilt|singel|enke|"
    r"enkemann|bor|bur|født|fødd|mor|far|snart|pensjonist|jeg|eg|[a-zæøå]+lærer)\b| år\.)",
    re.IGNORECASE,
)

_EN_NUMBER = rf"(?:1(?:0\d|10)|[1-9]\d|[2-9]|(?!(?:one|o|oh|zero)\b){EN_WORD})"
_EN_UNIT = (
    r"(?![\w-]|[.,:]\d| ?%| (?:percent|per cent|hours?|minutes?|seconds?|days?|weeks?|months?|"
    r"miles?|dollars|pounds|feet|foot|inches|people|times|of|stone|kilos?|children|kids|or|to|"
    r"point|o'clock|hundred|thousand|million|others?|men|women|and a half hours|siblings|"
    r"brothers|sisters|in the|on the|years(?! (?:old|of age)))\b)"
)
_EN_PERSON = (
    r"(?:boy|girl|lad|lass|man|woman|lady|gentleman|widow|widower|son|daughter|brother|sister|"
    r"child|kid|toddler|teenager|youngster|mother|father|mum|mom|dad|grandmother|grandfather|"
    r"granny|grandma|grandad|grandpa|nan|nephew|niece|cousin|uncle|aunt|auntie|husband|wife|"
    r"partner|patient|pensioner|neighbou?r|apprentice|pupil|student|fella|bloke|chap|guy|twins)"
)
_EN_OF = re.compile(
    rf"\b{_EN_PERSON},? (?:of|aged|age)(?: about| maybe| only)? (?P<x>{_EN_NUMBER}){_EN_UNIT}",
    re.IGNORECASE,
)
_EN_BESIDE = re.compile(rf"\b{_EN_PERSON}, (?P<x>{_EN_NUMBER})(?=[,.;)])(?![.,]\d)", re.IGNORECASE)
# “a nice lad um fifteen he was”
_EN_PAUSED = re.compile(
    rf"\b{_EN_PERSON} (?:um|uh|er) (?P<x>{_EN_NUMBER})(?= (?:he|she|he's|she's|um|uh)\b)",
    re.IGNORECASE,
)
_EN_KIN_IS = re.compile(
    rf"\b(?:(?:my|our|his|her|their|the|youngest|eldest|oldest) (?:\w+ )?{_EN_PERSON}|"
    rf"(?:my|our|his|her|their|the) (?:eldest|oldest|youngest|middle one))(?:'s|’s| is|"
    rf" was| turned| turns)(?: now| only| just| nearly| almost| um| uh| about)* "
    rf"(?P<x>{_EN_NUMBER}(?: years old)?){_EN_UNIT}",
    re.IGNORECASE,
)
_EN_WOULD = re.compile(
    rf"\b(?:i|he|she)(?:'d be|’d be|'ll be|’ll be| would be| will be| must be| would have been|"
    rf" must have been|'d have been)(?: about| nearly| now| around)* (?P<x>{_EN_NUMBER}){_EN_UNIT}"
    r"(?! (?:at|minutes|for)\b)",
    re.IGNORECASE,
)
_EN_FIRST = re.compile(
    rf"(?:^|[.!?:“\"]\s+|\n)(?P<x>{_EN_NUMBER})(?=, (?:and|but|married|divorced|single|widowed|"
    r"retired|going on|nearly|born)\b)",
    re.IGNORECASE,
)


def _value(text: str) -> int:
    """The number that an age's text says; 0 if it says none."""
    if digits(text):
        return int(digits(text))
    words = re.split(r"[ -]", text.lower())
    return sum(NORWEGIAN.get(w, ENGLISH.get(w, 0)) for w in words)


def _age(text: str) -> bool:
    return 0 < _value(text) < 120


def _grown(text: str) -> bool:
    """An age told by itself is an adult's; small numbers count things."""
    return 16 <= _value(text) <= 110


_NO = ("nb", "nn")
_EN = ("en",)
RULES: tuple[Rule, ...] = (
    Rule("age", "AGE", _NO_AGE, 0.75, _age, _NO),
    Rule("age", "AGE", _NO_AGE_TURNED, 0.8, _age, _NO),
    Rule("age", "AGE", _NO_AGE_YEARS, 0.6, _age, _NO),
    Rule("age", "AGE", _NO_AGE_OLD, 0.9, _age, _NO),
    Rule("age", "AGE", _NO_AGE_ARING, 0.8, _age, _NO),
    Rule("age", "AGE", _NO_AGE_ON, 0.7, _age, _NO),
    Rule("age", "AGE", _AGE_APPOSITION, 0.7, _age),
    Rule("age", "AGE", _EN_AGE, 0.75, _age, _EN),
    Rule("age", "AGE", _EN_AGE_OLD, 0.9, _age, _EN),
    Rule("age", "AGE", _EN_AGE_HAVE, 0.7, _age, _EN),
    Rule("age-of-person", "AGE", _NO_AFTER_PERSON, 0.75, _age, _NO),
    Rule("age-of-person", "AGE", _NO_BESIDE_PERSON, 0.65, _age, _NO),
    Rule("age-of-person", "AGE", _NO_KIN_IS, 0.7, _age, _NO),
    Rule("age-reached", "AGE", _NO_BECAME, 0.75, _age, _NO),
    Rule("age-told", "AGE", _NO_FIRST, 0.6, _grown, _NO),
    Rule("age-of-person", "AGE", _EN_OF, 0.75, _age, _EN),
    Rule("age-of-person", "AGE", _EN_BESIDE, 0.65, _age, _EN),
    Rule("age-of-person", "AGE", _EN_PAUSED, 0.65, _age, _EN),
    Rule("age-of-person", "AGE", _EN_KIN_IS, 0.7, _age, _EN),
    Rule("age-of-person", "AGE", _EN_WOULD, 0.65, _age, _EN),
    Rule("age-told", "AGE", _EN_FIRST, 0.6, _grown, _EN),
)
