"""Sentences as boards write them: clinical ones, in which nobody is named, and some that identify a patient."""

from __future__ import annotations

ENGLISH = """
Large-cell neuroendocrine carcinoma of the colon, Ki-67 80 %, progressed 4 months after cisplatin-etoposide.
Child-Pugh B, ECOG 2, bilirubin 45 µmol/l: irinotecan only at a reduced dose.
Whipple procedure in 2019, margin R1; adjuvant gemcitabine for 6 cycles.
Merkel cell carcinoma was excluded by CK20 and MCPyV immunohistochemistry.
Karnofsky 70, lives alone, wants treatment close to home.
Gleason 9 with neuroendocrine differentiation, PSA 0.4 ng/ml under leuprolide.
Müllerian origin is unlikely: PAX8 negative, ER negative.
The Kaplan-Meier estimate of median OS was 7.2 months (95 % CI 5.1-9.8).
FOLFIRI every 14 days, dose of 5-FU 400/2400 mg/m² reduced to 75 %.
FOLFIRINOX 85/180/400/2400 was not tolerated: neutropenia of grade 4.
Carboplatin AUC 5 on day 1, etoposide 100 mg/m² on days 1/2/3, every 3 weeks.
Topotecan on days 1-5 or weekly on days 1, 8 and 15.
UGT1A1*28/*28 homozygous, so irinotecan starts at 70 %.
DPYD c.1905+1G>A heterozygous; capecitabine at half the dose.
Gilbert syndrome is known; bilirubin 32 µmol/l at baseline.
BRAF V600E, MSS, TMB 4 mut/Mb, RB1 loss, TP53 p.R273H.
NTRK fusion not tested; tissue block from 2023 is left.
PD-L1 CPS 12 by 22C3; pembrolizumab was given from 03/2024 to 11/2024.
MRI of the liver shows 12 metastases, the largest 48 x 36 mm.
MR enterography without stricture; CT thorax shows nodules of 3-5 mm.
Platelets 150000/µl, haemoglobin 9.8 g/dl, leucocytes 12 500/µl, LDH 1240 U/l.
NSE 245 ng/ml, CgA 12000 ng/ml, CA 19-9 35000 U/ml.
Somatostatin receptor PET is Krenning 3 in the nodes and 1 in the liver.
Partial response by RECIST 1.1 after 4 cycles, then progression in the brain.
Whole-brain radiotherapy 30 Gy in 10 fractions, last one in March 2025.
Stereotactic radiotherapy 5 x 7 Gy to segment IV; 45-50.4 Gy to the pelvis.
HR for death 0.71 (0.53-0.96); HR PFS 0.60.
Grade 3 may need a dose delay; grade 4 stops treatment.
NABNEC randomised 2:1; NCT02820857 (TALENT) is open in Leeds.
Sorbye et al. found no benefit of etoposide when Ki-67 is below 55 %.
The patient has no brain metastases and no carcinoid syndrome.
Patient prefers oral treatment; patient and family agree with supportive care.
Patients with Asian ancestry metabolise S-1 differently.
Creatinine clearance 48 ml/min by Cockcroft-Gault, so no cisplatin.
Ondansetron 8 mg i.v., dexamethasone 12 mg p.o., G-CSF s.c. from day 4.
Hepatitis B. Lamivudine is given as prophylaxis.
Grade A. However, the level rests on a single arm.
Two of 5 radiologists saw new lesions; e.g. in segment VIII.
Lutetium-177 DOTATATE, 4 x 7.4 GBq, ended in 2022-2023.
Toxicity: diarrhoea G3, mucositis G2, ANA positive without a clinical sign.
Hodgkin lymphoma in 1998, mantle field 36 Gy, bleomycin 120 mg in total.
Horner's syndrome on the left; Pancoast location.
Virchow node biopsied; Sister Mary Joseph nodule excised.
Tarlatamab at a centre with experience; step-up days 1, 8 and 15.
DLL3 90 % positive; bispecific antibody trial at Royal Marsden.
Second opinion of the ENETS centre: best supportive care or FOLFIRI.
Weight loss of 8 kg in 6 weeks, albumin 28 g/l, CRP 96 mg/l.
Bowel obstruction relieved by a stent; 24 Fr drain in the pelvis.
The board asks whether temozolomide is worth while: MGMT methylated.
PMID 37001234 and doi 10.1016/j.annonc.2023.01.003 support this.
Radiotherapy to the bone was declined; pain 7/10 under morphine 120 mg.
The previous line lasted from 2021 to 2023; platinum-free interval 5.5 months.
Zollinger-Ellison syndrome is excluded; gastrin 80 pg/ml.
The Ann Arbor staging does not apply; TNM T3 N2 M1b, UICC IV.
Fine needle aspiration by EBUS, station 4R and 7.
Olaparib only within a trial: ATM mutated, HRD score 38.
Cough, no fever; SpO2 94 % on room air; pleural drain 1500 ml.
Lynch syndrome ruled out: MLH1, MSH2, MSH6 and PMS2 retained.
Charlson index 6, G8 score 11/17, Mini-Mental 27/30.
Ranson criteria not met; lipase 340 U/l, triglycerides 1.9 mmol/l.
"""

