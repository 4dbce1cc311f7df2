"""Words that are speaker labels, and words before a colon that are not.

Nothing is lost by a wrong guess (a label is looked through for names like any
text), but a form's «Telefon: …» must stay together, since «Telefon» is what tells
a recogniser what the number is.
"""

from __future__ import annotations

from anonpipe.resources import word_set

ROLES = word_set(
    """
    intervjuer intervjuar interviewer intervjuobjekt intervjuperson interviewee informant deltaker
    deltakar deltager participant respondent moderator ordstyrer ordstyrar forsker forskar
    researcher taler talar speaker spk stemme voice person pasient patient student elev lærer lærar
    teacher klient client mor far mother father kvinne kvinne mann woman man gutt jente gut boy girl
    tolk interpreter observatør observer facilitator fasilitator veileder rettleiar supervisor host
    guest vert gjest ukjent unknown int inf resp mod i r p q a
    """
)
"""First word of a label that is accepted wherever it stands, whatever its case."""

NOT_LABELS = word_set(
    """
    nb obs ps pps fyi ff jf jfr dvs mao bl kl tlf tel mob e-post epost mail e-mail email http https
    www url nettside lenke link adresse address telefon telefonnummer phone mobil mobile fax navn
    namn name fornavn etternavn førenamn etternamn surname forename født fødd born dob fødselsdato
    fødselsnummer personnummer alder age kjønn sex gender yrke occupation stilling arbeidssted
    arbeidsgiver dato date tid time klokkeslett varighet varigheit duration sted stad place location
    språk language tittel title tema topic emne subject til fra frå to from cc bcc re sv vs fw fwd
    merknad merk kommentar comment comments note notes notat notater notatar merknader husk hugs
    remember viktig important oppsummering oppsummert summary konklusjon conclusion bakgrunn
    background innledning innleiing introduction spørsmål question questions svar answer answers
    kilde kjelde source eksempel døme example fil file opptak recording deltakere deltakarar
    deltagere participants tilstede present pkt punkt del part kapittel chapter vedlegg side page
    sidetall oppgave task mål goal prosjekt project kode code id nr nummer number sum totalt total
    resultat result status fordeler ulemper pros cons tips todo neste next dag day uke veke week
    mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tysdag laurdag sundag
    monday tuesday wednesday thursday friday saturday sunday
    jeg eg du han hun ho vi me de dere dykk det den dette dei man hvem hva hvor kven kva kor når
    hvorfor kvifor hvordan korleis altså og men så ja nei jo for fordi at om hvis da då der her
    nå no sitat quote first second third finally så også dessuten heller ellers elles deretter
    i he she it we they you who what where when why how and but so yes well because if then there
    here now this that these those also
    """
) - {"i", "p", "del"}
"""First word before a colon that makes it an ordinary sentence or a field of a form."""

PARTICLES = word_set("von van de der den del di da dos du la le al el bin ben bint af av y")
"""Small words inside names; the other words of a name have a capital."""
