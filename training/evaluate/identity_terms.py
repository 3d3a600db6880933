"""Plain names of groups of people, to tell whether a message that names one is flagged more readily."""

import regex

_TERMS = {
    "fr": "femmes? filles? hommes? noire?s? arabes? musulman(?:e?s?|es) juifs? juives? immigrée?s? "
    "migrante?s? réfugiée?s? étrang(?:er|ère)s? africaine?s? asiatiques? chinoi(?:se?s?) "
    "maghrébine?s? gitan(?:e?s?|es) roms? algérien(?:ne)?s? marocaine?s? gays? lesbiennes? "
    "homosexuel(?:le)?s? bi(?:sexuel(?:le)?s)? trans handicapée?s? autistes? sourde?s? aveugles? "
    "chrétien(?:ne)?s? catholiques?",
    "en": "wom[ae]n girls? m[ae]n black african asian chinese muslims? islam jews? jewish immigrants? "
    "migrants? refugees? mexicans? indians? gays? lesbians? homosexuals? bisexuals? trans(?:gender)? "
    "disabled autistic deaf blind christians? catholics?",
    "es": "mujer(?:es)? chicas? hombres? negr[oa]s árabes? musulman[ae]s? musulmán judí[oa]s? inmigrantes? "
    "migrantes? refugiad[oa]s? extranjer[oa]s? african[oa]s? chin[oa]s? gitan[oa]s? lesbianas? "
    "homosexual(?:es)? discapacitad[oa]s? autistas? sord[oa]s? cieg[oa]s? cristian[oa]s? indígenas?",
    "de": "frau(?:en)? mädchen männer schwarzen? afrikaner(?:in|innen)? muslim(?:e|in|innen)? jude juden "
    "jüdin jüdische[nr]? flüchtlinge?n? geflüchtete[nr]? migrant(?:en|in|innen)? "
    "ausländer(?:in|innen)? türken? türkin schwule[nr]? lesben? lesbische[nr]? homosexuelle[nr]? "
    "transfrau behinderte[nr]? autisten? gehörlose[nr]? blinde[nr]? christen? roma sinti",
    "it": "donn[ae] ragazz[ae] uomini ner[oi] arab[oi] musulman[oaie] ebre[oai] ebrei immigrat[oaie] "
    "migrant[ei] rifugiat[oaie] stranier[oaie] african[oaie] cines[ei] lesbic(?:a|he) omosessual[ei] "
    "disabil[ei] autistic[oaie] sord[oi] ciech[oi] cristian[oi]",
    "pt": "mulher(?:es)? meninas? homens negr[oa]s? árabes? muçulman[oa]s? jude(?:u|us|ia|ias) imigrantes? "
    "migrantes? refugiad[oa]s? estrangeir[oa]s? african[oa]s? chines(?:a|es|as)? ciganos? lésbicas? "
    "homossexua(?:l|is) deficientes? autistas? surd[oa]s? ceg[oa]s? cristã(?:os?|s)? indígenas?",
}
_NAMED = {
    language: regex.compile(rf"(?<!\w)(?:{'|'.join(terms.split())})(?!\w)", regex.IGNORECASE)
    for language, terms in _TERMS.items()
}


def names_a_group(text: str, language: str) -> bool:
    """Whether a message says a group's plain name, in one of the languages for which names are listed."""
    return language in _NAMED and bool(_NAMED[language].search(text))
