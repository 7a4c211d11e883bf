"""How people say that they want to hear no more, in the languages of business mail; compared with folded text.

REMOVALS name a removal of the person or their data; STOPS are objections and prohibitions. A machine's text counts for the former alone.
"""

from liendea_assets.outreach.replies.folding import pattern

WORDS = pattern(
    r"un-?subscribe(?: me| us| please| all)?", r"unsub", r"stop", r"stop it", r"stop all", r"stopp", r"remove", r"remove (?:me|us)", r"delete(?: me)?",
    r"opt[- ]?out", r"opt me out", r"cancel", r"end", r"quit", r"arret", r"leave me alone", r"no more(?: e-?mails?)?", r"take me off", r"off",
    r"abmelden", r"abmeldung", r"austragen", r"abbestellen", r"abbestellung", r"loschen", r"entfernen", r"streichen", r"stornieren",
    r"me desinscrire", r"desinscription", r"desinscrire", r"desabonner", r"desabonnement", r"me desabonner", r"desabonnez[- ]moi", r"supprimer",
    r"desinscrivez[- ]moi", r"retirer", r"baja", r"de baja", r"dar(?:me)? de baja", r"darse de baja", r"cancelar", r"cancelar suscripcion",
    r"desuscribir(?:me)?", r"eliminar(?:me)?", r"cancella(?:mi|temi|re)?", r"cancellazione", r"cancellarmi", r"disiscriv\w*", r"disiscrizione", r"disdetta",
    r"rimuov(?:i|imi|ere|etemi)", r"annulla(?:re)? (?:iscrizione|l'iscrizione)", r"basta", r"uitschrijven", r"afmelden", r"schrijf (?:me|mij) uit",
    r"meld (?:me|mij) af", r"verwijder(?:en)?", r"verwijder (?:me|mij)", r"remover", r"remova(?:-me)?", r"descadastrar", r"descadastro", r"sair",
    r"cancelar (?:a )?(?:inscricao|subscricao|assinatura)", r"excluir", r"parar", r"pare", r"wypisz(?: mnie)?", r"wypisac", r"wypisanie",
    r"rezygnuje", r"rezygnacja", r"usun(?: mnie)?", r"usunac", r"anuluj", r"avregistrera(?: mig)?", r"avprenumerera", r"avsluta", r"avanmal(?:an)?",
    r"ta bort(?: mig)?", r"sluta", r"afmeld(?: mig)?", r"frameld", r"fjern(?: mig| meg)?", r"slet(?: mig)?", r"avmeld(?: meg)?", r"meld meg av",
    r"peruuta(?: tilaus)?", r"poista(?: minut)?", r"poistakaa", r"lopeta", r"odhlasit(?: se)?", r"odhlaste(?: me)?", r"odhlasit odber", r"vyradit",
    r"leiratkozas", r"leiratkozom", r"torles", r"dezabonare", r"dezabonati-ma", r"stergeti-ma", r"abonelikten cik", r"abonelik iptal(?:i)?", r"cikar",
    r"отписка", r"отписаться", r"отпишите(?: меня)?", r"отписать", r"стоп", r"удалите", r"відписатися", r"διαγραφη", r"απεγγραφη",
    r"配信停止", r"配信解除", r"登録解除", r"解除", r"停止", r"退订", r"取消订阅", r"退訂", r"取消訂閱", r"td", r"수신거부", r"수신 거부", r"구독취소",
    r"구독 취소", r"الغاء الاشتراك", r"إلغاء الاشتراك", r"הסר", r"הסירו אותי",
)  # fmt: skip

