"""What other systems call the fields of a lead and their values, in the languages that clinics write in.

Headings are written plain: lower case, without accents or signs, one space between words, as `mapping.plain` leaves
them.
"""

HEADINGS = {
    "first_name": """first name|given name|forename|fname|first|contact first name|lead first name|nombre de pila
        |primer nombre|prenom|vorname|nome proprio|primeiro nome|名|名前|имя""",
    "last_name": """last name|surname|family name|lname|last|contact last name|lead last name|apellido|apellidos
        |nom de famille|nachname|familienname|cognome|sobrenome|apelido|姓|фамилия""",
    "full_name": """full name|name|lead name|contact name|customer name|client name|lead|contact full name
        |display name|parent name|guardian name|responsible party|your name|nombre|nombre completo
        |nombre y apellidos|nom|nom complet|nom et prenom|name vorname|vollstandiger name|ansprechpartner|kontakt
        |nome|nome completo|nome e cognome|氏名|お名前|姓名|име|фио|имя и фамилия|이름|الاسم
        |person name|contact person|client|client full name|guest name|guest|patient name|patient|lead full name""",
    "patient_first_name": """patient first name|child|kid|patient first|child first|student first name
        |patients first name|child first name|patient given name
        |nombre del paciente|prenom du patient|vorname des patienten|patient vorname|nome do paciente|nome paziente""",
    "patient_last_name": """patient last name|patient last|child last|student last name
        |patients last name|child last name|patient surname
        |apellido del paciente|apellidos del paciente|nom du patient|nachname des patienten|patient nachname
        |sobrenome do paciente|cognome paziente""",
    "patient_dob": """birth date|birthdate|birthday|date of birth|dob|d o b|patient dob|patient birth date
        |patient date of birth|patient birthdate|fecha de nacimiento|nacimiento|geburtsdatum|geburtstag
        |date de naissance|data di nascita|data de nascimento|生年月日|дата рождения""",
    "email": """email|e mail|mail|email address|e mail address|mail address|contact email|work email|primary email
        |your email|correo|correo electronico|direccion de correo|courriel|adresse email|adresse e mail|adresse mail
        |mel|e mail adresse|mailadresse|posta elettronica|indirizzo email|endereco de email|メール|メールアドレス
        |電子メール|邮箱|电子邮件|電子郵件|почта|электронная почта|이메일|البريد الالكتروني|البريد
        |email 1|e mail 1 value|email 1 value|person email|person email work|person email home|email work
        |email home|primary email address|client email|guest email""",
    "phone": """phone|phone number|telephone|telephone number|tel|tel no|mobile|mobile phone|mobile number|cell
        |cell phone|cellphone|contact number|contact phone|phone contact|primary phone|home phone|work phone
        |daytime phone|your phone|telefono|numero de telefono|telefono movil|movil|celular|telefone|telemovel
        |numero de telefone|numero de telephone|portable|mobile telephone|telefonnummer|telefon|handy|handynummer
        |rufnummer|mobilnummer|mobiltelefon|cellulare|numero di telefono|recapito telefonico|電話|電話番号|携帯
        |携帯電話|电话|手机|手机号|電話號碼|телефон|номер телефона|전화|전화번호|휴대폰|الهاتف|رقم الهاتف
        |phone phone
        |phone 1|phone 1 value|person phone|person phone mobile|person phone work|person phone home
        |phone mobile|phone home|phone work|client phone|guest phone|guest mobile""",
    "phone_alt": """alternate phone|alternative phone|other phone|second phone|secondary phone|phone 2|phone2
        |mobile 2|additional phone|whatsapp|whatsapp number|whatsapp phone|otro telefono|telefono 2|autre telephone
        |telephone 2|weitere telefonnummer|telefon 2|altro telefono|outro telefone|telefone 2""",
    "source": """source|lead source|referral type
        |original source|leadsource|source of lead|traffic source|channel|referral source
        |fuente|origen|fuente del lead|canal|source du lead|provenance|origine|quelle|herkunft|kanal|fonte
        |fonte do lead|origem|provenienza|流入元|来源|источник""",
    "source_detail": """source detail|source details|lead source detail|original source drill down 1|lead origin
        |referred by|referrer name|form name|form
        |how did you hear about us|how did you find us|como nos conocio|comment nous avez vous connu
        |wie haben sie von uns erfahren|come ci hai conosciuto|como nos conheceu""",
    "source_campaign": """campaign|campaign name|source campaign|ad campaign|campana|nombre de campana|campagne
        |nom de campagne|kampagne|kampagnenname|campagna|campanha|キャンペーン""",
    "stage": """stage|pipeline stage|lead stage|deal stage|opportunity stage|lifecycle stage|etapa|fase|etape|phase
        |stufe|estagio|ステージ""",
    "status": """status|lead status|state of lead|contact status|estado|estado del lead|situacion|statut
        |statut du lead|stato|situacao|ステータス|状态|статус""",
    "tags": """tags|tag|labels|label|etiquetas|etiqueta|etiquettes|schlagworte|markierungen|etichette|タグ|标签|теги""",
    "notes": """notes|note|comments|comment|message|remarks|description|notas|comentarios|mensaje|observaciones
        |commentaire|commentaires|remarques|bemerkung|bemerkungen|notiz|notizen|nachricht|kommentar|messaggio
        |commenti|observacoes|mensagem|備考|メモ|备注|заметки""",
    "external_id": """id|record id|patient id|pat id|patient number
        |chart number|chart|chart no|chart id|lead id|contact id|prospect id|external id|customer id|client id|deal id
        |hubspot id|salesforce id|crm id|uuid|guid|identificador|identifiant|kennung|identificativo|codice|unique id
        |object id
        |guest code|person id|zenoti guest code""",
    "created_at": """created|deal created|lead created|event created date time
        |created at|create date|created date|created time|creation date|date created|date added
        |added on|created on|submitted at|submission date|timestamp|date|lead date|inquiry date|fecha
        |fecha de creacion|fecha de alta|date de creation|cree le|erstellt|erstellt am|erstelldatum|datum|data
        |data di creazione|data de criacao|criado em|作成日|登録日|创建时间|дата создания""",
    "expected_value": """value|expected value|amount|deal value|deal amount|opportunity value|estimated value
        |lead value|expected revenue|case fee|treatment fee|valor|valor esperado|importe|montant|valeur|wert|betrag
        |erwarteter wert|valore|importo|valor estimado|金額
        |presupuesto|pipeline value""",
    "treatment_interest": """treatment|treatment interest|interest|interests|service|services|procedure
        |interested in|treatment type|service interest|tratamiento|tratamiento de interes|servicio|interes
        |traitement|soin|behandlung|leistung|interesse|trattamento|servizio|tratamento|servico|施術""",
    "insurance_carrier": """insurance|insurance carrier|insurance company|insurance name|insurance provider|carrier
        |primary insurance|prim ins|primary ins|pri ins
        |dental insurance|insurer|aseguradora|seguro|seguro dental|mutua|assurance|mutuelle
        |versicherung|krankenkasse|assicurazione|convenio""",
    "insurance_member_id": """insurance member id|insurance id|member id|member number|subscriber id|subscriber no
        |sub id|ins id
        |policy number
        |insurance number|insurance policy number|numero de poliza|poliza|versicherungsnummer|numero de afiliado""",
    "address_line1": """address|street|street address|address 1|address line 1|mailing street|direccion|calle
        |adresse|rue|strasse|anschrift|indirizzo|via|endereco|rua|morada|住所""",
    "city": """city|town|mailing city|locality|ciudad|poblacion|ville|stadt|ort|wohnort|citta|cidade|市区町村|城市
        |город""",
    "state": """state|province|region|state province|mailing state
        |mailing state province|county|estado provincia|provincia|departement
        |bundesland|regione|uf|都道府県|省""",
    "postal_code": """postal code|zip|zip code|postcode|zip postal code|mailing zip
        |mailing zip postal code|mailing postal code|codigo postal|code postal|plz
        |postleitzahl|cap|cep|郵便番号|邮编""",
    "country": """country|country region|mailing country|nation|pais|pays|land|paese|nazione|国|国家|страна""",
    "preferred_contact": """preferred contact|preferred contact method|contact preference|preferred channel
        |best way to reach you|contacto preferido|medio de contacto preferido|contact prefere|bevorzugter kontakt
        |bevorzugter kontaktweg|contatto preferito|contato preferido""",
    "ad_platform": """platform|ad platform|ad network|publisher platform|plataforma|plateforme|plattform|piattaforma""",
    "assigned_to": """assigned to|assigned|owner|lead owner|contact owner|assignee|sales rep|rep|coordinator
        |treatment coordinator|agent|assigned user|responsable|asignado a|propietario|assigne a|proprietaire
        |zustandig|zustandiger|betreuer|besitzer|assegnato a|responsabile|atribuido a|responsavel|担当者|担当|负责人
        |ответственный""",
    "converted": """converted|is converted|won|is won|conversion|outcome|closed won|became patient|is patient
        |convertido|ganado|converti|konvertiert|gewonnen|convertito""",
    "utm_source": "utm source",
    "utm_medium": "utm medium",
    "utm_campaign": "utm campaign",
    "utm_term": "utm term|keyword",
    "utm_content": "utm content",
    "gclid": "gclid|google click id|gcl id",
    "fbclid": "fbclid|facebook click id|fb click id",
    "landing_page": """landing page|landing page url|first page seen|entry page|page url|pagina de destino
        |page de destination|zielseite|pagina di destinazione""",
    "referrer": "referrer|referer|referring url|referring site|http referrer|referrer url",
}

