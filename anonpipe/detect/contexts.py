"""The words around names, per language family: data only."""

from __future__ import annotations

from dataclasses import dataclass

from anonpipe.resources import word_set

MONTHS = word_set("april may june august")
"""English months that people are called."""
BEFORE_MONTH = word_set("in last next this since until till of by early late every mid")
"""What stands before such a month rather than before the name."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Words that speak for or against a name next to them.

    `introduce`: «heter», after which a name follows. `titles` and `kin`: before a
    person's name. `place_before`: prepositions before places. `work_before`: before
    workplaces. `org_heads`: nouns that end an organisation's name; `org_starts`:
    that begin one. `particles`: inside names. `never`: capitalised words that are
    no mention. `function`: words that no name list may claim without strong
    context. `block_before`: words after which an ambiguous word is no name.
    `fillers`: hesitation, skipped when looking around. `apposition`: words after a name
    that explain who it is. `rare`: names that are
    rarer than the word they look like. `core_names`: members of `function` that are first
    names when a surname follows.
    """

    introduce: frozenset[str]
    titles: frozenset[str]
    kin: frozenset[str]
    place_before: frozenset[str]
    work_before: frozenset[str]
    org_heads: frozenset[str]
    org_suffixes: tuple[str, ...]
    org_starts: frozenset[str]
    particles: frozenset[str]
    never: frozenset[str]
    function: frozenset[str]
    block_before: frozenset[str]
    support_before: frozenset[str]
    fillers: frozenset[str]
    apposition: frozenset[str]
    place_suffixes: tuple[str, ...]
    rare: frozenset[str]
    core_names: frozenset[str]


