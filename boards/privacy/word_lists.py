"""Words that the guard of labels knows: common given names, and common words that are no names; in lower case."""

from __future__ import annotations

# Given names that are hardly ever anything else, as spoken where the interface is.
_GIVEN = """
    aaron adam adrian agnes ahmed alan albert alessandro alex alexander alexandra alfred alice alina amanda amelia
    amir amy andrea andreas andrew angela angelika anita anja anke anna anne anneliese annette annika anthony
    anton antonia antonio arthur astrid barbara beate beatrice benjamin bernard bernd bernhard bettina bianca
    birgit björn brigitte bruno carl carla carlos carmen carol carolin caroline caterina catherine charles
    charlotte chiara christa christel christiane christina christine christopher clara claudia clemens cornelia
    dagmar daniel daniela david deborah dennis diana dieter dietmar dirk dominik dominique donald doris dorothea
    dorothy dylan eberhard edith edward elena elisabeth elizabeth elke ellen elsa emil emilia emily emma erich
    erik erika erwin esther eugen eva evelyn fabian fatima felix ferdinand florian frances francesco francis franz
    franziska frederick frieda friedrich fritz gabriel gabriele geoffrey georg george gerald gerda gerhard gertrud
    giovanni gisela giulia gordon gregor gudrun guido gustav günter günther hannah hannelore hans harald harry
    hedwig heidi heike heiko heinrich heinz helen helena helene helga helmut henry herbert hermann hildegard
    holger horst hubert hugo ibrahim ilse ines inge ingeborg ingrid irene irma isabel isabella jack jacob
    jacqueline jakob james jana janet janine jasmin jason jean jennifer jens jessica joachim joan joanna johann
    johanna johannes john jonas jonathan jose josef joseph joshua juan judith julia julian juliane jutta jörg
    jürgen kai karen karin karl karla karsten katharina katherine kathleen kathrin katja katrin kenneth kerstin
    kevin klara klaus konrad kristin kurt lara lars laura lea lena leon leonie lieselotte lina linda lisa lothar
    louise luca lucas lucia ludwig luigi luise lukas lydia maike manfred manuel manuela marcel marco marcus
    margaret margarete margit maria marianne marie marina mario marion markus marlene marta martha martin martina
    mary maryam mathias matthew matthias maximilian mehmet melanie melissa mia michael michaela michelle mohamed
    mohammed monica monika moritz mustafa nadine nadja nancy natalie natascha nathan nicholas nico nicola nicolas
    nicole niklas nikolaus nina norbert olaf olga oliver olivia omar oskar oswald otto pablo pamela patricia
    patrick paul paula peter petra philip philipp pierre rachel rainer ralf ralph raphael rebecca regina reinhard
    reinhold renate rené richard rita robert roberto robin roger roland rolf ronald rosemarie rosemary rudolf ruth
    sabine sabrina samantha samuel sandra sara sarah sascha sebastian sharon sibylle siegfried sigrid silke silvia
    simon simone sofia sonja sophia sophie stefan stefanie stefano stephan stephanie stephen steven susan susanne
    sven svenja sylvia tanja tatjana theodor theresa theresia thomas thorsten tim timothy tobias torsten udo ulla
    ulrich ulrike ursula ute uwe valentina vanessa vera verena veronika victor victoria viktor viktoria vincent
    volker walter waltraud werner wilfried wilhelm william winfried wolfgang yasmin yusuf yvonne zoe
"""

# Words that are no names, in English and German: sites, pathology, treatment, boards, order, colours.
_COMMON = """
    a abdomen acht adenocarcinoma adenokarzinom adjuvant adrenal after alpha alt alte am ambulant an anal
    analkanal anaplastic and anus appendix april at atezolizumab august autumn avelumab bauch before befund
    befunde bei beispiel bestrahlung beta bevacizumab bile biliary biopsie biopsy black bladder blase blau blue
    board boards bone bowel brain braun breast bronchus brown brust by caecum capecitabine capox captem
    carboplatin carcinoma care case cases cecum cell cells cervical cervix chemo chemotherapie chemotherapy
    chirurgie cisplatin clinic coecum colon colonic colorectal cup darm das december delta dem demo den der des
    dezember dickdarm die dienstag differentiated differenziert docetaxel donnerstag dotatate dotatoc drei
    dringend dritte dritter drittlinie duct duodenum durvalumab dünndarm east eight eilt ein eine einer eins
    elderly endometrium epsilon erste erster erstlinie esophageal esophagus eta etoposid etoposide everolimus
    example fall februar february female first five folfiri folfirinox folfox follow follow-up for four fourth
    frage freitag friday from frühjahr frühling fälle fünf für gallbladder gallenblase gallengang gallenwege gamma
    gastric gehirn gelb gemcitabin gemcitabine genitourinary grad grade grau gray green grey groß großzellig grün
    gut gynaecological gynecological hals harnblase haut head hepatic herbst high hirn histologie histology
    hospital ileum im immuno immunotherapy immuntherapie in iota ipilimumab irinotecan jahr januar january jejunum
    juli july june jung juni kappa karzinom kidney klein kleinzellig klinik knochen kolon kolorektal konferenz
    kontrolle kopf lambda lanreotid lanreotide large larynx last leber lehre lesion lesions letzte lila line linie
    liver low lung lunge lurbinectedin lutetium lymph lymphknoten magen mai maintenance male mamma man mann march
    marker markers may mediastinum meeting meinung merkel metachron metachronous metastasen metastases
    metastasiert metastasis metastatic mets minen mit mittwoch mixed monat monday montag month morphology mutation
    männlich märz nach nec neck necs neoadjuvant neoplasm net nets neue neuer neues neun neuroendocrine
    neuroendokrin neuroendokrines new next niere nine nivolumab nodal node nodes nord north november nächste
    october octreotid octreotide oder oesophageal oesophagus of ohne oktober old oligometastatic omega on one
    operation opinion option optionen options or orange ost outpatient ovar ovary oxaliplatin paclitaxel palliativ
    palliative pancreas pancreatic pankreas papilla papille pathologie pathology patient patientin pelvis
    pembrolizumab peritoneal peritoneum pink platin platinum poorly primary primär primärtumor progress
    progression progressive proliferation prostata prostate prrt purple quartal quarter question radiation
    radiotherapie radiotherapy rectal rectum recurrence recurrent red referral refractory refraktär rektum relapse
    remission resection resektion resistant resistent response restaging review rezidiv rosa rot samstag saturday
    scan schilddrüse schlecht schwarz sechs second second-line sensitiv sensitive september seven sieben sigma
    sigmoid sitzung six skin small sommer sonntag south spring stabil stable staging station stationär stomach
    studie summer sunday sunitinib supportive surgery synchron synchronous süd tarlatamab teaching temozolomid
    temozolomide ten test testing tests testung the therapie therapy theta third third-line three thursday thymus
    thyroid to topotecan trabectedin transplant transplantation trial tuesday tumor tumorboard tumorkonferenz
    tumors tumour tumours two unbekannt und unknown urgent urinary uterus vagina verlauf vier violet von vor
    vorstellung vulva ward wednesday week weiblich weiß well west white wiedervorstellung winter with without
    woche woman xelox year yellow young zehn zelle zellig zeta zu zwei zweite zweiter zweitlinie zweitmeinung
    ösophagus
"""

GIVEN_NAMES = frozenset(_GIVEN.split())
COMMON_WORDS = frozenset(_COMMON.split())
