"""The shell is drawn once per person and place, and never shows one person or session to another."""
import re

from tests.runtime.web.conftest import signed_in


def tokens(client):
    return re.findall(r'name="csrf_token" value="([^"]*)"', client.get("/m/deals").text)


def test_everybody_sees_their_own_name_and_menu(boss, lan):
    for _ in range(2):
        assert "Lan Nguyễn" in lan.get("/m/deals").text and "Bo Boss" not in lan.get("/m/deals").text
        assert "Bo Boss" in boss.get("/m/deals").text and "Lan Nguyễn" not in boss.get("/m/deals").text


def test_the_menu_marks_where_one_is(lan):
    def marked(path):
        return set(re.findall(r'<a href="([^"]+)" aria-current="page"', lan.get(path).text))

    assert "/m/deals" in marked("/m/deals") and "/m/accounts" not in marked("/m/deals")
    assert "/m/accounts" in marked("/m/accounts") and "/m/deals" not in marked("/m/accounts")


def test_two_sessions_of_one_person_send_tokens_of_their_own(app):
    first, second = signed_in(app, "lan"), signed_in(app, "lan")

    for client in (first, second, first):
        mine = tokens(client)
        assert mine and "{{token}}" not in "".join(mine)
        assert client.post("/me/settings", data={"theme": "dark", "csrf_token": mine[0]}).status_code in (204, 302, 303)


def test_a_new_language_or_theme_is_seen_at_once(lan):
    token = tokens(lan)[0]

    lan.post("/me/settings", data={"language": "vi", "csrf_token": token})
    assert "Tìm" in lan.get("/m/deals").text
    lan.post("/me/settings", data={"language": "en", "theme": "light", "csrf_token": token})
    assert re.search(r'value="light"[^>]*aria-pressed="true"', lan.get("/m/deals").text)
