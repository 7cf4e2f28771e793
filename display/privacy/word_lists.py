"""Words that the guard of texts knows: given names, surnames, and common words that are no names; in lower case.

Each is known without its accents too, as capitals often go without.
"""

from __future__ import annotations

import unicodedata
from importlib import import_module

# Given names that are hardly ever anything else, as spoken where the interface is.
_GIVEN = """
    aaron abel adam adela adèle adolfo adrian adrián adriana adrien agathe agnes agnès agustín ahmed aïcha
    aitana aitor alain alan albane albert alberto alejandra alejandro alessandro alex alexander alexandra
    alfonso alfred alfredo alice alicia alina aline alonso álvaro amanda amandine amelia amélie amir amy ana
    anaïs andrea andreas andrée andrés andrew ángel angela ángela ángeles angelika anita anja anke anna anne
    anneliese annette annika anthony antoine anton antonia antonio apolline araceli arnaud arthur arturo asier
    astrid aude audrey aurélie aurélien aurelio axel baptiste barbara bastien beate beatrice béatrice beatriz
    begoña benito benjamin benoît bérénice bernadette bernard bernardo bernd bernhard bertrand bettina bianca
    birgit björn blas borja brigitte bruno camila camille carine carl carla carlos carlota carmen carol carolin
    caroline catalina caterina catherine cayetano cécile cecilia cédric celia céline césar chantal charles
    charlotte chiara chloé christa christel christelle christian christiane christina christine christophe
    christopher clara claude claudia clémence clemens clémentine colette conchita coralie corentin corinne
    cornelia cristian cristina cristóbal cyril dagmar damien daniel daniela danielle david deborah delphine
    denise dennis diana didier diego dieter dietmar dirk dolors dominik dominique donald doris dorothea dorothy
    dylan eberhard edith édith édouard eduardo edward elena éléonore elisa elisabeth élise elizabeth elke ellen
    élodie eloísa éloïse elsa elvira emil émile emilia émilie emilio emily emma emmanuel emmanuelle encarna
    enrique enzo éric erich erik erika ernesto erwin esteban estefanía estelle esther étienne eugen eugénie
    eugenio eulalie eusebio eva evelyn évelyne fabian fabien fabienne fabiola fabrice fatiha fatima federico
    felipe felisa felix ferdinand fermín fernand fernande fernando fidel florian frances francesco francis
    francisca francisco françois françoise franz franziska frédéric frederick frédérique frieda friedrich fritz
    gabriel gabriela gabriele gaël gaëlle gaétan gauthier geneviève geoffrey geoffroy georg george georges
    georgette gerald gérald géraldine gérard gerardo gerda gerhard germaine germán gertrud ghislaine gilbert
    gilberte gilles ginette giovanni gisela gisèle giulia gonzalo gordon grégoire gregor gregorio grégory
    guadalupe gudrun guido guillaume guillermo günter günther gustav gustavo gwenaëlle hannah hannelore hans
    harald harry héctor hedwig heidi heike heiko heinrich heinz helen helena helene hélène helga helmut henri
    henriette henry herbert hermann hernán hervé hildegard holger horst hubert hugo hugues huguette ibrahim
    ignacio iker ilse ines inès inés inge ingeborg ingrid íñigo irene irma isabel isabella isabelle isidoro
    isidro ismael iván jacinto jack jacob jacqueline jacques jaime jakob james jana janet janine jasmin jason
    javier jean jeanne jeannine jennifer jens jérémie jérémy jérôme jerónimo jessica jesús jimena joachim joan
    joanna joaquín joël joëlle johann johanna johannes john jonas jonathan jordi jörg jorge jose josé josef
    josefa josefina josep joseph joséphine josette joshua josiane juan juana juanita judith julia julian juliane
    julie julien juliette jürgen justine jutta kai karen karima karin karl karla karsten katharina katherine
    kathleen kathrin katja katrin kenneth kerstin kevin khadija klara klaus konrad kristin kurt laetitia laia
    lara lars laura laure laurence laurent lea léa leire lena léo leon léonard leonardo leonie leonor leopoldo
    lidia lieselotte lilian liliane lina linda lionel lisa loïc lorena lorenzo lothar louis louise louisette
    lourdes luc luca lucas lucette lucia lucía luciano lucie lucien lucienne ludivine ludovic ludwig luigi luis
    luisa luise lukas lydia lydie macarena maëlle maëlys magali magalie magdalena maike maite malika manfred
    manoli manolo manon manuel manuela marc marcel marcelino marcelle marco marcos marcus margaret margarete
    margarita margaux margit margot marguerite maria maría mariana marianne mariano maribel marie marielle
    marina mario marisa marisol marius marjorie markus marlene marta martha marthe martin martina martine mary
    maryam marylène maryse mateo mathéo mathias mathieu mathilde matías matilde matthew matthias matthieu maud
    maurice mauricio maxence maxime maximilian maximiliano mehmet melanie mélanie melissa mélissa mercè mia
    michael michaela michel michèle micheline michelle miguel mireia mireille miren mohamed mohammed monica
    mónica monika monique montse montserrat moritz muriel mustafa mylène myriam nadège nadia nadine nadja nancy
    natalia natalie natascha nathalie nathan nerea néstor nicholas nico nicola nicolas nicolás nicole niklas
    nikolaus nina noémie nolwenn norbert nuria núria odette odile olaf olga oliver olivia olivier omar ophélie
    óscar oskar osvaldo oswald otto pablo paco pamela paola paquita pascale patrice patricia patricio patrick
    paul paula paulette pauline pedro pepa pepe perrine peter petra philip philipp philippe pierre pierrette
    quentin rachel rachid rafael rafaela raimundo rainer ralf ralph ramiro ramón raoul raphael raquel raúl
    raymond raymonde rebecca regina régine régis reinhard reinhold rémi rémy renate rené renée ricardo richard
    rita robert roberto robin rocío rodolphe rodrigo rogelio roger roland rolf ronald rosalía rosalie roselyne
    rosemarie rosemary rubén rudolf ruth sabine sabrina salomé samantha samuel sandra sandrine sara sarah sascha
    saturnino sebastian sébastien sergio séverine sharon sibylle siegfried sigrid silke silvia simon simón
    simone sofia sofía solange solène sonja sophia sophie stefan stefanie stefano stephan stéphane stephanie
    stéphanie stephen steven susan susana susanne suzanne sven svenja sylvain sylvaine sylvia sylvie tadeo
    tanguy tanja tatiana tatjana teodoro teresa théo theodor théodore théophile theresa thérèse theresia
    thibault thibaut thierry thomas thorsten tim timothée timothy tobias tomás torsten tristan udo ulla ulrich
    ulrike ulysse unai ursula ute uwe valentin valentina valeria valérie valéry vanessa vera verena verónica
    veronika véronique vicenta vicente victor victoria viktor viktoria vincent virginie viviane volker walter
    waltraud werner wilfried wilhelm william winfried wolfgang xavi xavier ximena yago yann yannick yasmin
    yolanda yusuf yves yvette yvon yvonne zoe zoé
"""