NORWEGIAN = Contexts(
    introduce=word_set(
        "heter heiter heite heitte het hette hete hetende kalles kallast kalte kalla kaller "
        "kallar kalle navnet namnet døpt oppkalt ved_navn hilsen helsing"
    ),
    titles=word_set(
        "doktor dr lege legen overlege overlegen fastlege fastlegen professor prof frøken fru "
        "herr fr pastor prest presten biskop advokat advokaten dommer dommeren lensmann "
        "lensmannen lensmannsbetjent betjent politibetjent onkel tante bestefar bestemor farfar "
        "farmor morfar mormor rektor rektoren inspektør ordfører ordføreren statsråd sykepleier "
        "sykepleieren saksbehandler saksbehandleren skipper skipperen kaptein kapteinen søster "
        "bror lærer læreren læraren frk tannlege psykolog terapeut vaktmester styrer leder "
        "lederen sjef sjefen trener treneren naboen kollega kollegaen imam imamen mester "
        "jordmor besta"
    ),
    kin=word_set(
        "kona kone mannen mann kjæresten samboeren samboer sønnen sønn datteren datter dattera "
        "dottera dotter broren bror søsteren søster søstera faren far moren mor mora onkelen "
        "tanten tanta fetteren kusinen kusina naboen kompisen kompis venninnen venninna "
        "venninne vennen venn kollegaen kollega sjefen lederen rektoren læreren læraren "
        "treneren barnebarnet nevøen niesen svigermor svigerfar svogeren svoger bestevennen "
        "ungen gutten guten jenta eldstemann yngste eldste mamma pappa gamle barnet babyen "
        "hunden katten broder systera syster systra saksbehandleren veilederen rådgiveren "
        "assistenten sekretæren ektemannen eksmannen ekskona eks eksen tvillingene barna "
        "guttene jentene karen vaktmesteren legen"
    ),
    place_before=word_set("i på fra frå til ved utenfor utanfor nær via innom mot rundt over"),
    work_before=word_set("på hos ved for i fra frå av"),
    org_heads=word_set(
        "skole skule barnehage barnehagen sykehjem sjukeheim sykehus sjukehus legesenter "
        "legekontor legevakt tannklinikk bibliotek kommune fylkeskommune voksenopplæring "
        "vaksenopplæring idrettslag fotballklubb klubb forening lag museum universitet høgskole "
        "høgskule høyskole universitetssykehus universitetssjukehus omsorgssenter bosenter "
        "helsehus helsesenter familiesenter oppvekstsenter oppvekstsentra hotell kafé kafe kro "
        "pub gård gard mottak asylmottak menighet kirke kyrkje bydel folkehøgskole "
        "folkehøyskole ungdomsskole ungdomsskule barneskole barneskule skoler videregående "
        "vidaregåande helsestasjon sparebank bank rederi shipping verft mekaniske trevare bygg "
        "transport renhold eiendom bemanning bakeri sjømat kraft energi "
        "bilverksted bilsenter auto elektro rør consulting consult gruppen gruppa group media "
        "avis tidende blad posten ungdomsklubb barnevern barnevernstjeneste politistasjon "
        "fengsel krisesenter psykiatriske distriktspsykiatriske dps bup hjemmetjeneste "
        "hjemmesykepleie sykehjemmet velforening vel borettslag sameie hagelag jaktlag bondelag "
        "kor korps forlag teater kulturhus frivilligsentral nærmiljøsenter dagsenter "
        "aktivitetssenter arbeidssenter kjøpesenter samfunnshus grendehus treningssenter "
        "regnskap byggevarer maskin entreprenør fiskemottak fiskeri laks oppdrett havbruk taxi "
        "frisør apotek gartneri meieri leirskole sfo aks sentralskole sentralsjukehus "
        "familievernkontor legegruppe tannlegesenter tingrett lagmannsrett politidistrikt "
        "boligstiftelse rehabilitering rehabiliteringssenter rusklinikk rusinstitusjon "
        "behandlingssenter bokollektiv servicesenter innvandrersenter flyktningmottak logistikk "
        "lufthavn"
    ),
    org_suffixes=(
        "skole",
        "skule",
        "barnehage",
        "sykehjem",
        "sjukeheim",
        "sykehus",
        "sjukehus",
        "senter",
        "kontor",
        "bibliotek",
        "forening",
        "klubb",
        "opplæring",
        "sentral",
        "stasjon",
        "kirke",
        "verk",
        "lag",
        "hotell",
        "museum",
        "mottak",
        "bemanning",
        "institutt",
        "teneste",
        "tjeneste",
    ),
    org_starts=word_set(
        "stiftelsen stiftinga kafé kafe café nav idrettslaget foreningen foreininga hotell "
        "bydel høgskolen høyskolen høgskulen universitetet sykehuset sjukehuset legesenteret "
        "barnehagen skolen skulen røde mental helse kirkens blå if il fk sk rederiet firmaet "
        "bedriften butikken restaurant restauranten puben avisa avisen kulturhuset teateret "
        "museet dps bup kirka kirken sykehjemmet frivilligsentralen klubben laget bakeriet "
        "ungdomsklubben krisesenteret"
    ),
    particles=word_set(
        "van von de der den da dos del dela della di la le el al bin ibn ben abu ul y av"
    ),
    never=word_set(
        "nan naan "
        "parkinson parkinsons parkinson's alzheimer alzheimers alzheimer's asperger aspergers "
        "asperger's tourette tourettes tourette's crohn crohns crohn's "
        "jeg eg du han hun ho hon vi dere de dykk dei deres dykkar den det dette denne disse ja "
        "nei jaja hei takk tusen ok okei altså men og så da då når nå no mandag tirsdag onsdag "
        "torsdag fredag lørdag søndag måndag tysdag laurdag sundag jul påske pinse nyttår "
        "ramadan eid sankthans advent jula påska norge noreg norsk engelsk svensk dansk nynorsk "
        "bokmål samisk arabisk gud jesus allah bibelen koranen kristus nav udi imdi eu eøs fn "
        "nato usa's skatteetaten helsenorge altinn bankid vipps lånekassen politiet stortinget "
        "regjeringen regjeringa kiwi rema coop meny ikea facebook instagram snapchat snap "
        "tiktok youtube twitter messenger whatsapp teams zoom google gmail outlook excel word "
        "powerpoint windows apple iphone ipad android netflix spotify finn linkedin skype "
        "discord chatgpt wikipedia pc tv cv dvd cd sms wifi gps pdf it hr adhd ptsd ms kols dps "
        "bup iq ai vg nrk tv2 tine toyota volvo ford bmw audi mercedes volkswagen tesla skoda "
        "škoda opel mazda nissan hiace transit polo golf corolla røde kors pisa lar id qr usb "
        "led covid corona korona who unicef storting storbritannia's mac sas nsb vy posten "
        "telenor telia dnb nordea nokia samsung fødselsnummer personnummer kid mva dna gmt "
        "tusenvis kongen dronningen kongehuset as asa ca kl nr osv bl.a f.eks intervjuer "
        "intervjuar informant"
    ),
    function=word_set(
        "per hans are bo jo my mine line live gro finn tale tone bane brede kalle even an so la "
        "le li lo do to se si de du da en et ei er om at på av han ham hun hon ho alle all alt "
        "vil var ble bli far mor lang kort stor liten hel ro bra ja nei no nå då men man mange "
        "min mitt din ditt sin sitt vår vi oss dere deg meg seg der her hit dit nok noe noen "
        "noko nokon bare berre litt mye mykje mer meir mest mens når som hva kva hvem kven hvor "
        "kor hvordan korleis hvis dersom fordi så også òg og eller enn for fra frå med uten til "
        "ved etter før under over mellom mot hos tre fire fem seks sju syv åtte ni ti ant ann "
        "ane ta gi gå stå ha få fikk fekk gang gong tid år ting folk barn mann kone hus jobb "
        "skole skule god fin gamle unge ny nye første andre siste neste hele heile egen eigen "
        "selv sjøl sjølv sammen saman rett feil helg helga norge norske norsk ser ute inne opp "
        "ned ut inn bort hjem heim strand land lille kim sier sa seier snakka sann sant vite "
        "veit vet trur tror synes synest gjør gjer må kan skal skulle ville kunne måtte burde "
        "bør kom 've as iren is celle celler bod nan"
    ),
    block_before=word_set(
        "en et ei ein eit den det de denne dette disse hver hvert kvar kvart hele heile i om "
        "per pr god godt fin fint samme neste forrige førre min mitt mi mine din ditt di dine "
        "sin sitt si sine vår vårt våre noen noe nokon noko ingen inga ikke ikkje alle all alt "
        "mye mykje lite mer meir litt så er var va' blir ble vart blei svært veldig ganske for "
        "på av under over uten utan mot etter før å jeg eg han hun ho vi du dere dei man som "
        "hvor kor hva kva hvilken ny nye nytt stor stort liten lita gammel gamle lang langt "
        "sånn slik annen andre første siste eneste mange flere fleire få masse midt sur bratt "
        "blank glatt tung lett"
    ),
    support_before=word_set(
        "og med til eh ehm hos sa sier seier spør spurte ring ringer ringte kjenner møtte traff "
        "sammen saman takk hei spurde bror han ho hun han'n n kjære snakk snakket snakka hils "
        "hilsen kjente vet ser så kaller kalte ba hjalp fikk både at"
    ),
    fillers=word_set("eh ehm øh øhm hm mm"),
    apposition=word_set(
        "mannen kona faren moren mora sønnen datteren dattera søsteren søstera broren sjefen "
        "naboen kollegaen min samboeren kjæresten læreren legen"
    ),
    place_suffixes=(
        "vik",
        "viken",
        "vika",
        "våg",
        "vågen",
        "dal",
        "dalen",
        "fjord",
        "fjorden",
        "nes",
        "neset",
        "øy",
        "øya",
        "ey",
        "stad",
        "stadt",
        "heim",
        "sund",
        "sundet",
        "berg",
        "berget",
        "fjell",
        "fjellet",
        "haug",
        "haugen",
        "lia",
        "åsen",
        "moen",
        "rud",
        "bygd",
        "bygda",
        "elva",
        "vatn",
        "vatnet",
        "vannet",
        "tjern",
        "tjønn",
        "holmen",
        "holm",
        "skog",
        "skogen",
        "marka",
        "ryggen",
        "strand",
        "stranda",
        "eidet",
        "eid",
        "foss",
        "fossen",
        "seter",
        "sæter",
        "land",
        "set",
        "hus",
        "bø",
        "voll",
        "vollen",
        "bakken",
        "bakke",
        "sletta",
        "grend",
        "grenda",
        "stua",
        "hamn",
        "havn",
    ),
    rare=word_set(
        "sol sola lund berg moe mo lie lia eide haug dal vik holm holt sand stein rein odd dag "
        "liv mai storm vilja vår rose rosa bjørn stig ask are bent edel elle falk isa jarl lene "
        "lotte lucia mark mille mina mette palma rut sander styrk talla tilde tine tron tua ulv "
        "unn urban varg runa alv grim hauk hava brage tora ulla agnete dorte ebbe elling ester "
        "flora gry heine helle huda håvar lea liss luna maia malene maren marina regina sanna "
        "sondre svenn syver gloria aurora stella iris tim tina rita tobben ana adam svale "
        "benjamin frank dagne luka omer signe mikkel morten ida omar lin haga lid hove holte "
        "tande tang tofte toppe torp vold vang vatne strøm straume skare skår skog skaug rue "
        "rud risa ringen rygh ravn rabben odden myhr myr myra myren mork lien kvam kroken krok "
        "kross klev horn hope hopen hov heggen havik gran grav graven gard gård flaten fjell "
        "enge engen eng dyb dokken bye bru brun borge borgen bogen bjerke bakke bakken ås åsen "
        "øyen øye vågen våge sund sunde sundet stokke steen stenen sletten slette sande saken "
        "saka salten lade lom lier hol hole os re time sel våler tinn stange skaun skåne rana "
        "rissa randaberg marker klepp halden grue gol flå fet evje dovre bø bokn andebu alta "
        "tana vega heim fana madla toten fosen senja voss ål hå"
    ),
    core_names=word_set("per bo gro finn kim tone kalle helga hans"),
)