_REMOVE_ENGLISH = (
    r"\bun-?subscrib(?:e|ed|ing)\b(?!\s+from (?:our|their|another) (?:\w+ )?(?:vendor|supplier|provider|tool|service|plan)\b)(?!\s+(?:rates?|features?|flows?|headers?|metrics?|numbers|requests? volume))", r"\bunsub\b",
    r"\bopt(?:ing|ed)?[- ]?(?:me |us |my \w+ )?out\b",
    r"\b(?:remov(?:e|ing|al of)|tak(?:e|ing)|delet(?:e|ing|ion of)|drop|strike|eras(?:e|ure of)|scrub|purge|exclude|cross|get|scratch|pull)\s+"
    r"(?:me|us|myself|him|her|them)\s+(?:off|out|from|of)\b",
    r"\b(?:remove|delete|erase|purge|exclude|blacklist|suppress)\s+(?:me|us|myself|both of us)\b(?! the| an? )",
    r"\b(?:remov(?:e|ing)|tak(?:e|ing)|delet(?:e|ing)|drop|strike|eras(?:e|ing)|scrub|purge|destroy|clear|get rid of)\s+(?:all |any |of )*"
    r"(?:my|our|this|these|the above|that|their|his|her)\s+(?:(?!off\b)\w+[ -]){0,3}?(?:e-?mails?|address(?:es)?|names?|data|details?|info(?:rmation)?|contacts?|numbers?|records?|accounts?|profiles?|domains?|company|mailbox|inbox)\b",
    r"\b(?:remov\w+|tak(?:e|en)|delet\w+|drop(?:ped)?|struck|eras\w+|off|excluded?|scrub\w*)\b[^.!?\n]{0,70}\b"
    r"(?:mailing|e-?mail(?:ing)?|distribution|contact|marketing|prospect(?:ing)?|call|send(?:ing)?|outreach|spam|your|the|all|any) (?:lists?|databases?|crm|sequences?|cadences?|campaigns?|records|systems?)\b",
    r"\b(?:remov|delet|eras|purg|destroy|wip)\w*\s+(?:all|everything|anything|whatever|what|any)\b[^.!?\n]{0,40}\b(?:you|your (?:company|firm|team))\b[^.!?\n]{0,25}\b(?:hold|have|keep|store[ds]?|saved|collected|got|know|process)\b",
    r"\btake me off\b", r"\bget me off\b", r"\boff (?:of )?(?:your|this|the) (?:\w+ )?lists?\b",
    r"\bcancel (?:my|this|our|the) (?:e-?mail |newsletter )?subscription\b", r"\bright (?:to|of) (?:be forgotten|erasure|deletion|object\w*)\b",
    r"\bdelete (?:all |any )*(?:of )?(?:my|our|the) (?:\w+ ){0,2}data\b", r"\bdo[- ]not[- ](?:contact|e-?mail|call|mail)[- ]list\b",
)  # fmt: skip
_REMOVE_OTHERS = (
    # German
    r"\b(?:streich|entfern|losch|nehm|nimm|trag)\w*\b[^.!?\n]{0,80}\b(?:verteiler\w*|\w*listen?|datenbank\w*|datenbestand\w*|kartei|adressbestand|newsletter\w*|mailing\w*|e-?mail-?adresse|mailadresse|adresse)\b",
    r"\b(?:aus|von|vom)\b[^.!?\n]{0,50}\b(?:verteiler\w*|\w*listen?|datenbank\w*|newsletter\w*|mailing\w*)\b[^.!?\n]{0,50}\b(?:streich|entfern|losch|nehmen|austrag|auszutragen|herausnehm|rausnehm|abmeld|genommen|raus)\w*",
    r"\b(?:streichen|entfernen|loschen) sie (?:mich|uns|bitte|meine|unsere|alle|diese|umgehend|sofort|unverzuglich)\b", r"\b(?:entferne?|losche?|streiche?) (?:mich|uns|meine|unsere)\b",
    r"\baus(?:zu)?trag(?:en|ung)\b", r"\btrag(?:en|t)? (?:sie )?(?:mich|uns)\b[^.!?\n]{0,60}\baus\b", r"\bnehm(?:en|t) (?:sie )?(?:mich|uns|meine\w*)\b[^.!?\n]{0,60}\b(?:raus|heraus|aus|von)\b",
    r"\bnimm (?:mich|uns|meine\w*)\b[^.!?\n]{0,60}\b(?:raus|heraus|aus|von)\b",
    r"\babbestell(?:en|t|ung|e)\b", r"\babzubestellen\b", r"\b(?:newsletter|mail\w*|verteiler|werbung|liste|mich|uns)\b[^.!?\n]{0,40}\babmeld(?:en|ung|e)\b", r"\babzumelden\b",
    r"\bmeine?n? (?:\w+ )?(?:daten|e-?mail-?adresse|adresse|kontaktdaten|mailadresse)\b[^.!?\n]{0,60}\b(?:(?:zu )?losch\w*|geloscht|entfern\w*|sperr\w*)\b",
    r"\b(?:loschung|sperrung) (?:meiner|unserer|aller|samtlicher)\b", r"\babmelden\b(?=\s*[.!,]?\s*(?:$|\n|danke|vielen))",
    # French
    r"\bdesinscri\w*\b", r"\bdesabon\w*\b",
    r"\b(?:supprim|retir|enlev|effac|radi|ray|ot|efface)\w*[ -]*(?:moi|nous|mon|mes|me|notre|nos|l'|cette)\b[^.!?\n]{0,60}",
    r"\b(?:m'|me |nous )(?:supprimer|retirer|enlever|effacer|radier|rayer|oter)\b", r"\b(?:etre|soit|soient) (?:supprime|retire|radie|efface)\w*\b[^.!?\n]{0,60}\b(?:liste|base|fichier)",
    r"\bdroit (?:d'opposition|a l'effacement|a l'oubli)\b", r"\bsuppression de (?:mes|mon|nos) (?:donnees|adresse|coordonnees)\b",
    # Spanish and Portuguese
    r"\b(?:dar(?:me|nos|se)?|de[nm]?e?|date|da(?:d)?me|dame|denme|deme|denos|dennos) (?:me )?de baja\b", r"\b(?:solicito|pido|quiero|deseo) (?:la |mi )?baja\b", r"\bdesuscri\w+\b",
    r"\b(?:elimin|borr|quit|remuev|remov|retir|suprim|sac|exclu)\w*(?:me|nos|nme|nnos|rme|rnos)\b",
    r"\b(?:elimin|borr|quit|remuev|remov|retir|suprim|sac|exclu|saqu|retire)\w*\b[^.!?\n]{0,50}\b(?:listas?|base de dat?os|base de dados|mi correo|mis datos|mi direccion|mi e-?mail|meu e-?mail|meus dados|meu (?:nome|contato|contacto|endereco)|mailing)\b",
    r"\bcancelar? (?:mi|la|a|minha|nuestra|a minha) (?:suscripcion|inscricao|subscricao|assinatura)\b", r"\bderecho de (?:oposicion|supresion|cancelacion)\b", r"\bdireito de (?:oposicao|apagamento)\b",
    r"\bdescadastr\w*\b", r"\bdesinscrev\w*\b", r"\b(?:remov|retir|exclu|apag|elimin|tir)\w*[- ]me\b", r"\bme (?:remov|retir|exclu|tir|descadastr|apag)\w*\b",
    # Italian
    r"\b(?:cancell|rimuov|togl|elimin|depenn)\w*(?:mi|temi|ermi|armi|ci|teci)\b", r"\bdisiscri\w*\b", r"\bdisiscriz\w*\b",
    r"\b(?:cancell|rimuov|togl|elimin|depenn|rimozion|cancellazion)\w*\b[^.!?\n]{0,60}\b(?:list[ae]|database|mailing|newsletter|mi[oe]i? (?:\w+ )?(?:dati|indirizzo|e-?mail|nominativo|contatto)|miei dati|nominativo|iscrizione|archivi\w*)\b",
    r"\bannullare? (?:la mia |l')iscrizione\b",
    # Dutch
    r"\buit(?:ge|te )?schr(?:ijv|ev)\w*\b", r"\bschrijf (?:me|mij|ons|mijn)\b[^.!?\n]{0,40}\buit\b", r"\bafmeld(?:en|ing)\b", r"\baf te melden\b", r"\bmeld (?:me|mij|ons)\b[^.!?\n]{0,40}\baf\b",
    r"\b(?:verwijder|haal|schrap|wis)\w*\b (?:\w+ ){0,2}?(?:me|mij|ons|mijn|onze|dit|deze)\b", r"\bvan (?:uw|jullie|je|de) (?:\w+)?(?:mail\w*|lijst|verzendlijst|maillijst)\b[^.!?\n]{0,40}\b(?:halen|verwijder\w*|af)\b",
    r"\b(?:mij|me|ons|mijn \w+)\b[^.!?\n]{0,60}\b(?:te )?verwijder(?:en|d)\b",
    # Polish
    r"\bwypis(?:z|ac|anie|zcie|ani[ea]|uje)\w*\b", r"\b(?:usun|skresl|wykresl)\w*\b[^.!?\n]{0,60}\b(?:mnie|nas|moj\w*|nasz\w*|list[yae]?|bazy|danych|adres\w*)\b", r"\b(?:o )?usuniecie\b[^.!?\n]{0,60}\b(?:mnie|moich|mojego|adresu|danych|listy|bazy)\b",
    r"\brezygn\w+ z\b", r"\bodsubskryb\w*\b", r"\banul\w+ (?:subskrypcj|zapis)\w*\b",
    # Swedish, Danish, Norwegian, Finnish
    r"\bavregistrer\w*\b", r"\bavprenumerer\w*\b", r"\bavanmal\w*\b", r"\bta bort (?:mig|oss|min|mina|var|denna|den har|mej)\b", r"\b(?:stryk|radera|plocka bort|ta) (?:mig|oss|min|mina)\b[^.!?\n]{0,40}\b(?:list\w*|register|databas\w*|bort|uppgifter|adress)\b",
    r"\b(?:af|fra)meld\w*\b", r"\bmeld (?:mig|os|meg|oss) (?:af|fra|av)\b", r"\bavmeld\w*\b", r"\b(?:slet|slett|fjern)\w*\b (?:\w+ )?(?:mig|os|min|mine|mit|meg|oss|vores|denne)\b",
    r"\bpoist(?:a|akaa|aisitteko|aa|amaan|etaan)\b[^.!?\n]{0,50}\b(?:minut|meidat|sahkoposti\w*|osoit\w*|tieto\w*|list\w*)\b", r"\bperu(?:ut|ttaa|a|uta|kaa)\w* (?:uutiskirje\w*|tilau\w*)\b",
    # Czech, Slovak, Hungarian, Romanian, Turkish
    r"\bodhlas\w*\b", r"\b(?:odstran|vyrad|vymaz|smaz)\w*\b (?:\w+ )?(?:me|mne|ma|moj\w*|muj|nas)\b", r"\b(?:odstraneni|vyrazeni|vymazani|vyrazeni)\b[^.!?\n]{0,40}\b(?:z|meho|mych)\b",
    r"\bleiratkoz\w*\b", r"\biratkoz\w* le\b", r"\btorol(?:jon|jek|jetek|je|ni)\w*\b", r"\bdezabon\w*\b", r"\b(?:sterge|elimina|scoate)\w*[- ]?(?:ti)?[- ](?:ma|mi|ne|adresa|datele)\b",
    r"\babonelik\w*\b[^.!?\n]{0,30}\b(?:cik|iptal)\w*", r"\bliste\w*\b[^.!?\n]{0,30}\b(?:cikar|sil)\w*", r"\b(?:beni|adresimi|e-?postami)\b[^.!?\n]{0,50}\b(?:cikar|sil)\w*",
    # Russian, Ukrainian, Greek
    r"отпи(?:ш|с)\w*", r"(?:удал|исключ|убер|вычеркн)\w*[^.!?\n]{0,40}(?:меня|нас|мой|мои|наш|адрес|рассыл\w*|баз\w*|спис\w*)", r"відпи(?:ш|с)\w*", r"видал\w*[^.!?\n]{0,40}(?:мене|мій|адрес\w*|розсил\w*)",
    r"διαγραψτε", r"(?:διαγραφ|αφαιρ)\w*[^.!?\n]{0,40}(?:με|μου|λιστα\w*)", r"απεγγραφ\w*",
    # Japanese, Chinese, Korean, Arabic, Hebrew
    r"配信[のを]?(?:停止|解除|中止)", r"登録[のを]?(?:解除|削除)", r"リスト(?:から|より)[^。\n]{0,12}(?:削除|外し|除外)", r"(?:アドレス|連絡先|情報)を?[^。\n]{0,8}削除", r"退订", r"退訂", r"取消(?:订阅|訂閱)",
    r"(?:把|将|将)我[^。\n]{0,20}(?:删除|移除|移出)", r"从[^。\n]{0,20}(?:名单|列表)[^。\n]{0,10}(?:删除|移除|移出)", r"수신\s?거부", r"구독\s?(?:취소|해지)", r"(?:목록|명단|리스트)에서[^.\n]{0,15}(?:삭제|제외|빼)",
    r"(?:الغاء|إلغاء) (?:ال)?اشتراك\w*", r"(?:احذف|إزالة|ازالة)\w*", r"(?:הסר|להסיר|הסירו|תסירו)\w*",
)  # fmt: skip