SIGNS = {
    "☎": "phone",
    "📞": "phone",
    "📱": "phone",
    "✉": "email",
    "📧": "email",
    "📨": "email",
    "👤": "name",
    "🧑": "name",
    "📅": "date",
    "🗓": "date",
    "🏠": "address",
    "📍": "address",
    "🏙": "city",
    "💬": "message",
    "📝": "notes",
    "🏷": "tags",
    "💰": "value",
    "💵": "value",
    "🌍": "country",
    "🌎": "country",
    "🌐": "country",
}

PARTICLES = """de da do dos das di del della dello dei degli van von der den ter ten la le los las el al bin ibn ben st
    zu zur du"""
TITLES = "mr mrs ms miss mx dr prof sir herr frau hr fr mme mlle m sr sra srta dott dottssa sig sigra dra"
SUFFIXES = "jr sr ii iii iv phd md dds dmd esq"
YES = "yes y true t 1 x si oui ja sim won converted closedwon ganado convertido vrai wahr verdadero vero はい да"
NO = "no n false f 0 non nein nao lost open faux falsch falso いいえ нет 否"

STATUSES = {
    "NEW": """new open nuevo abierto nouveau ouvert neu offen nuovo aperto novo aberto opennotcontacted notcontacted
        uncontacted""",
    "ACTIVE": """active inprogress working workingcontacted contacted attemptedtocontact connected opendeal qualified
        engaged nurturing activo contactado enproceso actif contacte encours aktiv kontaktiert inbearbeitung attivo
        contattato ativo contatado contactinfuture prequalified""",
    "CONVERTED": """converted closedconverted won closedwon customer patient convertido ganado converti gewonnen
        convertito""",
    "LOST": """lost closedlost closednotconverted unqualified badtiming notinterested disqualified junk
        junklead lostlead perdido perdu verloren perso""",
    "ARCHIVED": "archived inactive archivado archive archiviert archiviato arquivado",
}
CONTACT_WAYS = {
    "PHONE": "phone call telephone telefono telefon telefone appel llamada anruf mobile",
    "EMAIL": "email mail correo courriel",
    "TEXT": "text sms textmessage whatsapp mensaje",
    "ANY": "any either both cualquiera egal",
}
