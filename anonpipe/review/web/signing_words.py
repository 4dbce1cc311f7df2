"""The words of signing off, in Norwegian and English."""

from __future__ import annotations

from anonpipe.answers.model import Words

WORDS: Words = {
    "sign.title": {"en": "Sign off {id}", "nb": "Signer {id}"},
    "sign.back": {"en": "Back to the interview", "nb": "Tilbake til intervjuet"},
    "sign.lead": {
        "en": "Read through what happens. Nothing is deleted until you sign at the bottom.",
        "nb": "Les gjennom hva som skjer. Ingenting slettes før du signerer nederst.",
    },
    "sign.lead.final": {
        "en": "{id} is final: nothing more is deleted. Signing accepts its outputs as they are.",
        "nb": "{id} er ferdig: ingenting mer slettes. Signaturen godtar filene slik de er.",
    },
    "sign.hindered": {"en": "It cannot be signed yet", "nb": "Det kan ikke signeres ennå"},
    # what happens
    "sign.happens": {
        "en": "This happens when you sign",
        "nb": "Dette skjer når du signerer",
    },
    "sign.stay": {"en": "Stays", "nb": "Blir"},
    "sign.go": {"en": "Goes now", "nb": "Slettes nå"},
    "sign.later": {"en": "Goes later", "nb": "Slettes senere"},
    "sign.files": {
        "en": "{n} files with coded text stay in the study.",
        "nb": "{n} filer med kodet tekst blir i studien.",
    },
    "sign.files.1": {
        "en": "One file with coded text stays in the study.",
        "nb": "Én fil med kodet tekst blir i studien.",
    },
    "sign.files.show": {"en": "Which files?", "nb": "Hvilke filer?"},
    "sign.file:there": {"en": "written and checked", "nb": "skrevet og kontrollert"},
    "sign.file:edited": {"en": "changed by hand", "nb": "endret for hånd"},
    "sign.file:missing": {"en": "missing", "nb": "mangler"},
    "sign.file:to-come": {"en": "is made now", "nb": "lages nå"},
    "sign.file:goes": {"en": "is deleted", "nb": "slettes"},
    "sign.edited": {
        "en": "Files that were changed by hand count as they are: nothing overwrites them.",
        "nb": "Filer som er endret for hånd, gjelder slik de er: ingenting overskriver dem.",
    },
    "sign.copy": {
        "en": "A copy of the recording is made in which names are covered. Should a name still be "
        "heard in it, nothing is deleted, and you are asked to listen.",
        "nb": "Det lages en kopi av opptaket der navn er dekket. Høres et navn likevel, slettes "
        "ingenting, og du blir bedt om å lytte.",
    },
    "sign.goes.now": {
        "en": "Deleted for good: {things}.",
        "nb": "{things} slettes for godt.",
    },
    "sign.goes.date": {"en": "{things}: on {day}.", "nb": "{things}: {day}."},
    "sign.goes.second": {
        "en": "{things}: once another person has signed, too.",
        "nb": "{things}: når en person til har signert.",
    },
    "sign.goes.clock": {
        "en": "{things}: once this machine’s date can be trusted.",
        "nb": "{things}: når datoen på denne maskinen er til å stole på.",
    },
    "sign.rule": {
        "en": "By the rule {rule} in consent.csv, which {who} agreed to.",
        "nb": "Etter regelen {rule} i consent.csv, som {who} sa ja til.",
    },
    "sign.receipt": {
        "en": "A signed receipt says what was deleted, and how.",
        "nb": "En signert kvittering sier hva som ble slettet, og hvordan.",
    },
    "sign.document": {
        "en": "The document itself stays in documents/, as the study’s settings say.",
        "nb": "Selve dokumentet blir i documents/, slik studiens innstillinger sier.",
    },
    "sign.nothing": {"en": "Nothing is deleted.", "nb": "Ingenting slettes."},
    "sign.undone": {
        "en": "Afterwards nobody can listen to {id} or change its raw text again.",
        "nb": "Etterpå kan ingen lytte til {id} eller endre råteksten igjen.",
    },
    "sign.undone.text": {
        "en": "Afterwards nobody can change the raw text of {id} again.",
        "nb": "Etterpå kan ingen endre råteksten til {id} igjen.",
    },
    "sign.until": {
        "en": "The coded text may be kept until {day}.",
        "nb": "Den kodede teksten kan beholdes til {day}.",
    },
    "sign.others": {
        "en": "Decisions for the whole study are written into {ids} as well; nothing goes there.",
        "nb": "Det som gjelder hele studien, skrives også inn i {ids}. Der slettes ingenting.",
    },
    "sign.first": {
        "en": "Two persons sign in this study. You are the first: {id} then waits for another one, "
        "who opens the review with an identity of their own.",
        "nb": "I denne studien signerer to personer. Du er den første: {id} venter så på en til, "
        "som åpner gjennomgangen med sin egen identitet.",
    },
    "sign.second": {
        "en": "One person has signed already; yours is the second signature, and the last.",
        "nb": "Én person har signert allerede; din signatur er den andre, og den siste.",
    },
    # the leak check
    "sign.leaks": {"en": "Can a name still be read?", "nb": "Kan noe navn fortsatt leses?"},
    "sign.leaks.none": {
        "en": "No: no name the program knows stands in any file, nor in a file name or the "
        "properties of a Word file.",
        "nb": "Nei: ingen navn programmet kjenner, står i noen fil, heller ikke i filnavn eller i "
        "egenskapene til Word-filer.",
    },
    "sign.leaks.none.but": {
        "en": "No: besides what was left on purpose (below), no name the program knows stands in "
        "any file, nor in a file name or the properties of a Word file.",
        "nb": "Nei: utenom det som står der med vilje (nedenfor), står ingen navn programmet "
        "kjenner, i noen fil, heller ikke i filnavn eller i egenskapene til Word-filer.",
    },
    "sign.leaks.left": {
        "en": "{n} places still show a name the program knows. Look at each one.",
        "nb": "{n} steder viser fortsatt et navn programmet kjenner. Se på hvert av dem.",
    },
    "sign.leaks.left.1": {
        "en": "One place still shows a name the program knows. Look at it.",
        "nb": "Ett sted viser fortsatt et navn programmet kjenner. Se på det.",
    },
    "sign.leaks.rejected": {
        "en": "{n} places that you left readable on purpose",
        "nb": "{n} steder du lot stå lesbare med vilje",
    },
    "sign.leaks.rejected.1": {
        "en": "One place that you left readable on purpose",
        "nb": "Ett sted du lot stå lesbart med vilje",
    },
    "sign.leaks.accepted": {
        "en": "{n} places that were accepted as no names before",
        "nb": "{n} steder som er godtatt før som ikke-navn",
    },
    "sign.leaks.accepted.1": {
        "en": "One place that was accepted as no name before",
        "nb": "Ett sted som er godtatt før som ikke-navn",
    },
    "sign.leaks.note": {
        "en": "The check knows the names that the key holds, in any case and with genitives. A "
        "name that nobody found is found by reading alone.",
        "nb": "Kontrollen kjenner navnene i nøkkelen, uansett store bokstaver og genitiv. Et navn "
        "ingen har funnet, finner bare den som leser.",
    },
    "sign.place": {"en": "Turn {n}", "nb": "Replikk {n}"},
    "sign.line": {"en": "line {n} of {file}", "nb": "linje {n} i {file}"},
    "sign.name": {"en": "the name of {file}", "nb": "navnet på {file}"},
    "sign.also": {"en": "also in {forms}", "nb": "også i {forms}"},
    "sign.accept": {
        "en": "I have looked at these places: they name nobody, and may stay as they are.",
        "nb": "Jeg har sett på disse stedene: de nevner ingen, og kan stå slik de er.",
    },
    # what is open
    "sign.open": {"en": "What is still open", "nb": "Det som fortsatt er åpent"},
    "sign.open.none": {
        "en": "Nothing: every question is answered.",
        "nb": "Ingenting: alle spørsmål er besvart.",
    },
    "sign.open.left": {
        "en": "{n} places to check are left: their questions are not answered.",
        "nb": "Det er {n} steder igjen du bør se på: spørsmålene er ikke besvart.",
    },
    "sign.open.left.1": {
        "en": "One place to check is left: its question is not answered.",
        "nb": "Det er ett sted igjen du bør se på: spørsmålet er ikke besvart.",
    },
    "sign.open.go": {"en": "Look at them", "nb": "Se på dem"},
    "sign.unseen": {
        "en": "After your corrections the text was gone through anew. In {n} places something "
        "changed that you have not seen:",
        "nb": "Etter rettelsene dine ble teksten gått gjennom på nytt. {n} steder er det endret "
        "noe du ikke har sett:",
    },
    "sign.unseen.1": {
        "en": "After your corrections the text was gone through anew. In one place something "
        "changed that you have not seen:",
        "nb": "Etter rettelsene dine ble teksten gått gjennom på nytt. Ett sted er det endret noe "
        "du ikke har sett:",
    },
    "sign.came": {"en": "now coded", "nb": "kodes nå"},
    "sign.went": {"en": "no longer coded", "nb": "kodes ikke lenger"},
    "sign.eyes": {
        "en": "Why the study wanted you to look: {why}.",
        "nb": "Derfor måtte noen se på den: {why}.",
    },
    # the signature
    "sign.signature": {"en": "Your signature", "nb": "Signaturen din"},
    "sign.reviewer": {"en": "Your name", "nb": "Navnet ditt"},
    "sign.reviewer.note": {
        "en": "The log keeps a fingerprint that only holders of the key can compare, never the "
        "name.",
        "nb": "Loggen beholder et fingeravtrykk som bare de som har nøkkelen kan sammenligne, "
        "aldri navnet.",
    },
    "sign.do": {"en": "Sign", "nb": "Signer"},
    "sign.do.audio": {
        "en": "Sign and delete the recording",
        "nb": "Signer og slett opptaket",
    },
    "sign.do.document": {
        "en": "Sign and delete the document",
        "nb": "Signer og slett dokumentet",
    },
    "sign.do.sealed": {
        "en": "Sign and delete the raw transcript",
        "nb": "Signer og slett råteksten",
    },
    "sign.do.date": {
        "en": "Sign; it is deleted on {day}",
        "nb": "Signer; slettes {day}",
    },
    "sign.do.first": {"en": "Sign as the first of two", "nb": "Signer som den første av to"},
    "sign.do.final": {"en": "Accept the outputs as they are", "nb": "Godta filene slik de er"},
    "sign.again": {"en": "Show it again", "nb": "Vis på nytt"},
    "sign.noscript": {
        "en": "Signing needs JavaScript: allow it for 127.0.0.1 and load the page again.",
        "nb": "Signeringen trenger JavaScript: tillat det for 127.0.0.1 og last siden på nytt.",
    },
    # while it works
    "sign.busy": {"en": "Working on {id}", "nb": "Arbeider med {id}"},
    "sign.busy.lead": {
        "en": "You may leave this page; the work goes on. Leave the program running.",
        "nb": "Du kan gå fra siden; arbeidet går videre. La programmet stå på.",
    },
    "sign.busy.prepare": {
        "en": "What you decided is written into the outputs. Nothing is deleted yet.",
        "nb": "Det du har bestemt, skrives inn i filene. Ingenting slettes ennå.",
    },
    "sign.stage.begin": {"en": "Getting ready …", "nb": "Gjør klart …"},
    "sign.stage.new": {"en": "{id}: listening …", "nb": "{id}: lytter …"},
    "sign.stage.transcribed": {
        "en": "{id}: looking for names …",
        "nb": "{id}: leter etter navn …",
    },
    "sign.stage.coded": {
        "en": "{id}: writing files and checking them …",
        "nb": "{id}: skriver filer og kontrollerer dem …",
    },
    "sign.stage.written": {
        "en": "{id}: deleting what is due …",
        "nb": "{id}: sletter det som skal bort …",
    },
    # what has happened
    "signed.title": {"en": "{id} is signed", "nb": "{id} er signert"},
    "signed.final": {
        "en": "Done. Only coded text is left of {id}.",
        "nb": "Ferdig. Bare kodet tekst er igjen av {id}.",
    },
    "signed.final.copy": {
        "en": "Done. Only coded text and the copy in which names are covered are left of {id}.",
        "nb": "Ferdig. Bare kodet tekst og kopien der navn er dekket, er igjen av {id}.",
    },
    "signed.final.document": {
        "en": "Done. The raw transcript of {id} is gone; the document itself stays in documents/.",
        "nb": "Ferdig. Råteksten til {id} er borte; selve dokumentet blir i documents/.",
    },
    "signed.date": {
        "en": "{id} is signed off. What remains goes on {day}, with the first `anonpipe run` or "
        "`anonpipe retention run` from that day on.",
        "nb": "{id} er godkjent. Resten slettes {day}, med første `anonpipe run` eller "
        "`anonpipe retention run` fra og med den dagen.",
    },
    "signed.review": {
        "en": "{id} waits for you again, and nothing was deleted: something came up that you have "
        "not seen.",
        "nb": "{id} venter på deg igjen, og ingenting ble slettet: det dukket opp noe du ikke har "
        "sett.",
    },
    "signed.first": {
        "en": "Your signature is kept: {n} of {all}. Another person signs next, with an identity "
        "of their own. Any decision or change until then makes it lapse.",
        "nb": "Signaturen din er lagret: {n} av {all}. Nå signerer en person til, med sin egen "
        "identitet. Enhver beslutning eller endring før det gjør signaturen ugyldig.",
    },
    "signed.failed": {
        "en": "It is signed, but not everything could be done:",
        "nb": "Den er signert, men ikke alt lot seg gjøre:",
    },
    "signed.receipts": {"en": "Receipts", "nb": "Kvitteringer"},
    "signed.receipt": {"en": "Read receipt {id}", "nb": "Les kvittering {id}"},
    "signed.gone.audio": {
        "en": "The recording is gone. Receipt {id} says how.",
        "nb": "Opptaket er borte. Kvittering {id} sier hvordan.",
    },
    "signed.gone.text": {
        "en": "The document is gone. Receipt {id} says how.",
        "nb": "Dokumentet er borte. Kvittering {id} sier hvordan.",
    },
    "signed.where": {
        "en": "It lies in receipts/, for whoever asks what became of it.",
        "nb": "Den ligger i receipts/, til den som spør hva som ble av det.",
    },
    "signed.next": {"en": "Next: {id}", "nb": "Neste: {id}"},
}
