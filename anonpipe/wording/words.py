"""Words of each language that the steps go by, and the units that they look at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anonpipe.resources import word_set


@dataclass(frozen=True, slots=True)
class Language:
    """`fillers` always go, `hums` go inside sentences; a word of `kept` may be said twice.

    `numbers` may be read out digit by digit; `small` are words whose repetition across a
    comma is a stutter, where that of other words is emphasis. `subjects` begin clauses and
    `joints` stand before them; `negations` turn what is said before. `be` are forms of one
    verb, of which a speaker often says one and means another. Of the words of `doubled` two
    may stand side by side («det var det det var») unless a clause begins with them, and
    `verbs` and `prepositions` may («slik det er er det», «huset jeg bor i i dag») where a word
    of `relatives` stands before, or one of `times` behind. `still` says that what was said
    first counts, too.
    """

    fillers: re.Pattern[str]
    hums: re.Pattern[str]
    kept: frozenset[str]
    numbers: frozenset[str]
    small: frozenset[str]
    subjects: frozenset[str]
    joints: frozenset[str]
    negations: frozenset[str]
    be: frozenset[str]
    verbs: frozenset[str]
    doubled: frozenset[str]
    prepositions: frozenset[str]
    relatives: frozenset[str]
    times: frozenset[str]
    still: frozenset[str]


_HUMS = re.compile(r"h*m{2,}|hm+")
NORWEGIAN = Language(
    # «øm», «æ», «ee» and «um» are words or parts of dialects; «liksom», «på en måte», «altså»,
    # «sant» and «holdt jeg på å si» are words, and say something: not in the list.
    fillers=re.compile(r"e+h+m*|ø+h+m*|æ+h+m*|u+h+m+|ehm+|e{3,}m*|ø{3,}m*"),
    hums=_HUMS,
    kept=word_set(
        """
        ja jo nei joda jada neida mhm aha oi ok okei okay takk hei hallo hadet ha he hi hysj
        stopp veldig svært kjempe utrolig ekstremt skikkelig ordentlig bra fint flott godt god
        gode dårlig mange mye mykje lite litt lenge langt lang lange mer meir mest stor stort
        store små liten lita ikke ikkje aldri alltid aldeles ingen inga ingenting alle alt rett
        fort sakte sakta tett bla tja vel hele heile helt heilt
        """
    ),
    numbers=word_set(
        """
        null en ein ett eitt to tre fire fem seks sju syv åtte ni ti elleve tolv tretten fjorten
        femten seksten sytten atten nitten tjue tyve tretti førti femti seksti sytti åtti nitti
        hundre tusen
        """
    ),
    small=word_set(
        """
        jeg eg du han hun ho det den de dei vi me dere de man en ei et ein eit i på til fra frå
        med av for om ved hos mot over under etter og eller men at som da då når hvis så der her
        nå no er var har hadde kan kunne skal skulle vil ville må måtte blir ble blei vart bli å
        min mi mitt mine din sin si sitt sine vår vårt hva kva hvor kor hvem kven hvordan
        korleis hvorfor kvifor denne dette disse noe noko noen nokon bare berre også òg jo altså
        liksom sånn slik
        """
    ),
    subjects=word_set(
        """
        jeg eg jæ je æ i du han hun ho det den de dei vi me dere de dykk man en ein da då
        """
    )
    - {"i", "de", "en", "ein"},
    joints=word_set("og men for at fordi eller altså ja nei jo liksom"),
    negations=word_set("ikke ikkje inte itj ittj ente aldri ingen inga ingenting verken korkje"),
    be=word_set("er var blir ble blei vart vert"),
    verbs=word_set(
        """
        er var blir ble blei vart vert har hadde kan kunne skal skulle vil ville må måtte gjør gjer
        """
    ),
    doubled=word_set("det den de dei der som da då så"),
    prepositions=word_set("i på om for med til av"),
    relatives=word_set(
        """
        som slik sånn hvem hva hvor hvordan når kven kva kor korleis der da då om at hvis viss
        det
        """
    )
    - {"det"},
    times=word_set(
        """
        dag går morgen morgon morges kveld natt fjor år åra årene sommer sommar vinter vår høst
        haust mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tysdag laurdag sundag
        januar februar mars april mai juni juli august september oktober november desember
        formiddag ettermiddag helga helgen eksempel mye mykje mange lite få stor stort store
        dagen kvelden natta natten morgenen morgonen sommeren sommaren vinteren
        """
    ),
    still=word_set("fremdeles framleis fortsatt ennå enda enno alltid også òg nå no"),
)
ENGLISH = Language(
    fillers=re.compile(r"u+h+|u+h*m+|e+r+|e+r+m+|e+h+|e+h+m+"),
    hums=_HUMS,
    kept=word_set(
        """
        yes yeah yep no nope not never mhm aha ah oh ok okay right thanks bye hello hi hey ha he
        ho very really much many more most long far big great good bad little small old all
        always well now there blah bla had too quite super stop go come
        """
    ),
    numbers=word_set(
        """
        zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy
        eighty ninety hundred thousand double triple
        """
    ),
    small=word_set(
        """
        i you he she it we they the a an in on at to from with of for about by and or but that
        which who when if as is are was were be been have has do does did can could will would
        shall should may might must my your his her its our their this these those what where
        how why some any just then than there's it's i'm you're we're they're that's i've don't
        """
    ),
    subjects=word_set("i you he she it we they there that this"),
    joints=word_set("and but so that because or well yeah yes no like"),
    negations=word_set(
        """
        not never no nothing nobody none neither isn't aren't wasn't weren't don't doesn't didn't
        can't couldn't won't wouldn't shouldn't haven't hasn't hadn't ain't
        """
    ),
    be=word_set("am is are was were"),
    verbs=word_set(
        """
        am is are was were has have do does did can could will would shall should may might must
        """
    ),
    doubled=word_set("that her you who do did"),
    prepositions=word_set("in on at to with of for about by from"),
    relatives=word_set("what who whom how where when why that which whatever thing problem point"),
    times=word_set(
        """
        january february march april may june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday summer winter spring autumn fall
        time the night weekends
        """
    )
    - {"the", "time"},
    still=word_set("still now again always too also"),
)

LANGUAGES = {"nb": NORWEGIAN, "nn": NORWEGIAN, "no": NORWEGIAN, "en": ENGLISH}

# A code with what may be attached to it («[Person 1]s»), or a word with inner
# apostrophes, points and hyphens («e-post», "don't").
_UNIT = re.compile(r"\[[^\[\]\n]{1,60}\](?:['’\-]?\w+)*|\w+(?:['’.\-]\w+)*")
ENDED = re.compile(r"[.?!…]")
BLANK = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a code; `fold` is how it is compared."""

    start: int
    end: int
    text: str
    fold: str


def units_of(text: str) -> list[Unit]:
    """The words and codes of a text, in order."""
    return [
        Unit(match.start(), match.end(), match[0], match[0].casefold().replace("’", "'"))
        for match in _UNIT.finditer(text)
    ]


def begins_clause(text: str, units: Sequence[Unit], index: int, rules: Language) -> bool:
    """Whether a clause begins with a unit: after a sign or nothing, or after a conjunction."""
    if index == 0:
        return True
    if set(".?!…,:;()–—") & set(text[units[index - 1].end : units[index].start]):
        return True
    return units[index - 1].fold in rules.joints


def takes_capital(text: str, units: Sequence[Unit], first: int, then: int) -> bool:
    """Whether unit `then` takes over the capital of `first`, with which a sentence began."""
    before = text[units[first - 1].end if first else 0 : units[first].start]
    word = units[then].text
    return (
        units[first].text[0].isupper()
        and (first == 0 or ENDED.search(before) is not None)
        and word.islower()
        and len(word[0].upper()) == 1
    )