_STOP_ENGLISH = (
    r"\b(?:stop|cease|quit|discontinue|halt|refrain from|desist from|end)\s+(?:all |any |with |this |these |the |your |me |us |further |ever |from )*(?:e-?mail\w*|mail(?:ing|s)?\b|contact\w*|messag\w*|writ(?:e|ing)|send\w*|spam\w*|bother\w*|harass\w*|reach\w* out|call(?:ing)?|approach\w*|solicit\w*|pester\w*|communicat\w*|bugging|correspondence|outreach|follow(?:ing)?[- ]?ups?)\b",
    r"\b(?:do not|don't|dont|never|please not|no need to|must not|should not|shouldn't|may not)\s+(?:ever |please |you |to )*"
    r"(?:e-?mail|mail|contact|write|message|send|bother|spam|reach out|call|approach|solicit|disturb|pester|follow[- ]?up|ping|get in touch)\b(?:\s+(?:to|with|on))?(?:\s+(?:me|us|my|our|again|any ?more|any|further|this address|here|more|anything|ever|in (?:the )?future|back|it|on this)\b|\s*[.!]*\s*(?:$|\n))",
    r"\bno (?:more|further|additional|future) (?:\w+ )?(?:e-?mails?|messages?|mails?|spam|communications?|correspondence|contact|outreach|follow[- ]?ups?|newsletters?|solicitations?|marketing)\b",
    r"\b(?:do not|don't|dont|no longer|never|not) (?:\w+ )?(?:want|wish|like|care|need|consent|agree|desire)(?:ed)?(?: for)?(?: you| your company| any of you)?(?: to)? (?:ever |also |be |get )*(?:receiv\w*|get(?:ting)?|contacted|e-?mailed|hear\w*|on (?:your|this|any)|(?:any |your |these |this |further |more |such )+(?:e-?mails?|messages?|mails?|spam|newsletters?|communications?|marketing)|mailed|solicited|approached|contact me|e-?mail me|write)\b",
    r"\b(?:would|i'd|we'd|i would|we would)? ?(?:prefer|rather) not (?:to )?(?:receiv\w*|hear|be (?:contacted|e-?mailed|approached)|get)\b", r"\bnot (?:interested|willing) (?:in|to) (?:receiv\w*|being contacted|get(?:ting)? (?:any |more |these )*e-?mails)\b",
    r"\b(?:rather|prefer|appreciate|grateful|thankful|glad|happier)(?: it)?(?: if)? (?:that )?you (?:\w+ )?(?:did not|didn't|do not|don't|would not|wouldn't|not|never|stopp?(?:ed)?|ceased?)\b[^.!?\n]{0,30}\b(?:e-?mail|mail|contact|writ|messag|send|reach|bother|approach)",
    r"\bkeep (?:me|us|my \w+|our \w+) (?:out of|off|away from)\b", r"\b(?:e-?mails?|messages?|mails?|advances|approach(?:es)?)\b[^.!?\n]{0,20}\b(?:are|is) (?:unwelcome|unwanted|not (?:welcome|wanted))\b",
    r"\bno more of (?:these|this|those|your|such)\b", r"\bno[- ](?:cold[- ])?(?:e-?mails?|outreach|calls?|solicit\w+|cold[- ]\w+)[- ]policy\b",
    r"\b(?:nobody|no[- ]?one|none of (?:us|my|our)|neither)\b[^.!?\n]{0,50}\b(?:hears?|receives?|gets?|is (?:contacted|e-?mailed)|be (?:contacted|e-?mailed)|(?:wants?|wishes) to)\b[^.!?\n]{0,30}\b(?:from you|by you|your (?:e-?mails?|mails?|messages?))\b",
    r"\bleave (?:me|us) alone\b", r"\blose my (?:e-?mail|number|address|contact|details)\b", r"\b(?:f\W?u\W?c\W?k|piss|bugger|sod|buzz) off\b", r"\bgo away\b", r"\bgo to hell\b",
    r"\b(?:i|we|hereby|formally|herewith|and) (?:\w+ )?object(?:ing|ion)?\b(?! oriented)[^.!?\n]{0,80}\b(?:to|processing|marketing|use|data|mail|contact)", r"\b(?:my|our|formal|this) objection\b", r"\bobject to (?:the |any |all |this |your |further |direct )*(?:processing|use|direct|marketing|being|e-?mails?|contact|receiving)\b",
    r"\b(?:withdraw|revoke|withdrawing|revoking|withdrawn)\b[^.!?\n]{0,30}\bconsent\b", r"\b(?:did|do|have|has|does)(?: not|n't) (?:ever )?(?:give|given|gave|provide|provided|consent|consented|authori[sz]ed?|have)\b[^.!?\n]{0,40}\b(?:consent|permission|authori[sz]ation|contacted|mail|contact)\b",
    r"\b(?:never|did not|didn't|have not|haven't) (?:sign(?:ed)? up|subscrib(?:e|ed)|opt(?:ed)?[- ]?in|ask(?:ed)? (?:for|to|you)|request(?:ed)?|agree(?:d)? to)\b", r"\bcease and desist\b",
    r"\b(?:this is|that is|it's|as|considered?|nothing but|just|pure|is) (?:an? |plain |pure |clearly |just |illegal )*(?:un[sw]olicited|spam(?:ming)?\b(?! (?:folder|filter|box|trap))|junk(?: mail)?\b(?! (?:folder|box)))",
    r"\b(?:report(?:ed|ing)?|block(?:ed|ing)?|flag(?:ged|ging)?|mark(?:ed|ing)?) (?:you|this|it|your (?:address|domain|company|e-?mails?|mails?)|the sender)\b(?: as| to| for|\s*[.!])", r"\b(?:will|going to|shall|i'll) (?:be )?(?:report|block)\w* (?:you|this|it)\b",
    r"\b(?:please|kindly|pls|just),? stop(?: (?:it|this|now|that))?\b(?! by| over| at| in| into)", r"\bwant out\b", r"\b(?:being|be|been|get|us|me) (?:removed|deleted|unsubscribed|taken off|excluded|erased)\b(?=[^.!?\n]{0,40}(?:from|off|please|list|outreach|[.!]|$|\n))", r"\bno (?:more )?follow[- ]?ups?\b", r"\b(?:my|our) (?:\w+ ){0,2}?(?:details|data|address|e-?mail|name|information|record|contact)\w* (?:be |to be |should be |must be )?(?:deleted|removed|erased|taken off)\b", r"\b(?:don't|do not|never|not) (?:receive|get|hear)\b[^.!?\n]{0,40}\b(?:again|any ?more|from you)\b", r"\bbe reported\b", r"\btake off\b[^.!?\n]{0,20}\blists?\b", r"\byou(?: are|'re|r \w+ is) (?:now |hereby |being )?blocked\b", r"\bkeine (?:\w+ )?werbung\b", r"\bum (?:\w+ ){0,2}?(?:loschung|austragung|entfernung|abmeldung)\b", r"(?:^|[.!\n]\s*)(?:please )?(?:remove|delete|stop)\s*(?:[.!]|$|\n)", r"\bremove from (?:the |your |this |any )?(?:\w+ )?lists?\b", r"\bha(?:ve|s) no (?:\w+ )?(?:permission|consent|right) (?:to|for)\b", r"(?:^|\n)\s*stop\s*[.!]", r"\b(?:make|let) (?:it|this) stop\b", r"\benough (?:already|of this|with the)\b",
    r"\bnot (?:welcome|appreciated|wanted)\b[^.!?\n]{0,30}\b(?:again|anymore|further|here)\b", r"\b(?:unsolicited|unwanted) (?:commercial |marketing |sales |bulk )*(?:e-?mails?|messages?|mails?|communications?|contact|offers?)\b",
)  # fmt: skip
_STOP_OTHERS = (
    # German
    r"\b(?:nichts|nie) (?:mehr|wieder|weiter\w*)\b[^.!?\n]{0,30}\b(?:zu(?:zu)?send\w*|zu(?:zu)?schick\w*|schick\w*|send\w*|schreib\w*|hor\w*)\b",
    r"\b(?:von|vor|mit)\b[^.!?\n]{0,60}\b(?:\w*mails?|anschreiben|nachrichten|\w*werbung|kontakt\w*|zusendung\w*|anfragen|angeboten?)\b[^.!?\n]{0,40}\b(?:absehen|abzusehen|abstand|verschon\w*|unterlass\w*)\b",
    r"\bkeine?n?\b (?:\w+ ){0,2}?(?:weitere[nr]?|mehr|unaufgeforderte[nr]?|solchen?|derartigen?|kunftigen)\b[^.!?\n]{0,50}\b(?:e-?mails?|mails?|werbung|werbe\w*|nachrichten|newsletter|zusendungen?|kontakt\w*|anfragen|angebote|anschreiben|post|anrufe|schreiben|kontakt)\b",
    r"\bkeine?n?\b (?:\w+ ){0,2}?(?:e-?mails?|mails?|werbung|werbe\w*|nachrichten|newsletter|zusendungen?|kontakt\w*|angebote|post|anschreiben)\b[^.!?\n]{0,40}\b(?:mehr|erhalten|bekommen|schicken|senden|zusenden|zu ?schicken|wunsch\w*|erwunscht|von ihnen|empfangen|haben)\b",
    r"\b(?:nicht|nie|niemals) (?:mehr|weiter|erneut|wieder|nochmals?|noch einmal|langer|mehr weiter)\b[^.!?\n]{0,40}\b(?:kontaktier\w*|anschreib\w*|schreib\w*|belastig\w*|angeschrieben|anzuschreiben|mail\w*|meld\w* sie|kontakt\w*|werbung|senden|schicken|zusenden|behelligen|anruf\w*)\b",
    r"\b(?:kontaktieren|schreiben|mailen|belastigen|kontaktier|schreib|mail) (?:sie )?(?:mich|uns|mir|bitte)\b[^.!?\n]{0,40}\b(?:nicht|nie|keine\w*)\b", r"\b(?:schicken|senden|schick|sende) (?:sie )?(?:mich|uns|mir|bitte)\b[^.!?\n]{0,40}\bkeine?\w* (?:\w+ )?(?:e-?mails?|mails?|werbung|nachrichten|newsletter|angebote|post)\b", r"\bhor(?:en|t)? (?:sie )?(?:\w+ )?auf\b", r"\bunterlass(?:en|t|ung)\b", r"\bin ruhe\b(?=\s*[.!]|\s*$|\s*\n)(?<=ruhe)", r"\blass(?:en|t)? (?:sie )?(?:mich|uns) (?:\w+ )?in (?:ruhe|frieden)\b",
    r"\bwiderspr(?:eche|ech|uch|icht)\w*\b[^.!?\n]{0,80}", r"\bverschon(?:en|t)? (?:sie )?(?:mich|uns)\b", r"\b(?:unaufgefordert|unerwunscht|unverlangt|unerbeten)e?[nrs]?\b[^.!?\n]{0,40}\b(?:werbung|e-?mails?|werbe\w*|nachrichten?|zusendung\w*|kontakt\w*|zugesandt\w*)\b",
    r"\bdsgvo\b[^.!?\n]{0,80}\b(?:losch|widersp|unterlass|auskunft|verstoss|verstoß)\w*", r"\b(?:mochte|will|wollen|mochten|wunsche|wunschen) (?:\w+ ){0,6}?(?:nicht|keine\w*)\b[^.!?\n]{0,60}\b(?:kontaktiert|angeschrieben|erhalten|bekommen|mails?|werbung|belastigt|empfangen|angemailt)\b",
    # French
    r"\bn(?:e|')\s?(?:\w+[' -]){0,5}?(?:plus|jamais)\b[^.,;!?\n]{0,40}\b(?:recev\w*|contacte\w*|envoy\w*|sollicit\w*|ecri\w*|demarch\w*|importun\w*|derang\w*|mails?|messages?|relanc\w*|adress\w*)\b",
    r"\bn(?:e|')\s?(?:\w+[' -]){0,3}?(?:contact|envoy|ecriv|sollicit|relanc|derang|importun|adress)\w*[- ]*(?:moi|nous)? ?(?:plus|jamais)\b", r"\bne (?:souhait|veu|desir|voul)\w+ (?:pas|plus)\b[^.!?\n]{0,40}\b(?:recev\w*|contact\w*|sollicit\w*|mails?|demarch\w*)\b",
    r"\b(?:cess|arret)\w*\b (?:immediatement )?(?:de |d'|vos|ces|les|tout|toute)[^.!?\n]{0,40}", r"\b(?:m'|nous )oppos\w*\b", r"\b(?:laiss|fich|foute)\w*[- ](?:moi|nous) (?:tranquille\w*|la paix)\b", r"\bopposition (?:au|a tout) (?:traitement|demarchage|envoi)\b", r"\bplus (?:de|d'|aucun) (?:mails?|e-?mails?|messages?|courriels?|sollicitations?|pub\w*|relances?)\b",
    # Spanish
    r"\bno (?:me|nos|vuelv\w+|quier\w+|dese\w+) (?:a )?(?:\w+ ){0,2}?(?:envi|mand|escrib|contact|molest|llam|recib|ser contact)\w*\b", r"\bno (?:envi|mand)\w+ (?:mas|nunca)\b", r"\bno (?:quiero|queremos|deseo|deseamos|estoy interesad\w en) (?:seguir )?(?:recib|que me|que nos|sus correos|mas|ser contact)\w*", r"\b(?:dej|par|ces)\w+ (?:ya )?de (?:envi|mand|escrib|contact|molest|llam)\w*\b",
    r"\bme opongo\b", r"\bni un (?:correo|mensaje|email) mas\b", r"\bno mas (?:correos?|e-?mails?|mensajes?|publicidad|spam)\b",
    # Portuguese
    r"\bnao (?:quero|queremos|desejo|desejamos|pretendo|gostaria|tenho interesse em|autorizo|autorizei)\b[^.!?\n]{0,30}\b(?:receb|contat|contact|mensagens|e-?mails?|mais)\w*", r"\bnao (?:me |nos |voltem? a |volte a )(?:\w+ )?(?:envi|mand|contat|contact|escrev|incomod|ligu)\w*", r"\bnao (?:envie|envien|enviem|mande|mandem|contacte|contactem|contate|contatem|escreva|escrevam)\w*(?:-me|-nos)? ?(?:mais|nada)?\b",
    r"\b(?:par|deix|cess)\w+ de (?:me |nos )?(?:envi|mand|contat|contact|escrev|incomod)\w*", r"\b(?:me oponho|oponho-me)\b", r"\bchega de (?:e-?mails?|mensagens|spam)\b",
    # Italian
    r"\bnon (?:desider|vogli|voler|intend|gradi|vorre)\w*\b[^.!?\n]{0,40}\b(?:ricever|contatt|e-?mail|comunicazion|essere disturb|messagg)\w*", r"\bnon (?:mi |ci |vogliate |dovete )?(?:piu )?(?:scriv|contatt|invi|mand|disturb|spedi)\w+(?:mi|ci)? ?(?:piu|mai|altr\w+|ulterior\w+|nulla)\b", r"\bnon (?:scriv|contatt|invi|mand|disturb)\w*(?:temi|etemi|atemi|armi|ermi|mi|ci)\b",
    r"\bsmett\w+\b[^.!?\n]{0,20}\b(?:scriv|invi|mand|contatt|disturb|spam)\w*", r"\bsmett(?:etela|ila|etelo|iamola)\b", r"\bbasta (?:con |e-?mail|mail|messagg|scriver|spam|invia|pubblicita)\w*", r"\b(?:mi oppongo|ci opponiamo)\b", r"\bopposizione al\b[^.!?\n]{0,40}\btrattamento\b", r"\bcess\w+ (?:l'invio|di (?:invia|scriver|contatt)\w*)\b", r"\blasci\w+ in pace\b",
    # Dutch
    r"\bgeen\b (?:\w+ ){0,3}?(?:e-?mails?|mails?|mailtjes|berichten|reclame|post|aanbiedingen|nieuwsbrieven|contact)\b[^.!?\n]{0,30}\b(?:meer|ontvangen|sturen|te sturen|toe te sturen|krijgen|hebben|opnemen)\b", r"\bgeen (?:verdere|toekomstige|ongevraagde) \w*(?:mail|bericht|contact|reclame)\w*\b", r"\bgeen prijs\b",
    r"\b(?:niet|nooit) (?:meer|langer|weer|opnieuw)\b[^.!?\n]{0,30}\b(?:mail\w*|contact\w*|benader\w*|gemaild|schrijven|stur\w*|lastig\w*|berichten)\b", r"\b(?:mail|benader|contacteer|stuur|schrijf) (?:me|mij|ons) (?:\w+ )?(?:niet|nooit|geen)\b", r"\bstop (?:met|hiermee|er ?mee|aub)\b", r"\bbezwaar\b[^.!?\n]{0,40}\b(?:tegen|verwerking|maak)\b", r"\bmaak (?:ik )?bezwaar\b", r"\blaat (?:me|mij|ons) met rust\b", r"\bwil (?:ik )?(?:niet|geen)\b[^.!?\n]{0,40}\b(?:ontvang|benader|gemaild|mail|contact)\w*",
    # Polish
    r"\bnie (?:chce|zycze|zyczymy|chcemy|zgadzam|wyrazam|wyrazalem|wyrazalam|zamierzam)\b[^.!?\n]{0,60}\b(?:otrzym|dostaw|kontakt|wiadomosc|maili|korespondencj|zgody|mejli|e-?mail|przetwarz|ofert)\w*", r"\b(?:prosze )?(?:wiecej )?nie (?:wysyl|przysyl|pis|kontakt|niepok|dzwon)\w*", r"\b(?:zaprzesta|przesta)\w*\b[^.!?\n]{0,40}", r"\bsprzeciw\w*\b", r"\b(?:dajcie|daj|prosze dac) mi (?:swiety )?spokoj\b", r"\bnie zyczymy sobie\b",
    # Swedish, Danish, Norwegian, Finnish
    r"\bsluta\b[^.!?\n]{0,20}\b(?:maila|mejla|skicka|kontakta|spamma|hora|skriv\w*|ringa)\b", r"\b(?:inte|inga|aldrig|ej)\b[^.!?\n]{0,30}\b(?:fler|mer|langre|mera|igen|ytterligare|framover|nagra)\b[^.!?\n]{0,30}\b(?:mail|mejl|utskick|e-?post|meddelanden|kontakt\w*|brev|reklam|hora|maila|bli)\w*\b", r"\bvill (?:jag |vi )?(?:inte|ej|inga)\b[^.!?\n]{0,30}\b(?:ha|fa|bli|kontakt\w*|mejl|mail|utskick)\b",
    r"\b(?:kontakta|maila|mejla|skriv till) (?:mig|oss) (?:inte|aldrig|ej)\b", r"\binga fler\b[^.!?\n]{0,20}\b(?:mail|mejl|utskick|e-?post|meddelanden)\b", r"\bstop (?:\w+ )?med\b", r"\b(?:ikke|ingen|aldrig|aldri)\b[^.!?\n]{0,40}\b(?:flere|mere|mer|laengere|lenger|igen|igjen)\b[^.!?\n]{0,30}\b(?:mails?|maile\w*|e-?post\w*|henvend\w*|kontakt\w*|beskeder?|skriv\w*|sende?|reklamer?|meldinger|nyhedsbrev\w*)\b", r"\b(?:ikke|ingen|aldrig|aldri)\b[^.!?\n]{0,30}\b(?:mails?|e-?post|henvend\w*|kontakt\w*|beskeder|skriv\w*|sende?|meldinger)\b[^.!?\n]{0,30}\b(?:flere|mere|mer|laengere|lenger|igen|igjen)\b", r"\b(?:kontakt|skriv til|send|mail) (?:mig|os|meg|oss)? ?(?:ikke|aldrig|aldri)\b", r"\bonsker (?:jeg |vi )?(?:ikke|ingen)\b[^.!?\n]{0,40}", r"\bslutt (?:a|med)\b", r"\bfrabeder\b", r"\bvil (?:jeg |vi )?ikke (?:have|ha|modtage|motta|kontaktes)\b",
    r"\bala(?:kaa)? (?:enaa )?(?:laheta|ota|lahet\w*|kirjoit\w*|ott\w*)\b", r"\balkaa (?:enaa )?(?:lahet|ott|kirjoit|sposti|spamm)\w*", r"\ben (?:enaa )?halua\b[^.!?\n]{0,40}\b(?:viest|post|yhteyd|mainok|saada|vastaanot)\w*", r"\blopet(?:a|takaa|takaas)\b[^.!?\n]{0,30}",
    # Czech, Slovak, Hungarian, Romanian, Turkish
    r"\bne(?:posil|kontakt|zasil|pis|otravuj|piste|obtezuj|preji|preju|zadam)\w*\b[^.!?\n]{0,30}", r"\bnechc(?:i|eme|em)\b[^.!?\n]{0,40}\b(?:dosta|odebir|mail|zprav|sprav|kontakt)\w*", r"\bprestan\w*\b[^.!?\n]{0,30}", r"\bne (?:kuld|ir|keres|zaklas|zavar)\w*\b", r"\bnem (?:kerek|szeretne\w*|kivan\w*)\b[^.!?\n]{0,40}\b(?:tobb|level|e-?mail|hirlevel|kapni|megkeres)\w*",
    r"\bnu (?:mai )?(?:doresc|vreau|dorim)\b[^.!?\n]{0,40}\b(?:prim|contact|e-?mail|mesaj)\w*", r"\bnu[- ](?:ma|mi|ne) (?:mai )?(?:contact|trimit|scri)\w*", r"\b(?:bir daha|artik)\b[^.!?\n]{0,40}\b\w*(?:meyin|mayin|me|ma|miyorum|istemiyor\w*)\b", r"\b(?:almak|gelmesini|iletisim) istemiyor\w*\b", r"\b(?:mail|e-?posta|mesaj) (?:atmay|gonderme|yollama)\w*",
    # Russian, Ukrainian, Greek
    r"не (?:надо |нужно |смейте |стоит )?(?:больше )?(?:мне |нам |меня |нас )?(?:больше )?(?:пи[сш]|присыла|отправля|шл|беспоко|звон|контакт|связыва)\w*", r"прекратит\w*[^.!?\n]{0,40}", r"не (?:хочу|хотим|желаю|желаем)[^.!?\n]{0,30}(?:получ|рассыл|писем|письма)\w*", r"больше не (?:пи|шл|присыл|беспоко)\w*", r"не (?:пиш|надсила|турбу)\w*", r"μη(?:ν)? (?:μου |μας |με |ξανα)*(?:στειλ|στελν|ξαναστειλ|επικοινων|ενοχλ|γραφ)\w*", r"σταματη\w*[^.!?\n]{0,30}", r"δεν (?:θελω|επιθυμω)[^.!?\n]{0,40}(?:λαμβαν|μηνυματα|email)\w*",
    # Japanese, Chinese, Korean, Arabic, Hebrew
    r"(?:送|配信|連絡|メール)[^。\n]{0,12}(?:しないで|ないで|不要|ご遠慮|お控え|やめて|結構です|お断り)", r"(?:今後|以後)[^。\n]{0,30}(?:不要|遠慮|控え|やめて|送らない|お断り|しないで)", r"(?:不要|别|勿|請勿|请勿|不要再|别再)(?:再)?(?:给我|給我|向我)?(?:发|發|联系|聯繫|寄|打扰|打擾|骚扰)", r"停止(?:发送|發送|联系)",
    r"(?:보내지|연락하지|발송하지)\s?(?:마|말|않)", r"받고 싶지 않", r"لا (?:ترسل|تراسل|تتصل|اريد|أريد)\w*", r"توقف\w*", r"(?:אל|לא) (?:תשלח|לשלוח|תפנ|מעוניין לקבל)\w*", r"תפסיקו",
)  # fmt: skip