# Words that are no names, in the languages of the interface: sites, pathology, treatment, boards, order, colours.
_COMMON = """
    a abdomen abdominal abril acht adenocarcinoma adenokarzinom adjuvant adjuvante adrenal adyuvante
    adénocarcinome after agosto aguda al alpha alt alte am amarilla amarillo ambulant ambulatorio ampolla
    ampoule an anal analkanal analyse anaplasique anaplastic anatomía ancien ancienne and annexe ano antes
    anticuerpo anus análisis août appendice appendix april après apéndice arbor asian at atezolizumab attente au
    august autre autumn avant avec avelumab avis avril azul bajo bas bauch bazo before befund befunde bei
    beispiel best bestrahlung beta bevacizumab bile biliar biliares biliary biologie biopsie biopsy bis black
    bladder blanc blanca blanche blanco blase blau bleu bleue blue board boards boca bone bowel brain bras braun
    breast bronche bronches bronchus bronquio bronquios brousse brown brust by bénin bévacizumab cabeza caecum
    canal cancer capecitabina capecitabine capox captem capécitabine carboplatin carboplatine carboplatino
    carcinoma carcinomatosis carcinome carcinose care cas case cases caso casos caucasian cavité cecum cell
    cells cellule cellules centre cerebro cerveau cervical cervicale cervix chef chemo chemotherapie
    chemotherapy child chimio chimiothérapie chirurgie cholédoque ciego cinco cinq cinquième cirugía cisplatin
    cisplatine cisplatino clinic clinique clínica clínico coecum col colique colon colonic colorectal comité con
    concertation conducto consulta control contrôle corps cou courant crâne cuarta cuarto cuatro cuello cuerpo
    cup cutané cutanée cutáneo cáncer célula células cérvix côlon dans darm das de december del delgado delta
    dem demande demo den der dernier dernière des después deux deuxième dezember diabetiker diabetikerin
    diciembre dickdarm die dienstag diez diferenciada diferenciado differentiated differenziert différencié
    différenciée digestif digestivo dimanche discussion dix docetaxel docétaxel domingo donnerstag dos dossier
    dotatate dotatoc drei dringend dritte dritter drittlinie du duct duda dudas duodenum duodénum durvalumab
    décembre dünndarm east eight eilt ein eine einer eins elderly en endocrine endometrium endomètre enero
    enfermedad ensayo epsilon erste erster erstlinie esophageal esophagus essai est estable estadio este estomac
    estudio estómago esófago et eta etoposid etoposide etopósido everolimus evolución examen example expert
    expression fall febrero februar february female femme fiche fin first five foie folfiri folfirinox folfox
    follow follow-up for fosa four fourth fracaso frage freitag french friday from frühjahr frühling fälle
    février fünf für gallbladder gallenblase gallengang gallenwege gamma gastric gastrique gehirn gelb
    gemcitabin gemcitabina gemcitabine genitourinary german glándula grad grade grande grandes grau gray green
    grey gris grise gros grosse groß großzellig grün gustave gut gynaecological gynecological gástrico génital
    hals harnblase haut head hepatic hepática hepáticas hepático herbst high hirn histologie histology
    histología hombre homme hospital hueso huesos huit hépatique hépatiques hígado hôpital ileum iléon im immuno
    immunotherapy immunothérapie immuntherapie in indifférencié indifférenciée inmunoterapia intestin intestino
    iota ipilimumab irinotecan irinotecán irinotécan jahr januar january janvier jaune jejunum jeudi jeune joven
    jueves juillet juin juli julio july june jung juni junio jéjunum kappa karnofsky karzinom kidney klein
    kleinzellig klinik knochen kolon kolorektal konferenz kontrolle kopf kurz lambda lang lange langer lanreotid
    lanreotida lanreotide lanréotide large laringe larynx last le leber lehre les lesion lesiones lesions lesión
    letzte ligne lila line linfático linie liver long low lundi lunes lung lunge lurbinectedin lurbinectedina
    lurbinectédine lutetium lymph lymphatique lymphknoten lésion lésions línea magen mai maintenance maladie
    male maligno mama mamma man mann marcador marcadores march mardi marker markers marqueur mars martes marzo
    masa masse may mayo mediastinum meeting meinung memorial mercredi merkel mes metachron metachronous
    metacrónico metastasen metastases metastasiert metastasis metastatic metastásica metastásico mets metástasis
    minen mit mittwoch mixed mixte mixto miércoles moelle mois mol monat monday montag month morphology mujer
    mutación mutation muté mutée männlich märz médula métachrone métastase métastases métastatique métastatiques
    nach nasal nec neck necs negra negro neoadjuvant neoplasm net nets neue neuer neues neuf neumología neun
    neuroendocrine neuroendokrin neuroendokrines nevus new next niere nine nivolumab nodal node nodes noir noire
    nord norte north nouveau nouvelle november novembre noviembre nueva nueve nuevo numéro nächste número ocho
    octava octavo october octobre octreotid octreotida octreotide octréotide octubre oder oesophage oesophageal
    oesophagus oeste of ohne oktober old oligometastatic omega on oncol oncología one opciones opción operation
    opinion option optionen options or orange os osseuse osseux ost osteoarticular otra otro ou ouest outpatient
    ovaire ovar ovario ovary oxaliplatin oxaliplatine oxaliplatino paciente paclitaxel paliativa paliativo
    palliatif palliativ palliative pancreas pancreatic pancreático pancréas pancréatique pankreas papilla
    papille pared park pathologie pathology patient patiente patientin peau pelvis pembrolizumab pendiente
    pequeña pequeñas pequeño peritoneal peritoneo peritoneum petit petite petites piel pink plateau platin
    platine platino platinum pleura plèvre pobremente poco poorly por poumon pregunta premier première primaria
    primario primary primera primero primitif primitive primär primärtumor progress progression progressive
    proliferation pronostic pronóstico prostata prostate prrt prueba pruebas próstata pulmonaire pulmonar pulmón
    purple páncreas péritoine quartal quarter quatre quatrième question quimio quimioterapia quinta quinto
    rachis radiation radioterapia radiotherapie radiotherapy radiothérapie rate raucher raucherin recaída
    rechute recidiva rectal rectale recto rectum recurrence recurrent red referral refractaria refractario
    refractory refraktär región rein rektum relapse relecture remission rendez-vous rentner rentnerin resección
    resection resektion resistant resistent resistente response respuesta restaging review revisión rezidiv
    riñón roja rojo rosa rose roswell rot rouge roussy royal récidive réfractaire région réponse résection
    résistant résistante réunion samedi samstag saturday scan schilddrüse schlecht schwarz sechs second
    second-line seconde segunda segundo sein seis semaine semana sensible sensitiv sensitive sept september
    septembre septiembre seven sie sieben siete sigma sigmoid sigmoide sigmoïde sin single sistema sister site
    sitzung six skin small soins sommer sonntag sospecha south spring stabil stable stade staging station
    stationär stomach studie sud suite suivi summer sunday sunitinib supervivencia supportive suprarrenal sur
    surgery surrénale symptomatique synchron synchrone synchrones synchronous sábado süd tarlatamab teaching
    temozolomid temozolomida temozolomide ten terapia tercer tercera tercero test testing tests testung the
    therapie therapy theta third third-line thorax three thursday thymus thyroid thyroïde thérapie timo tiroides
    to topotecan topotecán topotécan torácico trabectedin tracto traitement traitements transplant
    transplantation trasplante tratamiento tres trial trois troisième tuesday tumeur tumeurs tumor tumorboard
    tumores tumorkonferenz tumors tumour tumours two témozolomide tête tórax un unbekannt und une unknown urgent
    urgente urinary urotelio uterus utérus vagin vagina vejiga vendredi verde verge verlauf vers vert verte
    vessie vesícula vie viejo vier viernes vieux violet voie voies von vor vorstellung vulva vulve vésical
    vésicale vésicule vía vías ward wednesday week weiblich weiß well west white wiedervorstellung winter with
    without woche woman xelox y year yellow young zehn zelle zellig zeta zu zwei zweite zweiter zweitlinie
    zweitmeinung échec étoposide étude évolution évérolimus íleon ósea óseo ösophagus última último útero
    œsophage
"""