ENGLISH = Contexts(
    introduce=word_set("called named name's i'm"),
    titles=word_set(
        "mr mrs ms miss mister missus dr doctor professor prof sir madam lord lady father "
        "sister brother aunt auntie uncle nurse officer detective sergeant judge reverend rev "
        "pastor imam rabbi captain coach principal inspector constable superintendent herr frau "
        "monsieur madame señor señora councillor nana grandma grandpa granny"
    ),
    kin=word_set(
        "wife husband son daughter brother sister mum mom dad father mother partner boyfriend "
        "girlfriend friend mate buddy colleague boss manager supervisor neighbour neighbor "
        "cousin nephew niece uncle aunt guy kid teacher coworker flatmate roommate grandson "
        "granddaughter fiancé fiancée ex twin stepson stepdaughter baby dog cat co-founder "
        "founder"
    ),
    place_before=word_set("in from to at near outside around via out of through into up down"),
    work_before=word_set("at for with by from of joined"),
    org_heads=word_set(
        "ltd limited inc llc plc corp corporation company co hospital clinic surgery school "
        "academy college university church mosque temple bank trust foundation ventures "
        "partners group services solutions council library centre center institute society "
        "association union mutual insurance materials courier times post gazette herald "
        "tribune logistics warehouse shipping freight hotel café cafe restaurant pub nursery "
        "home hospice prison shelter charity consulting consultants associates holdings "
        "industries systems technologies labs studios media press museum gallery theatre "
        "theater department constabulary authority agency club fc united primary secondary "
        "elementary high infirmary practice pharmacy farm farms brewery bakery motors garage "
        "construction staffing network project house lodge court manor infant junior"
    ),
    org_suffixes=(),
    org_starts=word_set(
        "saint st local university college hospital hotel café cafe club association"
    ),
    particles=word_set(
        "van von de der den da dos del dela della di la le el al bin ibn ben abu ul y mac mc st"
    ),
    never=word_set(
        "night nights my "
        "parkinson parkinsons parkinson's alzheimer alzheimers alzheimer's asperger aspergers "
        "asperger's tourette tourettes tourette's crohn crohns crohn's "
        "i i'm i'd i'll i've you he she it we they monday tuesday wednesday thursday friday "
        "saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays "
        "january february march april may june july august september october november december "
        "christmas easter ramadan eid hanukkah diwali thanksgiving halloween god jesus allah "
        "bible quran koran ok okay yes no oh mr mrs ms miss dr doctor professor prof sir lord "
        "lady father sister herr frau mum mom dad mummy daddy mama papa nan nana grandma "
        "grandpa gran granny auntie uncle aunt english british american irish scottish welsh "
        "german french spanish italian polish russian chinese indian pakistani somali syrian "
        "arab arabic kurdish turkish european african asian black white muslim muslims "
        "christian christians jewish jews catholic catholics hindu sikh buddhist latino latina "
        "hispanic nigerian ghanaian ukrainian romanian hungarian norwegian swedish danish dutch "
        "greek portuguese brazilian mexican canadian australian afghan iraqi iranian persian "
        "bengali punjabi urdu caribbean jamaican vietnamese korean japanese nordic facebook "
        "instagram snapchat tiktok youtube twitter messenger whatsapp teams zoom google gmail "
        "outlook excel word powerpoint windows apple iphone ipad android netflix spotify "
        "linkedin skype discord chatgpt wikipedia amazon uber paypal venmo ebay tesco walmart "
        "pc tv cv dvd cd sms wifi gps pdf hr adhd ptsd hiv gp nhs hmrc dwp osha irs fbi bbc cnn "
        "eu un us u.s ai ceo cfo cto mba phd ba ma bsc msc gcse gcses iban pin vat id qr "
        "usb led covid corona who toyota volvo ford bmw audi mercedes volkswagen tesla skoda "
        "škoda honda nissan transit rome internet brexit geneva convention parliament congress "
        "senate government police participant interviewer informant officially right sure "
        "lovely thanks thank hello hi well national insurance number mobile email jobcentre "
        "universal credit ngo pta sen ecg eeg mri ct pps ppe ivf icu cpr hgv lgv crb dbs hse esa "
        "jsa bmi hrt ibs copd als uti rna cctv atm api ppi vr ssd ram cpu gpu html sql asap "
        "faq diy nda kpi crm erp nvq btec maritime scot filipino brit dane swede finn pole turk "
        "kurd serb croat czech slovak somali iraqi pakistani israeli bangladeshi tamil thai "
        "yemeni saudi spaniard dutchman lithuanian latvian estonian eritrean"
    ),
    function=word_set(
        "will may mark bill jack art grant rob sue pat hope faith grace joy rose dawn summer "
        "guy dean chase hunter mason baker brown white young king long short small little green "
        "black grey rich sunny angel destiny april june august sky star iris ivy lily ruby "
        "pearl jade amber misty heather holly olive ginger sandy cliff clay drew frank gene "
        "glen hank miles norm penny randy ray rod stew ward wade wayne victor max kit jay "
        "will's so me my he she him her you we us they them it the a an in on at by to of and "
        "or but is are was were be been do did have has had can could would should than then "
        "that this these those there here what when where who why how all any some no not yes "
        "oh um uh like just well okay right yeah man son van one two three four five six seven "
        "eight nine ten first last next ever never see say said tell make made take took go "
        "went come came get got give gave know knew think thought want look day time way year "
        "work job life home house school church park hill lake bay rock stone wood field forest "
        "river bridge street court price cross knight bishop pope cook carter mills ford bell "
        "page wells banks brooks lane best good love rice reading bath mobile nice orange "
        "english french welsh scott le li lo ma mi na ta ya christian friend major early sharp "
        "stout savage strange noble wise true fair moody swift speed law case chance honor don "
        "more most much many very even still back down up over out off again same such own "
        "along amid doe faye fay gay grow gold singh's sweet kid boy girl dear dee dell"
    ),
    block_before=word_set(
        "a an the this that these those my your his its our their no any some every each of in "
        "by is was are were be been being to very so too more most less i you he she it we they "
        "who which what he'll she'll not never good great bad old new own other another same "
        "first last next much amazing on under over one two ninety-day full high such for have "
        "had has quick"
    ),
    support_before=word_set(
        "and with um uh er called call named to tell told ask asked from then when because but "
        "if guy thanks thank hi hello dear hey so saw met know knew"
    ),
    fillers=word_set("um uh er erm hm mm like"),
    apposition=word_set("she he that's who is from"),
    place_suffixes=(
        "ville",
        "ton",
        "ham",
        "shire",
        "borough",
        "burgh",
        "burg",
        "field",
        "ford",
        "wick",
    ),
    rare=frozenset(),
    core_names=word_set(
        "mark bill jack art grant rob sue pat hope faith grace joy rose dawn summer guy dean "
        "chase hunter mason baker angel destiny april june august sky iris ivy lily ruby pearl "
        "jade amber heather holly olive ginger sandy cliff clay drew frank gene glen hank miles "
        "norm penny randy ray rod stew ward wade wayne victor max kit jay christian will may"
    ),
)


def contexts(language: str) -> Contexts:
    """The contexts for a language code: Norwegian for nb and nn, English for all others."""
    return NORWEGIAN if language in {"nb", "nn", "no"} else ENGLISH