GERMAN = """
Großzelliges neuroendokrines Karzinom des Kolons, Ki-67 80 %, Progress 4 Monate nach Cisplatin/Etoposid.
Z. n. Whipple-Operation 2019, R1; adjuvant Gemcitabin über 6 Zyklen.
V. a. Merkelzellkarzinom ausgeschlossen: CK20 negativ.
Karnofsky-Index 70 %, lebt allein, wünscht heimatnahe Behandlung.
Child-Pugh B, Bilirubin 2,6 mg/dl: Irinotecan nur dosisreduziert.
Gleason 9 mit neuroendokriner Differenzierung, PSA 0,4 ng/ml.
Müllerscher Ursprung unwahrscheinlich, PAX8 negativ.
Kaplan-Meier-Schätzung: medianes OS 7,2 Monate (95 %-KI 5,1-9,8).
FOLFIRI alle 14 Tage, 5-FU 400/2400 mg/m² auf 75 % reduziert.
Der Patient hat noch nie 5-FU erhalten.
Die Patientin Raucherin, 40 Packungsjahre, COPD GOLD II.
Beim Patienten Zweitlinie nach Platin erwogen.
Der Patient wünscht keine Infusion, die Ehefrau unterstützt ihn.
Patient und Angehörige sind aufgeklärt; Patientenverfügung liegt vor.
UGT1A1*28 homozygot, daher Irinotecan 70 %.
Morbus Gilbert bekannt, Bilirubin indirekt erhöht.
Gilbert-Meulengracht-Syndrom; sonst keine Vorerkrankungen.
M. Crohn seit 1998, aktuell in Remission.
Tumormarker: NSE 245 ng/ml, CgA 12000 ng/ml, CA 19-9 35000 U/ml.
Thrombozyten 150.000/µl, Hb 9,8 g/dl, Leukozyten 12.500/µl, LDH 1240 U/l.
MRT Leber: 12 Metastasen, größte 48 x 36 mm.
CT Thorax/Abdomen im März 2025: Progress hepatisch und nodal.
Bestrahlung der BWK 5-7 mit 30 Gy in 10 Fraktionen.
Stereotaxie 5 x 7 Gy, Becken 45-50,4 Gy.
Ondansetron 8 mg i. v., z. B. vor Oxaliplatin; Dexamethason p. o.
Hepatitis B. Keine Zirrhose, Fibroscan 5,2 kPa.
Child B. Zustand nach TIPS.
Lungenembolie 2022, seither Apixaban 5 mg 1-0-1.
Metamizol 500 mg 1-1-1-1, Morphin 30 mg 1-0-1, Pantoprazol 40 mg 1-0-0.
Frage an das Board: Topotecan oder FOLFIRI?
Das Tumorboard empfiehlt FOLFIRI, alternativ Einschluss in NCT02820857.
Die Empfehlung stützt sich auf NORDIC NEC (Sorbye 2013) und PRODIGE 41.
Kein Hinweis auf Hirnmetastasen; Liquor o. B., u. a. keine Meningeosis.
Allgemeinzustand gut, ECOG 1, Gewicht 72 kg, Größe 178 cm.
Kreatinin-Clearance 48 ml/min nach Cockcroft-Gault, kein Cisplatin.
DPYD-Variante heterozygot, Capecitabin halbe Dosis.
BRAF V600E, MSS, TMB 4 Mut/Mb, RB1-Verlust, TP53 mutiert.
Somatostatinrezeptor-PET: Krenning-Score 3 nodal, 1 hepatisch.
177Lu-DOTATATE, 4 x 7,4 GBq, beendet 2022-2023.
Schmerzen 7/10 unter Morphin 120 mg; Fentanyl-Pflaster 25 µg/h.
Ileus, Stentanlage; Drainage 24 Fr im Becken.
Virchow-Lymphknoten bioptiert, Pancoast-Lage links.
Horner-Syndrom links, Cushing-Syndrom ausgeschlossen.
Zollinger-Ellison-Syndrom ausgeschlossen, Gastrin 80 pg/ml.
Lynch-Syndrom ausgeschlossen; Amsterdam-Kriterien nicht erfüllt.
Hodgkin-Lymphom 1998, Mantelfeld 36 Gy.
Der Hausarzt führt Blutbildkontrollen an Tag 8 und 15 durch.
Tag 1/8/15 wöchentlich; Tag 1-5 alle drei Wochen.
Chemotherapie von 03/2024 bis 11/2024, danach Pause.
Herr und Frau der Lage: beide Optionen vertretbar.
Best Supportive Care bei ECOG 3 wäre ebenso vertretbar.
Abweichende Meinung der Radiologie: Größenprogress unter 20 %.
Strahlentherapie: Linac 6 MV, VMAT, kumulativ 54 Gy.
Pleuraerguss rechts, 1500 ml abgelassen, Zytologie Pap IV.
Zweitmeinung des ENETS-Zentrums liegt vor.
Kleinzellige Morphologie, Synaptophysin und Chromogranin positiv, TTF-1 negativ.
Immuncheckpoint-Inhibition off-label, Antrag bei der Kasse gestellt.
Nebenwirkungen: Diarrhoe Grad 3, Mukositis Grad 2, Polyneuropathie Grad 1.
G8-Score 11/17, Charlson-Index 6, Mini-Mental 27/30.
Kleine Anfrage: Dose-dense oder Klassik? Lange Pause ist möglich.
"""

