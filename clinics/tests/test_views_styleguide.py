def test_styleguide_shows_every_section_in_both_themes(client_of, coordinator, settings):
    settings.STYLEGUIDE = True
    answer = client_of(coordinator).get("/styleguide/")
    assert answer.status_code == 200
    assert answer.content.count(b'data-theme="light"') == len(answer.context["sections"])
    assert answer.content.count(b'data-theme="dark"') == len(answer.context["sections"])


def test_styleguide_is_not_found_where_it_is_switched_off(client_of, coordinator, settings):
    settings.STYLEGUIDE = False
    assert client_of(coordinator).get("/styleguide/").status_code == 404


def test_styleguide_sends_strangers_to_the_sign_in(client, db, settings):
    settings.STYLEGUIDE = True
    assert client.get("/styleguide/").status_code == 302