_NEGATION = pattern(
    r"(?:^|[.!?,;\n]\s*|\bplease\s|\bbut\s)(?:please )?(?:do not|don't|dont|never|no need to)\s+(?:you )?$",
    r"\b(?:i|we)(?:'m| am|'re| are| do| did| have|'ve)?(?: not|n't)(?: want(?:ed|ing)?| trying| looking| wish(?:ing)?| asking| mean(?:t|ing)?)?(?: you)?(?: to)?\s+$",
    r"\b(?:before|instead of|rather than) (?:you |i |we )?$",
    r"\b(?:nicht|nie) $",
)
_NOTHING = pattern(r"(?!)")

REMOVALS = ((pattern(*_REMOVE_ENGLISH), pattern(*_REMOVE_OTHERS)), _NEGATION)
STOPS = ((pattern(*_STOP_ENGLISH), pattern(*_STOP_OTHERS)), _NOTHING)

# What senders of mail write below it, and what readers quote of it.
NOT_A_WISH = pattern(
    # how something else than a person is taken out of something
    r"\bhow (?:do|does|can|could|would|to)(?: (?:i|we|you|one|it|your \w+))? (?:remove|delete|drop|exclude)\s+(?!me\b|us\b|my\w*\b|our\w*\b|this\b|these\b|it\b|him\b|her\b|them\b|you\b|from\b|off\b|all\b|every|any)[^\n!?.]{0,160}",
    r"(?:^|[\n.!?|•·;:]\s*|\bor )(?:to|in order to) (?:un-?subscribe|opt[- ]?out|be removed|stop receiving|no longer receive|manage)\b[^\n!?]{0,160}",
    r"\bif (?:you|this)\b(?: would| do not| don't| no longer| prefer| wish| want| are| was)[^\n.!?]{0,25}\b(?:rather|prefer|wish|want|like|hear|receive|receiving|interested)\b[^\n!?]{0,240}",
    r"\b(?:you (?:can|may|could)|feel free to) (?:also |always |easily )?(?:un-?subscribe|opt[- ]?out|manage)\b[^\n!?]{0,160}",
    r"\b(?:click|tap|use|follow|reply|respond|answer|press|visit|write|text)\b(?: \w+){0,6}? (?:with |to )?[\"'\[(]?(?:un-?subscribe|opt[- ]?out|remove|stop)\b[\"'\])]?[^\n!?]{0,100}(?=\n|$|\.)(?<!does not work)",
    r"\bun-?subscribe\b[ \t]*(?:here|instantly|at any time|from (?:this list|these (?:e-?mails|notifications)))?[ \t]*(?:[<(\[|]|https?:|mailto:|:)[^\n]{0,300}",
    r"(?:^|\n)[ \t]*un-?subscribe (?:here|instantly|at any time|from this (?:list|newsletter))[^\n]{0,100}(?=\n|$)",
    r"[|•·][^\n]{0,40}\bun-?subscribe\b[^\n]{0,60}",
    r"\bwenn sie\b[^\n.!?]{0,40}\b(?:keine|nicht|nichts)\b[^\n!?]{0,40}\b(?:mehr|mochten|wunschen|wollen)\b[^\n!?]{0,200}",
    r"\b(?:um|zum) (?:sich )?(?:abzumelden|abmelden|abbestellen)\b[^\n!?]{0,160}", r"\b(?:konnen sie sich|hier) (?:\w+ ){0,3}?(?:abmelden|austragen|abbestellen)\b[^\n!?]{0,120}",
    r"\bsi vous ne (?:souhaitez|desirez|voulez) plus\b[^\n!?]{0,240}", r"\bpour (?:vous|se) (?:desinscrire|desabonner)\b[^\n!?]{0,200}", r"\bsi no (?:desea|quiere)\b[^\n!?]{0,240}", r"\bpara (?:darse de baja|cancelar|descadastrar)\b[^\n!?]{0,40}\b(?:haga|clic|clique|pulse|responda|escriba)\b[^\n!?]{0,160}",
    r"\bse non (?:desidera|vuole|desideri|vuoi)\b[^\n!?]{0,240}", r"\bper (?:cancellarsi|disiscriver\w+)\b[^\n!?]{0,200}",
)  # fmt: skip