FRENCH = """
Carcinome neuroendocrine à grandes cellules du côlon, Ki-67 80 %, progression 4 mois après cisplatine-étoposide.
Duodénopancréatectomie de Whipple en 2019, R1 ; gemcitabine adjuvante, 6 cycles.
Carcinome de Merkel exclu : CK20 négatif.
Child-Pugh B, bilirubine 45 µmol/l : irinotécan à dose réduite.
Indice de Karnofsky 70 %, vit seul, souhaite être traité près de chez lui.
Score de Gleason 9 avec différenciation neuroendocrine.
Origine müllérienne peu probable, PAX8 négatif.
Survie globale médiane de 7,2 mois selon Kaplan-Meier (IC 95 % 5,1-9,8).
FOLFIRI tous les 14 jours, 5-FU 400/2400 mg/m² réduit à 75 %.
FOLFIRINOX 85/180/400/2400 mal toléré : neutropénie de grade 4.
Maladie de Gilbert connue ; UGT1A1*28 homozygote.
Syndrome de Gilbert, bilirubine libre élevée.
IPP 40 mg par jour, ondansétron 8 mg i.v. avant la cure.
Plaquettes 150 000/mm³, hémoglobine 9,8 g/dl, LDH 1240 U/l.
NSE 245 ng/ml, CgA 12000 ng/ml, CA 19-9 35000 U/ml.
IRM hépatique : 12 métastases, la plus grande de 48 x 36 mm.
Scanner de mars 2025 : progression hépatique et ganglionnaire.
Radiothérapie 30 Gy en 10 fractions sur T5-T7.
Stéréotaxie 5 x 7 Gy ; pelvis 45-50,4 Gy.
Le patient préfère un traitement oral ; la famille est d'accord.
La patiente refuse la perfusion et souhaite rester à domicile.
Patient informé ; directives anticipées rédigées.
Question à la RCP : topotécan ou FOLFIRI ?
La RCP retient FOLFIRI, à défaut inclusion dans NCT02820857.
Étude PRODIGE 41 et NORDIC NEC (Sorbye 2013).
Pas de métastase cérébrale ; LCR normal.
Clairance de la créatinine 48 ml/min selon Cockcroft-Gault, pas de cisplatine.
Déficit partiel en DPD : uracilémie 18 ng/ml, capécitabine à demi-dose.
BRAF V600E, MSS, TMB 4 mut/Mb, perte de RB1, TP53 muté.
TEP aux analogues de la somatostatine : Krenning 3 ganglionnaire, 1 hépatique.
177Lu-DOTATATE, 4 x 7,4 GBq, terminé en 2022-2023.
Douleur 7/10 sous morphine 120 mg ; fentanyl 25 µg/h.
Occlusion levée par une prothèse ; drain de 24 Fr dans le pelvis.
Ganglion de Virchow biopsié, siège de Pancoast à gauche.
Syndrome de Horner à gauche, syndrome de Cushing exclu.
Syndrome de Zollinger-Ellison exclu, gastrine 80 pg/ml.
Syndrome de Lynch exclu ; critères d'Amsterdam non remplis.
Lymphome de Hodgkin en 1998, mantelet 36 Gy.
Le médecin traitant contrôle la numération à J8 et J15.
J1-J5 toutes les trois semaines ; jours 1/8/15 en hebdomadaire.
Chimiothérapie de 03/2024 à 11/2024, puis pause.
Avis divergent de la radiologie : progression de moins de 20 %.
Soins de support exclusifs possibles si ECOG 3.
Épanchement pleural droit, 1500 ml évacués.
Deuxième avis du centre ENETS : FOLFIRI ou soins de support.
Morphologie à petites cellules, synaptophysine et chromogranine positives.
Toxicité : diarrhée de grade 3, mucite de grade 2, neuropathie de grade 1.
Score G8 11/17, index de Charlson 6.
Perte de 8 kg en 6 semaines, albumine 28 g/l, CRP 96 mg/l.
Réponse partielle selon RECIST 1.1 après 4 cures, puis progression.
Tarlatamab dans un centre expérimenté ; J1, J8 et J15.
Expression de DLL3 à 90 % ; essai d'un anticorps bispécifique à Gustave Roussy.
Maladie de Crohn depuis 1998, en rémission.
Hépatite B. Ténofovir en prophylaxie.
Le Comité demande si le témozolomide est utile : MGMT méthylé.
Intervalle libre sans platine de 5,5 mois.
Maxime de la consultation : ne pas nuire.
Arrêt pour toxicité rénale, créatinine 180 µmol/l.
Le sujet est né prématuré, sans séquelle.
PD-L1 CPS 12 ; pembrolizumab en troisième ligne.
"""

