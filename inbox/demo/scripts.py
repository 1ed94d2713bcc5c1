"""The conversations of the demo clinic, as they were written: (channel, minutes ago, who, words)."""

THEY, WE, NOTE = "they", "we", "note"
DAY = 24 * 60

# Each for somebody of the pipeline, in turn.
OF_LEADS = [
    [
        ("SMS", 3 * DAY, THEY, "Hi! My son's dentist says his teeth are crowded. What is it, and do you take Delta?"),
        ("SMS", 3 * DAY - 4, WE, "Hello! We do take Delta PPO. May I ring you in a minute about your son?"),
        ("SMS", 3 * DAY - 9, THEY, "Yes please, I am free until ten."),
        ("VOICE", 3 * DAY - 12, WE, ""),
        ("EMAIL", 2 * DAY, WE, "Thank you for coming in. Here is the estimate for 18 months."),
        ("SMS", 60, NOTE, "Asked about the sibling rate on the phone. Offer it if money is the only question."),
        ("EMAIL", 21, THEY, "We looked at it last night. Could we also see what 24 months would be? And does the"
         " sibling rate stay if my daughter starts in spring?"),
    ],
    [
        ("WHATSAPP", DAY + 90, THEY, "¡Hola! ¿Atienden los sábados? Trabajo entre semana."),
        ("WHATSAPP", DAY + 80, WE, "¡Hola! Sí, dos sábados al mes, de 9 a 13 h. ¿Le aparto uno?"),
        ("WHATSAPP", 35, THEY, "Perfecto, el próximo por favor 🙏"),
    ],
    [
        ("FACEBOOK_MESSENGER", 5 * DAY, THEY, "Do you do clear aligners for adults?"),
        ("FACEBOOK_MESSENGER", 5 * DAY - 30, WE, "We do, and the first visit costs nothing. When would suit you?"),
        ("SMS", 4 * DAY, THEY, "It's me from Messenger. Thursday after five?"),
        ("SMS", 4 * DAY - 11, WE, "Thursday 5:30 it is. See you then!"),
        ("SMS", 4 * DAY - 13, THEY, "Great, thank you so much!"),
    ],
    [
        ("SMS", 8, THEY, "The wire of my new braces is poking my cheek and it bleeds. What can I do tonight?"),
    ],
    [
        ("INSTAGRAM_DM", 2 * DAY, THEY, "Saw your before and after, wow. What does something like that cost?"),
        ("INSTAGRAM_DM", 2 * DAY - 45, WE, "Thank you! It depends: most plans are between $3,900 and $5,800."),
        ("INSTAGRAM_DM", 190, THEY, "Okay. And can I pay monthly?"),
    ],
    [
        ("SMS", 9 * DAY, WE, "Hello, this is the clinic. You asked about a consultation: shall we find a time?"),
        ("SMS", 9 * DAY - 200, THEY, "Not now, please write again after the holidays."),
        ("SMS", 9 * DAY - 195, WE, "Of course. Happy holidays!"),
    ],
    [
        ("VOICE", 130, THEY, ""),
        ("SMS", 128, WE, "Sorry that we missed you! How can we help? You can answer right here."),
    ],
    [
        ("EMAIL", 6 * DAY, THEY, "Please send me the form for the insurance once more, I cannot find it."),
        ("EMAIL", 6 * DAY - 60, WE, "Here it is. Sign on page two, then we send it in for you."),
        ("EMAIL", 5 * DAY, THEY, "Signed and sent back. Thank you for being so quick!"),
    ],
]  # fmt: skip
# Each for a patient, in turn.
OF_PATIENTS = [
    [
        ("SMS", DAY, WE, "A reminder: your visit is tomorrow. Answer 1 if you come."),
        ("SMS", DAY - 25, THEY, "1"),
        ("PORTAL", 50, THEY, "Should I wear tray 9 a week longer? It still feels tight."),
    ],
    [
        ("EMAIL", 3 * DAY, THEY, "Can we move our visit by a week? The children have exams."),
        ("EMAIL", 3 * DAY - 35, WE, "Certainly, I have moved it. You get a confirmation by text."),
        ("EMAIL", 3 * DAY - 60, THEY, "Wonderful, thank you."),
    ],
    [
        ("SMS", 300, THEY, "Is it normal that the gum is swollen after the new wire?"),
        ("SMS", 270, NOTE, "Doctor says: normal for two days, come in if it gets warm."),
        ("SMS", 265, WE, "A little swelling is normal for two days. If it gets warm, please come in at once."),
        ("SMS", 250, THEY, "Good to know, thanks!"),
    ],
]  # fmt: skip
# Somebody whom nobody knows: (address, name they go by, script).
OF_STRANGERS = [
    ("+17735550126", "", [("SMS", 26, THEY, "Hello, my brother gave me your number. Do you take new patients?")]),
    ("+17735550138", "", [("VOICE", 75, THEY, "")]),
    ("ig-58120044", "smile.by.june", [("INSTAGRAM_DM", 400, THEY, "hey, do you have openings this week?")]),
    ("newsletter@dentaldeals.example", "Dental Deals", [("EMAIL", 700, THEY, "Supplies 40 percent off.")]),
]  # fmt: skip
CANNED = [
    ("hours", "When we are open", "Hello {first_name}, we are open Monday to Friday from 8 to 6."),
    ("address", "Where we are", "You find us at {location}. Ring us if you get lost: {clinic_phone}"),
    ("price", "What it costs", "Hi {first_name}, most plans are between $3,900 and $5,800, paid monthly."),
    ("visit", "Your next visit", "Hello {first_name}, your next visit is {next_visit}. {my_name}, {clinic}"),
]  # fmt: skip
