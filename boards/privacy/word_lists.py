"""Words that the guard of labels knows: common given names, and common words that are no names; in lower case.

Each is known without its accents too, as capitals often go without.
"""

from __future__ import annotations

import unicodedata

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
    a abdomen abdominal abril acht adenocarcinoma adénocarcinome adenokarzinom adjuvant adjuvante adrenal
    adyuvante after agosto aguda al alpha alt alte am amarilla amarillo ambulant ambulatorio ampolla ampoule an
    anal análisis analkanal analyse anaplasique anaplastic anatomía ancien ancienne and annexe ano antes
    anticuerpo anus août apéndice appendice appendix après april at atezolizumab attente au august autre autumn
    avant avec avelumab avis avril azul bajo bas bauch bazo before befund befunde bei beispiel bénin bestrahlung
    beta bevacizumab bévacizumab bile biliar biliares biliary biologie biopsie biopsy bis black bladder blanc
    blanca blanche blanco blase blau bleu bleue blue board boards boca bone bowel brain bras braun breast
    bronche bronches bronchus bronquio bronquios brown brust by cabeza caecum canal cancer cáncer capecitabina
    capecitabine capécitabine capox captem carboplatin carboplatine carboplatino carcinoma carcinomatosis
    carcinome carcinose care cas case cases caso casos cavité cecum cell cells cellule cellules célula células
    centre cerebro cerveau cervical cervicale cervix cérvix chef chemo chemotherapie chemotherapy chimio
    chimiothérapie chirurgie cholédoque ciego cinco cinq cinquième cirugía cisplatin cisplatine cisplatino
    clinic clínica clínico clinique coecum col colique colon côlon colonic colorectal comité con concertation
    conducto consulta control contrôle corps cou courant crâne cuarta cuarto cuatro cuello cuerpo cup cutané
    cutanée cutáneo dans darm das de december décembre del delta dem demande demo den der dernier dernière des
    después deux deuxième dezember diciembre dickdarm die dienstag diez diferenciada diferenciado différencié
    différenciée differentiated differenziert digestif digestivo dimanche discussion dix docetaxel docétaxel
    domingo donnerstag dos dossier dotatate dotatoc drei dringend dritte dritter drittlinie du duct duda dudas
    dünndarm duodenum duodénum durvalumab east échec eight eilt ein eine einer eins elderly en endocrine
    endomètre endometrium enero enfermedad ensayo epsilon erste erster erstlinie esófago esophageal esophagus
    essai est estable estadio este estomac estómago estudio et eta etoposid etoposide étoposide etopósido étude
    everolimus évérolimus evolución évolution examen example fall fälle febrero februar february female femme
    février fiche fin first five foie folfiri folfirinox folfox follow follow-up for fosa four fourth fracaso
    frage freitag friday from frühjahr frühling fünf für gallbladder gallenblase gallengang gallenwege gamma
    gastric gástrico gastrique gehirn gelb gemcitabin gemcitabina gemcitabine génital genitourinary glándula
    grad grade grande grandes grau gray green grey gris grise gros grosse groß großzellig grün gut
    gynaecological gynecological hals harnblase haut head hepatic hepática hepáticas hepático hépatique
    hépatiques herbst hígado high hirn histología histologie histology hombre homme hôpital hospital hueso
    huesos huit iléon íleon ileum im immuno immunothérapie immunotherapy immuntherapie in indifférencié
    indifférenciée inmunoterapia intestin intestino iota ipilimumab irinotecan irinotecán irinotécan jahr januar
    january janvier jaune jejunum jéjunum jeudi jeune joven jueves juillet juin juli julio july june jung juni
    junio kappa karzinom kidney klein kleinzellig klinik knochen kolon kolorektal konferenz kontrolle kopf
    lambda lanreotid lanreotida lanreotide lanréotide large laringe larynx last le leber lehre les lesion lesión
    lésion lesiones lesions lésions letzte ligne lila line línea linfático linie liver low lundi lunes lung
    lunge lurbinectedin lurbinectedina lurbinectédine lutetium lymph lymphatique lymphknoten magen mai
    maintenance maladie male maligno mama mamma man mann männlich marcador marcadores march mardi marker markers
    marqueur mars martes märz marzo masa masse may mayo mediastinum médula meeting meinung mercredi merkel mes
    metachron métachrone metachronous metacrónico métastase metastasen metastases métastases metastásica
    metastásico metastasiert metastasis metástasis metastatic métastatique métastatiques mets miércoles minen
    mit mittwoch mixed mixte mixto moelle mois monat monday montag month morphology mujer mutación mutation muté
    mutée nach nächste nasal nec neck necs negra negro neoadjuvant neoplasm net nets neue neuer neues neuf
    neumología neun neuroendocrine neuroendokrin neuroendokrines nevus new next niere nine nivolumab nodal node
    nodes noir noire nord norte north nouveau nouvelle november novembre noviembre nueva nueve nuevo numéro
    número ocho octava octavo october octobre octreotid octreotida octreotide octréotide octubre oder oesophage
    oesophageal oesophagus oeste of ohne oktober old oligometastatic omega on oncología one opción opciones
    operation opinion option optionen options or orange os ósea óseo ösophagus osseuse osseux ost osteoarticular
    otra otro ou ouest outpatient ovaire ovar ovario ovary oxaliplatin oxaliplatine oxaliplatino paciente
    paclitaxel paliativa paliativo palliatif palliativ palliative pancreas pancréas páncreas pancreatic
    pancreático pancréatique pankreas papilla papille pared pathologie pathology patient patiente patientin peau
    pelvis pembrolizumab pendiente pequeña pequeñas pequeño péritoine peritoneal peritoneo peritoneum petit
    petite petites piel pink plateau platin platine platino platinum pleura plèvre pobremente poco poorly por
    poumon pregunta premier première primär primaria primario primärtumor primary primera primero primitif
    primitive progress progression progressive proliferation pronostic pronóstico prostata próstata prostate
    prrt prueba pruebas pulmón pulmonaire pulmonar purple quartal quarter quatre quatrième question quimio
    quimioterapia quinta quinto rachis radiation radioterapia radiotherapie radiothérapie radiotherapy rate
    recaída rechute recidiva récidive rectal rectale recto rectum recurrence recurrent red referral réfractaire
    refractaria refractario refractory refraktär región région rein rektum relapse relecture remission
    rendez-vous réponse resección resection résection resektion resistant résistant résistante resistent
    resistente response respuesta restaging réunion review revisión rezidiv riñón roja rojo rosa rose rot rouge
    sábado samedi samstag saturday scan schilddrüse schlecht schwarz sechs second second-line seconde segunda
    segundo sein seis semaine semana sensible sensitiv sensitive sept september septembre septiembre seven
    sieben siete sigma sigmoid sigmoide sigmoïde sin sistema site sitzung six skin small soins sommer sonntag
    sospecha south spring stabil stable stade staging station stationär stomach studie sud süd suite suivi
    summer sunday sunitinib supervivencia supportive suprarrenal sur surgery surrénale symptomatique synchron
    synchrone synchrones synchronous tarlatamab teaching temozolomid temozolomida temozolomide témozolomide ten
    terapia tercer tercera tercero test testing tests testung tête the therapie thérapie therapy theta third
    third-line thorax three thursday thymus thyroid thyroïde timo tiroides to topotecan topotecán topotécan
    torácico tórax trabectedin tracto traitement traitements transplant transplantation trasplante tratamiento
    tres trial trois troisième tuesday tumeur tumeurs tumor tumorboard tumores tumorkonferenz tumors tumour
    tumours two última último un unbekannt und une unknown urgent urgente urinary urotelio útero uterus utérus
    vagin vagina vejiga vendredi verde verge verlauf vers vert verte vésical vésicale vesícula vésicule vessie
    vía vías vie viejo vier viernes vieux violet voie voies von vor vorstellung vulva vulve ward wednesday week
    weiblich weiß well west white wiedervorstellung winter with without woche woman xelox y year yellow young
    zehn zelle zellig zeta zu zwei zweite zweiter zweitlinie zweitmeinung œsophage
"""


def without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _known(words: str) -> frozenset[str]:
    return frozenset(form for word in words.split() for form in (word, without_accents(word)))


GIVEN_NAMES, COMMON_WORDS = _known(_GIVEN), _known(_COMMON)