SPANISH = """
Carcinoma neuroendocrino de célula grande del colon, Ki-67 80 %, progresión 4 meses tras cisplatino-etopósido.
Cirugía de Whipple en 2019, R1; gemcitabina adyuvante, 6 ciclos.
Carcinoma de Merkel descartado: CK20 negativo.
Child-Pugh B, bilirrubina 2,6 mg/dl: irinotecán a dosis reducida.
Índice de Karnofsky 70 %, vive solo, desea tratamiento cerca de su casa.
Gleason 9 con diferenciación neuroendocrina, PSA 0,4 ng/ml.
Origen mülleriano poco probable, PAX8 negativo.
Supervivencia mediana de 7,2 meses según Kaplan-Meier (IC 95 % 5,1-9,8).
FOLFIRI cada 14 días, 5-FU 400/2400 mg/m² reducido al 75 %.
FOLFIRINOX 85/180/400/2400 mal tolerado: neutropenia de grado 4.
Síndrome de Gilbert conocido; UGT1A1*28 homocigoto.
Enfermedad de Crohn desde 1998, en remisión.
Plaquetas 150.000/µl, hemoglobina 9,8 g/dl, LDH 1240 U/l.
NSE 245 ng/ml, CgA 12000 ng/ml, CA 19-9 35000 U/ml.
RM hepática: 12 metástasis, la mayor de 48 x 36 mm.
TC de marzo de 2025: progresión hepática y ganglionar.
Radioterapia 30 Gy en 10 fracciones sobre T5-T7.
Estereotaxia 5 x 7 Gy; pelvis 45-50,4 Gy.
El paciente prefiere tratamiento oral; la familia está de acuerdo.
La paciente rechaza la infusión y desea quedarse en casa.
Paciente no candidato a cisplatino; paciente con ECOG 2.
Pregunta al comité: ¿topotecán o FOLFIRI?
El comité recomienda FOLFIRI o inclusión en NCT02820857.
Estudio PRODIGE 41 y NORDIC NEC (Sorbye 2013).
Sin metástasis cerebrales; LCR normal.
Aclaramiento de creatinina 48 ml/min según Cockcroft-Gault, sin cisplatino.
Déficit parcial de DPD: capecitabina a media dosis.
BRAF V600E, MSS, TMB 4 mut/Mb, pérdida de RB1, TP53 mutado.
PET de somatostatina: Krenning 3 ganglionar, 1 hepático.
177Lu-DOTATATE, 4 x 7,4 GBq, terminado en 2022-2023.
Dolor 7/10 con morfina 120 mg; fentanilo 25 µg/h.
Obstrucción resuelta con prótesis; drenaje de 24 Fr en pelvis.
Ganglio de Virchow biopsiado, localización de Pancoast izquierda.
Síndrome de Horner izquierdo, síndrome de Cushing descartado.
Síndrome de Zollinger-Ellison descartado, gastrina 80 pg/ml.
Síndrome de Lynch descartado; criterios de Ámsterdam no cumplidos.
Linfoma de Hodgkin en 1998, mantle 36 Gy.
El médico de familia controla el hemograma los días 8 y 15.
Días 1-5 cada tres semanas; días 1/8/15 semanal.
Quimioterapia de 03/2024 a 11/2024, luego pausa.
Opinión discrepante de radiología: progresión menor del 20 %.
Mejor tratamiento de soporte si ECOG 3.
Derrame pleural derecho, 1500 ml evacuados.
Segunda opinión del centro ENETS: FOLFIRI o soporte.
Morfología de célula pequeña, sinaptofisina y cromogranina positivas.
Toxicidad: diarrea grado 3, mucositis grado 2, neuropatía grado 1.
Escala G8 11/17, índice de Charlson 6.
Pérdida de 8 kg en 6 semanas, albúmina 28 g/l, PCR 96 mg/l.
Respuesta parcial según RECIST 1.1 tras 4 ciclos, luego progresión.
Tarlatamab en un centro con experiencia; días 1, 8 y 15.
Expresión de DLL3 del 90 %; ensayo de un anticuerpo biespecífico.
Hepatitis B. Tenofovir como profilaxis.
Intervalo libre de platino de 5,5 meses.
Suspendido por toxicidad renal, creatinina 1,8 mg/dl.
PD-L1 CPS 12; pembrolizumab en tercera línea.
Ondansetrón 8 mg i.v. y dexametasona 12 mg p.o.
El ensayo 2023-504567-31-00 está abierto en Barcelona.
Aloe vera tópico para la mucositis, sin interacciones.
Cuatro de 5 miembros votan por FOLFIRI.
Vía central: catéter 8 Fr, puerto en subclavia derecha.
"""