def without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _known(words: str) -> frozenset[str]:
    return frozenset(form for word in words.split() for form in (word, without_accents(word)))


# By which a text is known to be German: words that English, French and Spanish do not have.
_GERMAN = """
    aber als auch auf aus bei beim bereits bisher das dem den der des die durch ein eine einem einen einer eines ergibt
    erfolgt erfolgte für gegen hat hatte im ist jährige jähriger jährigen kein keine keinen mit möchte nach nicht noch
    nur oder ohne seit sich sind sowie über und unter vom von vor war wegen weiter weiterhin wird wünscht wurde zeigt zu
    zum zur zusätzlich
"""

# The countries of which Faker lists frequent surnames, as far as they are written in Latin letters.
_LISTED = (
    "de_AT",
    "de_CH",
    "de_DE",
    "en_GB",
    "en_US",
    "es_ES",
    "es_MX",
    "fr_CH",
    "fr_FR",
    "it_IT",
    "nl_NL",
    "pt_PT",
    "tr_TR",
)
# Frequent ones that those lists lack.
_FURTHER = """
    müller mueller schmidt schneider fischer meyer meier wagner becker hoffmann schulz dupont durand nguyen tran o'neill
    kowalski nowak ivanov
"""


def _listed(kind: str) -> set[str]:
    """The names of Faker's lists of a kind, in lower case."""
    providers = (import_module(f"faker.providers.person.{country}").Provider for country in _LISTED)
    return {name.casefold() for provider in providers for name in getattr(provider, kind)}


def _surnames() -> frozenset[str]:
    names = _listed("last_names")
    return frozenset(
        form for name in (*names, *_FURTHER.split()) for form in (name, without_accents(name)) if len(form) > 2
    )


# Given names, of which many are words too: they count beside a surname alone.
FIRST_NAMES = frozenset(
    form for name in _listed("first_names") for form in (name, without_accents(name)) if len(form) > 2
)

GIVEN_NAMES, COMMON_WORDS, GERMAN_WORDS, SURNAMES = _known(_GIVEN), _known(_COMMON), _known(_GERMAN), _surnames()