CLINICAL: dict[str, tuple[str, ...]] = {
    language: tuple(sentences.strip().splitlines())
    for language, sentences in (("en", ENGLISH), ("de", GERMAN), ("fr", FRENCH), ("es", SPANISH))
}

IDENTIFYING: tuple[str, ...] = tuple(
    """
Herr Müller wünscht keine Chemotherapie.
Frau von Weissenstein lebt allein.
Wir haben mit Hr. Yılmaz gesprochen.
herr müller kommt mit dem Sohn.
Frau K. möchte nach Hause.
Herr Klein und Frau Schwarz kommen gemeinsam.
Herr Prof. Dr. Weiss hat ihn gesehen.
Patient Jansen wünscht keine Infusion.
Pat. Schneider, Kolon, Zweitlinie.
Patientin Yılmaz, 63 Jahre.
Patient geb. 3.4.1957, MRN 12345678.
Geboren 1957, Kolonkarzinom.
Geburtsdatum 03.04.57
Name: Okonkwo, Zweitlinie nach Platin.
KVNR A123456789
Versicherten-Nr. 471, Kolon.
Fallnummer 4711 im KIS.
Wohnt Hauptstraße 12, Heidelberg.
Tel. 06221 56 1234, abends.
Erreichbar unter 0171/2345678.
Anna möchte keine Infusion.
Mr O'Neill prefers oral treatment.
Mrs. Van der Berg declined.
Ms. Okonkwo was seen on Tuesday.
Mr Brown agrees with Mrs White.
Seen by Dr. Weiss on 3.4.2026.
Patient Okonkwo, second line.
Patient: Smith, colon NEC.
Pt Johnson has progressed.
J. Smith, colon.
Smith, J., colon.
A.S., 63, colon NEC.
DOB 3/4/57.
Born 3 April 1957 in Leeds.
MRN 12345678
NHS no. 943 476 5919
SSN 123-45-6789
Lives at 45 Bridge Street, M1 1AE.
Phone 555 0134.
Call +44 161 496 0000.
Write to weiss@example.org.
Hospital number 12 from the other site.
Mme Dupont refuse la chimiothérapie.
Monsieur de La Tour souhaite rentrer.
Mme Petit et M. Blanc sont venus.
M. Dupont, côlon.
Patiente Lefèvre, deuxième ligne.
Né le 3 avril 1957.
Née en 57, côlon.
IPP 12345678, côlon.
Sécurité sociale 1 57 04 75 123 456 78.
Habite 12 rue de la Paix.
Tél. 06 12 34 56 78.
Nom : Dupont, côlon.
Sra. García rechaza la quimioterapia.
El Sr. Núñez vive solo.
La Sra. Blanco acepta.
Doña Fernández desea quedarse en casa.
Paciente García, segunda línea.
Nacido el 3 de abril de 1957.
NHC 123456
DNI 12345678Z
Vive en Calle Mayor 5.
Móvil 612 34 56 78.
Apellidos: Pérez Gómez
Lucía no desea tratamiento.
田中様は希望されています。
患者 王伟，结肠。
王先生要求继续治疗。
김철수 님은 치료를 원합니다.
""".strip().splitlines()
)
